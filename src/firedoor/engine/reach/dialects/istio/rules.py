"""The rules of Istio's authorization policies, compiled (``Rule``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from firedoor.engine.reach.programs import ACCEPT, DENY
from firedoor.engine.reach.rules import CompiledRule, PortTest
from firedoor.model.istio import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from firedoor.engine.reach.dialects.istio.sources import Sources
    from firedoor.engine.reach.matches import Match
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.istio import AuthorizationPolicy, AuthorizationRule, Operation
    from firedoor.model.places import ObjectRef

Disabled = Mapping[int, "NDArray[np.bool_]"]
"""Ports on which mutual TLS is disabled, so that nobody has an identity there, and the profiles with just these."""

_IDENTITY_FIELDS = (
    "principals",
    "not_principals",
    "namespaces",
    "not_namespaces",
    "service_accounts",
    "not_service_accounts",
    "trust_domains",
    "not_trust_domains",
)


class RuleCompiler:
    """
    Compiles rules as one reading of the sources and one case of the modes have them.

    A connection may carry any number of requests. What a rule asks of a request is taken
    for granted where it allows, and does not touch the connection where it denies.
    """

    def __init__(self, scene: Scene, sources: Sources, disabled: Disabled) -> None:
        """Take the sources, and where mutual TLS is disabled."""
        self._scene = scene
        self._sources = sources
        self._disabled = disabled
        self._tcp = scene.axis.mask("TCP")
        self._found: dict[ObjectRef, tuple[CompiledRule, ...]] = {}

    def compile(self, policy: AuthorizationPolicy) -> tuple[CompiledRule, ...]:
        """Return the rules of a policy; one that is not understood has one that may match anything."""
        found = self._found.get(policy.ref)
        if found is None:
            made = [self._perhaps(policy, "spec")] if policy.unsure else self._rules(policy)
            found = self._found[policy.ref] = tuple(made)
        return found

    def _rules(self, policy: AuthorizationPolicy) -> Iterator[CompiledRule]:
        for rule in policy.rules or ():
            yield from self._rule(policy, rule)

    def _perhaps(self, policy: AuthorizationPolicy, path: str) -> CompiledRule:
        return CompiledRule(path, self._scene.index.perhaps_anyone, PortTest(self._tcp), _action(policy))

    def _rule(self, policy: AuthorizationPolicy, rule: AuthorizationRule) -> Iterator[CompiledRule]:
        if rule.unsure:
            yield self._perhaps(policy, rule.path)
            return
        http = policy.action is Action.ALLOW
        ports = self._ports(rule, http=http)
        for certified, subjects, chosen in self._parts(rule, ports):
            where = self._where(rule, http=http, certified=certified)
            if policy.action is Action.CUSTOM:
                # Its provider answers as it likes.
                where = where.doubted()
            if where.upper.any():
                peers = where.peers(self._scene.index.sets)
                yield CompiledRule(rule.path, peers, PortTest(chosen), _action(policy), subjects, rule.requests)

    def _parts(self, rule: AuthorizationRule, ports: int) -> Iterator[tuple[bool, Match | None, int]]:
        """Yield whether sources have identities, for which subjects, and on which ports."""
        if not any(mask & ports for mask in self._disabled) or not _asks_identity(rule):
            if ports:
                yield True, None, ports
            return
        for mask, profiles in self._disabled.items():
            for certified, chosen in ((True, ports & ~mask), (False, ports & mask)):
                if chosen:
                    yield certified, self._scene.index.match(profiles), chosen

    def _where(self, rule: AuthorizationRule, *, http: bool, certified: bool) -> Match:
        sources = [self._sources.source(each, http=http, certified=certified) for each in rule.sources]
        found = reduce(or_, sources) if sources else self._sources.everyone
        conditions = (self._sources.condition(each, http=http, certified=certified) for each in rule.conditions)
        return reduce(and_, conditions, found)

    def _ports(self, rule: AuthorizationRule, *, http: bool) -> int:
        found = self._tcp
        if rule.operations:
            found = reduce(or_, (self._operation(each, http=http) for each in rule.operations))
        for each in rule.conditions:
            if each.key == "destination.port":
                found &= self._listed(map(int, each.values), map(int, each.not_values))
        return found

    def _operation(self, operation: Operation, *, http: bool) -> int:
        if operation.http and not http:
            return 0
        return self._listed(operation.ports, operation.not_ports)

    def _listed(self, ports: Iterable[int], not_ports: Iterable[int]) -> int:
        listed = tuple(ports)
        found = self._mask(listed) if listed else self._tcp
        return found & ~self._mask(not_ports)

    def _mask(self, ports: Iterable[int]) -> int:
        axis = self._scene.axis
        return reduce(or_, (axis.mask("TCP", port, port) for port in ports if port), 0)


def _action(policy: AuthorizationPolicy) -> int:
    return ACCEPT if policy.action is Action.ALLOW else DENY


def _asks_identity(rule: AuthorizationRule) -> bool:
    asked = any(getattr(source, field) for source in rule.sources for field in _IDENTITY_FIELDS)
    return asked or any(each.key.startswith("source.") and each.key != "source.ip" for each in rule.conditions)
