"""The rules of Calico's policies, compiled (``Rule``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from firedoor.engine.reach.dialects.calico.ends import Ends
from firedoor.engine.reach.dialects.calico.services import backends
from firedoor.engine.reach.matches import Match
from firedoor.engine.reach.programs import ACCEPT, DENY, PASS
from firedoor.engine.reach.rules import CompiledRule, PortTest
from firedoor.model.icmp import ICMP
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.dialects.calico.ends import MatchedEnd
    from firedoor.engine.reach.dialects.calico.families import Families
    from firedoor.engine.reach.dialects.calico.services import Ports
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.calico import CalicoRule, EntityRule, PortMatch
    from firedoor.model.icmp import IcmpMessage

_ACTIONS = {"Allow": ACCEPT, "Deny": DENY, "Pass": PASS}


class RuleCompiler:
    """Compiles the rules of one policy in one direction."""

    def __init__(self, scene: Scene, ends: Ends, families: Families, direction: Direction) -> None:
        """Look at a scene from a policy in a direction."""
        self._scene = scene
        self._ends = ends
        self._families = families
        self._is_ingress = direction is Direction.INGRESS

    def compile(self, rule: CalicoRule) -> Iterator[CompiledRule]:
        """Yield the cases of a rule, whose order does not matter; none for one that only logs."""
        action = _ACTIONS.get(rule.action)
        if action is None:
            return
        l7 = "" if rule.http is None else str(rule.http)
        if rule.unsure:
            everything = PortTest(self._scene.axis.everything)
            yield CompiledRule(rule.path, self._scene.index.perhaps_anyone, everything, action, None, l7)
            return
        protocols = _protocols(rule, self._scene.icmp)
        if not protocols:
            return
        is_split = (
            rule.ip_version is not None
            or self._ends.depends_on_family(rule.source)
            or self._ends.depends_on_family(rule.destination)
        )
        for family in Family if is_split else (Family.V4,):
            if rule.ip_version in (None, family.value):
                for case in self._of_family(rule, family, protocols):
                    for subjects, peers in self._families.split(
                        case.subjects, case.peers, family if is_split else None
                    ):
                        if subjects.upper.any() and peers.upper.any():
                            chosen = None if subjects.lower[: len(self._scene.index.profiles)].all() else subjects
                            found = peers.peers(self._scene.index.sets)
                            yield CompiledRule(rule.path, found, case.ports, action, chosen, l7)

    def _of_family(self, rule: CalicoRule, family: Family, protocols: tuple[str, ...]) -> Iterator[_Case]:
        source = self._ends.find(rule.source, family)
        destination = self._ends.find(rule.destination, family)
        for match, wanted in self._by_source_ports(rule.source, source, protocols):
            for where, ports in self._by_service(rule.destination, destination.where, family):
                narrowed = _services(self._scene, rule.source, match, family)
                for ends, test in self._by_names(rule.destination, destination, where, wanted, ports):
                    subjects, peers = (ends, narrowed) if self._is_ingress else (narrowed, ends)
                    yield _Case(subjects, peers, test)

    def _by_source_ports(
        self, end: EntityRule, found: MatchedEnd, protocols: tuple[str, ...]
    ) -> Iterator[tuple[Match, tuple[str, ...]]]:
        """Yield which sources match for which protocols; nobody knows which port a source uses."""
        if not end.ports and not end.not_ports:
            yield found.where, protocols
            return
        is_named = any(port.name for port in (*end.ports, *end.not_ports))
        for chosen in [(each,) for each in protocols] if is_named else [protocols]:
            match = found.where
            if end.ports:
                match = match & self._source_listed(end.ports, found, chosen)
            if end.not_ports:
                match = match & ~self._source_listed(end.not_ports, found, chosen)
            yield match, chosen

    def _source_listed(self, ports: Iterable[PortMatch], found: MatchedEnd, protocols: tuple[str, ...]) -> Match:
        index = self._scene.index
        spans = [(max(port.first, FIRST_PORT), port.last) for port in ports if not port.name and port.last]
        names = {port.name for port in ports if port.name}
        lower, upper = np.zeros(index.size, dtype=bool), np.zeros(index.size, dtype=bool)
        lower[:], upper[:] = _covers(spans), bool(spans)
        for column in np.flatnonzero(found.own).tolist() if names else ():
            declared = {(n, n) for name, of, n in index.profiles[column].ports if name in names and of in protocols}
            upper[column] |= bool(declared)
            lower[column] |= _covers([*spans, *declared])
        return Match(lower, lower | upper)

    def _by_service(self, end: EntityRule, where: Match, family: Family) -> Iterator[tuple[Match, Ports | None]]:
        """Yield the destinations behind a service, and their ports; without one all of them, at any port."""
        if end.services is None:
            yield where, None
            return
        for each in backends(self._scene, end.services, family):
            yield where & each.where, each.ports

    def _by_names(
        self, end: EntityRule, found: MatchedEnd, where: Match, protocols: tuple[str, ...], ports: Ports | None
    ) -> Iterator[tuple[Match, PortTest]]:
        """Yield the destinations with their ports; names are those of pods whose own labels the end matches."""
        test = self._ports(end, protocols, ports)
        if not test.has_names:
            if test.mask & ~test.without:
                yield where, test
            return
        own = self._scene.index.match(found.own)
        yield where & own, test
        numbered = PortTest(test.mask, (), test.without)
        if numbered.mask & ~numbered.without:
            yield where & ~own, numbered

    def _ports(self, end: EntityRule, protocols: tuple[str, ...], served: Ports | None) -> PortTest:
        axis = self._scene.axis
        mask = sum(axis.mask(protocol) for protocol in protocols)
        if served is not None:
            mask &= _union(axis.mask(protocol, port, port) for protocol, port in served)
        names, without_names = _names(end.ports, protocols), _names(end.not_ports, protocols)
        without = self._numbers(end.not_ports, protocols)
        if end.ports:
            mask &= self._numbers(end.ports, protocols)
        return PortTest(mask, names, without, without_names)

    def _numbers(self, ports: Iterable[PortMatch], protocols: tuple[str, ...]) -> int:
        axis = self._scene.axis
        return _union(
            axis.mask(protocol, max(port.first, FIRST_PORT), port.last)
            for port in ports
            if not port.name and port.last
            for protocol in protocols
        )


class _Case:
    """One combination of subjects, peers and ports that a rule matches."""

    __slots__ = ("peers", "ports", "subjects")

    def __init__(self, subjects: Match, peers: Match, ports: PortTest) -> None:
        self.subjects = subjects
        self.peers = peers
        self.ports = ports


def _services(scene: Scene, end: EntityRule, where: Match, family: Family) -> Match:
    """Return the sources behind a service; its ports are not those that a source uses."""
    if end.services is None:
        return where
    found = Match.known(np.zeros(scene.index.size, dtype=bool))
    for each in backends(scene, end.services, family):
        found = found | each.where
    return where & found


def _protocols(rule: CalicoRule, icmp: IcmpMessage | None) -> tuple[str, ...]:
    """Return the protocols that a rule is about; ICMP if it is about this message, which no service has a port for."""
    found = [each for each in PROTOCOLS if _names_protocol(rule, each)]
    served = rule.destination.services
    if icmp is not None and served is None and _names_protocol(rule, icmp.protocol) and _is_about(rule, icmp):
        found.append(ICMP)
    return tuple(found)


def _names_protocol(rule: CalicoRule, protocol: str) -> bool:
    return rule.protocol in {None, protocol} and rule.not_protocol != protocol


def _is_about(rule: CalicoRule, message: IcmpMessage) -> bool:
    """Return whether the types and codes of a rule leave room for a message; fields without a type ask for nothing."""
    wanted, unwanted = rule.icmp, rule.not_icmp
    is_wanted = wanted is None or wanted.type is None or wanted.matches(message)
    return is_wanted and not (unwanted is not None and unwanted.type is not None and unwanted.matches(message))


def _names(ports: Iterable[PortMatch], protocols: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((port.name, protocol) for port in ports if port.name for protocol in protocols)


def _covers(spans: Iterable[tuple[int, int]]) -> bool:
    reached = FIRST_PORT - 1
    for first, last in sorted(spans):
        if first <= reached + 1:
            reached = max(reached, last)
    return reached >= LAST_PORT


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
