"""Which sources the rules of Istio's policies match (``Source``, and conditions on attributes of the source)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.engine.reach.dialects.calico.vocabulary import SERVICE_ACCOUNT
from firedoor.engine.reach.dialects.istio.mesh import INSIDE
from firedoor.engine.reach.dialects.istio.vocabulary import MESH, block_of
from firedoor.engine.reach.matches import Match
from firedoor.model.mesh_config import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from firedoor.engine.reach.scene import Scene
    from firedoor.model.istio import Condition, Source

    Test = Callable[[str], Match]

_ATTRIBUTES = {
    "source.principal": "principals",
    "source.namespace": "namespaces",
    "source.serviceAccount": "serviceAccounts",
    "source.trustDomain": "trustDomains",
}


class Sources:
    """
    The columns that sources and conditions match, as a proxy at the destination sees them.

    A connection from a pod with addresses of several kinds comes from one of them:
    `reading` says which, so that all of a policy is judged by the same one.
    """

    def __init__(self, scene: Scene, reading: int = 0) -> None:
        """Look at a scene in one reading of the addresses."""
        self._scene = scene
        self._mesh = settings_of(scene.snapshot.mesh_configs)
        self._index = scene.index
        size = self._index.size
        self.everyone = Match.known(np.ones(size, dtype=bool))
        self.nobody = Match.known(np.zeros(size, dtype=bool))
        self.perhaps = self.everyone.doubted()
        mesh = self._index.trait(scene.trait(MESH), lambda value: value == INSIDE)
        self.in_mesh: NDArray[np.bool_] = mesh
        """Which profiles are pods in the mesh; all of them, and nobody else, can present a certificate."""
        self._found: dict[tuple[str, str], Match] = {}
        chosen = [_class_of(each.externals, reading) for each in self._index.profiles]
        self._class_of = np.asarray(chosen, dtype=np.int32)

    def source(self, source: Source, *, http: bool, certified: bool) -> Match:
        """
        Return whom a source matches.

        `http` is what counts for fields that ask something of a request; where
        connections are not `certified`, nobody has an identity.
        """
        if source.http and not http:
            return self.nobody
        fields: list[tuple[tuple[str, ...], tuple[str, ...], Test]] = [
            (source.ip_blocks, source.not_ip_blocks, self._inside),
            (source.principals, source.not_principals, self._identity("principals", certified)),
            (source.namespaces, source.not_namespaces, self._identity("namespaces", certified)),
            (source.service_accounts, source.not_service_accounts, self._identity("serviceAccounts", certified)),
            (source.trust_domains, source.not_trust_domains, self._identity("trustDomains", certified)),
        ]
        parts = [self._field(*each) for each in fields if each[0] or each[1]]
        if source.remote_ip_blocks or source.not_remote_ip_blocks:
            # The client before a proxy is named by a header that anyone may have written.
            parts.append(self.perhaps)
        return reduce(and_, parts, self.everyone)

    def condition(self, condition: Condition, *, http: bool, certified: bool) -> Match:
        """Return whom a condition matches; one on ``destination.port`` is about ports, and matches everyone."""
        if condition.key.startswith("request."):
            return self.everyone if http else self.nobody
        if condition.key == "destination.port":
            return self.everyone
        if condition.key == "source.ip":
            return self._field(condition.values, condition.not_values, self._inside)
        kind = _ATTRIBUTES.get(condition.key)
        if kind is None:
            return self.perhaps
        return self._field(condition.values, condition.not_values, self._identity(kind, certified))

    def _field(self, values: tuple[str, ...], not_values: tuple[str, ...], test: Test) -> Match:
        """Return whom one of the values matches, if there are any, and none of the others."""
        found = reduce(or_, map(test, values)) if values else self.everyone
        return found & ~reduce(or_, map(test, not_values)) if not_values else found

    def _identity(self, kind: str, certified: bool) -> Test:  # noqa: FBT001 - private
        def test(value: str) -> Match:
            if not certified:
                return self.nobody
            found = self._found.get((kind, value))
            if found is None:
                found = self._found[kind, value] = self._index.match(self.in_mesh & self._who(kind, value))
            return found

        return test

    def _who(self, kind: str, value: str) -> NDArray[np.bool_]:
        """Return which profiles have an identity that a value describes."""
        match kind:
            case "namespaces":
                return self._index.in_named_namespaces(lambda name: _matches(value, name))
            case "trustDomains":
                is_own = any(_matches(each, self._mesh.trust_domain) for each in self._mesh.domains(value))
                return np.full(len(self._index.profiles), is_own)
            case "principals":
                own, wanted = self._mesh.trust_domain, self._mesh.principals(value)
                return self._accounts(lambda *ends: any(_matches(each, _principal(own, *ends)) for each in wanted))
            case _:
                return self._accounts(lambda space, name: value == f"{space}/{name}")

    def _accounts(self, test: Callable[[str, str], bool]) -> NDArray[np.bool_]:
        number = self._scene.trait(SERVICE_ACCOUNT)
        accounts = [(each.namespace, each.traits[number]) for each in self._index.profiles]
        passing = {each for each in set(accounts) if test(*each)}
        return np.asarray([each in passing for each in accounts], dtype=bool)

    def _inside(self, text: str) -> Match:
        found = self._found.get(("addresses", text))
        if found is None:
            found = self._found["addresses", text] = self._of_block(text)
        return found

    def _of_block(self, text: str) -> Match:
        """Return who has an address in a block; one that is not known surely is only when all of IPv4 is."""
        index, addresses, block = self._index, self._scene.addresses, block_of(text)
        classes = np.zeros(addresses.size + 2, dtype=bool)
        classes[addresses.externals_of(block)] = True
        classes[_UNKNOWN] = addresses.covers(block, Family.V4)
        lower = np.zeros(index.size, dtype=bool)
        lower[: index.first_external] = classes[self._class_of]
        lower[index.first_external : index.first_domain] = classes[: addresses.size]
        upper = lower.copy()
        upper[: index.first_external] |= self._class_of == _UNKNOWN
        upper[index.first_domain :] = True
        return Match(lower, upper)


_UNKNOWN, _NO_ADDRESS = -1, -2
"""Stand for the class of an address that is not known, and for that of pods whose addresses no rule asks for."""


def _class_of(externals: tuple[int, ...] | None, reading: int) -> int:
    if externals is None:
        return _UNKNOWN
    return externals[min(reading, len(externals) - 1)] if externals else _NO_ADDRESS


def _principal(domain: str, namespace: str, account: str) -> str:
    return f"{domain}/ns/{namespace}/sa/{account}"


def _matches(pattern: str, text: str) -> bool:
    """Return whether a text is as a pattern says: ``*`` stands for anything, and alone for anything but nothing."""
    if pattern == "*":
        return bool(text)
    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
