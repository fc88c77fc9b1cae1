"""The scratch namespaces in one cluster: what cases become there, and the snapshot that the engine judges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.algebra.cidrs import Family, parse_address
from firedoor.engine.conformance.sites import SITES, SPACES
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.decoding import decode
from firedoor.model.places import NOWHERE
from firedoor.model.probing import Stand
from firedoor.model.snapshot import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.engine.conformance.shapes import Case, Manifest, Site, Stage
    from firedoor.model.snapshot import Snapshot

_NAME = re.compile(r"\{([a-z/-]+)\}")
_ALL = "all"
SITE_BY_KEY = {each.key: each for each in SITES}
_SPACE_KEYS = frozenset(each.key for each in SPACES)


class World(Struct, frozen=True, gc=False):
    """
    Where the suite is run.

    The namespace of a space is called ``prefix-key``. `nodes` are Node objects; `stands` are
    the pods of the sites that are there, by key.
    """

    prefix: str
    nodes: tuple[dict[str, Any], ...] = ()
    stands: dict[str, Stand] = {}

    def namespace(self, space: str) -> str:
        """Return the name of the namespace of a space."""
        return f"{self.prefix}-{space}"

    def policies(self, stage: Stage) -> list[Manifest]:
        """Return the policies of a stage as they are written in this cluster."""
        return [self._resolved(each) for each in stage.policies]

    def _resolved(self, part: Manifest) -> Manifest:
        return {key: self._value(each) for key, each in part.items()}

    def _value(self, value: object) -> object:
        if isinstance(value, dict):
            return self._resolved(value)
        if isinstance(value, list):
            return [self._value(each) for each in value]
        found = _NAME.fullmatch(value) if isinstance(value, str) else None
        return value if found is None else self._text(found[1])

    def _text(self, name: str) -> str:
        if name in _SPACE_KEYS:
            return self.namespace(name)
        stand = next(iter(self.stands.values())) if name == _ALL else self.stands[name]
        address = stand.addresses[0]
        is_v6 = parse_address(address)[0] is Family.V6
        if name == _ALL:
            return "::/0" if is_v6 else "0.0.0.0/0"
        return f"{address}/{128 if is_v6 else 32}"

    def snapshot(self, labels: Mapping[str, Mapping[str, str]]) -> Snapshot:
        """Return the scratch namespaces without policies, where pods and namespaces have these other labels."""
        builder = SnapshotBuilder()
        for manifest in (*self.nodes, *self._namespaces(labels), *self._pods(labels)):
            found = decode(dict(manifest), NOWHERE, "")
            assert found is not None  # noqa: S101 - every kind here has a model
            builder.add(found)
        return builder.build(Origin())

    def _namespaces(self, labels: Mapping[str, Mapping[str, str]]) -> Iterator[Manifest]:
        for each in SPACES:
            metadata = {"name": self.namespace(each.key), "labels": labels.get(each.key, each.labels)}
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}

    def _pods(self, labels: Mapping[str, Mapping[str, str]]) -> Iterator[Manifest]:
        for key, stand in self.stands.items():
            site = SITE_BY_KEY[key]
            yield {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": stand.pod,
                    "namespace": self.namespace(site.space),
                    "labels": dict(labels.get(key, site.labels)),
                },
                "spec": {
                    "nodeName": stand.node,
                    "hostNetwork": site.host_network,
                    "containers": [{"name": "main", "ports": _ports(site)}],
                },
                "status": {
                    "phase": "Running",
                    "podIP": stand.addresses[0],
                    "podIPs": [{"ip": each} for each in stand.addresses],
                },
            }


def _ports(site: Site) -> list[Manifest]:
    return [{"name": name, "protocol": protocol, "containerPort": number} for name, protocol, number in site.ports]


def needs(case: Case) -> set[str]:
    """Return the keys of the sites without which a case cannot be run."""
    tried = {key for each in case.tries for key in (each.source, each.destination)}
    named = {name for stage in case.stages for policy in stage.policies for name in _names(policy)}
    changed = {key for stage in case.stages for key in stage.labels}
    return (tried | named | changed) & SITE_BY_KEY.keys()


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, str):
        yield from _NAME.findall(value)
