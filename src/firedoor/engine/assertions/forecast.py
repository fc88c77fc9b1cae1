"""
What a change of one NetworkPolicy would do to intents, without compiling the cluster anew.

A policy concerns pods of its namespace and nothing else. So of each intent only the
connections of these pods can become others, and for these the namespace alone is
compiled, with the change, whatever that names: `part` says how the rest comes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from firedoor.engine.assertions.ends import Ends
from firedoor.engine.assertions.findings import Demand, Findings
from firedoor.engine.assertions.part import PartPairs, Whole
from firedoor.engine.assertions.standins import StandIns
from firedoor.engine.assertions.verifying import told
from firedoor.engine.reach.dialects.istio.vocabulary import is_needed
from firedoor.engine.reach.network import Network
from firedoor.model.intents import Intent, IntentKind
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.assertions.findings import Finding
    from firedoor.engine.assertions.verifying import Verifier
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import IPBlock, NetworkPolicy
    from firedoor.model.places import ObjectRef

    Integers = NDArray[np.int64]


MOST_TOLD = 3
"""Connections of one intent that are named."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One connection that would not be as an intent demands."""

    source: str
    destination: str
    protocol: str
    port: int


@dataclass(frozen=True, slots=True)
class Broken:
    """
    What would not be as an intent demands.

    `breaches` are the first few, one for each pair of names; `count` is how many there are, `is_cut` says that there
    are more still.
    """

    breaches: tuple[Breach, ...]
    count: int
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class _Meant:
    """The ends of an intent: positions of members, and the rest."""

    intent: Intent
    members: tuple[Integers, Integers]
    rest: tuple[Ends, Ends]


@dataclass(frozen=True, slots=True)
class _Touched:
    """An intent, and the positions of those of its sources and of its destinations that a change concerns."""

    number: int
    sources: Integers
    destinations: Integers


class Forecast:
    """Tells which of some intents, all of which hold, a change of one NetworkPolicy would break."""

    def __init__(self, verifier: Verifier, intents: Mapping[int, Intent]) -> None:
        """Prepare for the intents, by number, in the network of the verifier."""
        network = verifier.network
        self._network = network
        self._finder = verifier.finder
        self._whole = Whole(network, verifier.pairs.classes, verifier.pairs.shared)
        self._stand_ins = StandIns(network, self._whole.class_of)
        self._meant = {number: self._ends(each) for number, each in intents.items()}
        self._about = self._numbers_by_namespace()
        """The intents that are about any pod of each namespace."""
        self._of_namespace: dict[str, dict[ObjectRef, NetworkPolicy]] = {}
        for policy in network.policies:
            self._of_namespace.setdefault(policy.metadata.namespace, {})[policy.ref] = policy
        self._with_v6 = {policy.ref for policy in network.policies if _names_v6(policy)}

    @property
    def has_other_policies(self) -> bool:
        """Whether policies of other APIs decide as well: then a change of one policy cannot be told of by itself."""
        typed = self._network.typed
        return bool(typed.cluster or typed.calico or typed.cilium or is_needed(typed))

    def is_deaf_to(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """
        Return whether other labels of a namespace surely change nothing.

        That is so where no pod is in it, and where no selector of policies or intents tells the labels from those now.
        """
        if self.has_other_policies:
            return False
        if not self._finder.inside(namespace):
            return True
        old = self._network.namespaces[namespace]
        new = {**labels, "kubernetes.io/metadata.name": namespace}
        return all(each.matches(old) == each.matches(new) for each in self._namespace_selectors)

    @cached_property
    def _namespace_selectors(self) -> list[LabelSelector]:
        """All selectors of namespaces, each distinct one once."""
        terms = [
            term.namespace_labels
            for meant in self._meant.values()
            for term in (*meant.intent.sources, *meant.intent.destinations)
            if term.namespace_labels is not None
        ]
        return list({each.key: each for each in (*self._network.scene.vocabulary.namespace_selectors, *terms)}.values())

    def broken(self, ref: ObjectRef, new: NetworkPolicy | None) -> dict[int, Broken] | None:
        """
        Return the intents that a policy, changed to `new` or gone, would break.

        None where it cannot be told without the whole cluster: with policies of other APIs, and
        where the change makes IPv6 count, or no longer count.
        """
        with_v6 = self._with_v6 - {ref} | ({ref} if new is not None and _names_v6(new) else set())
        if self.has_other_policies or bool(with_v6) != bool(self._with_v6):
            return None
        if not self._network.cni.enforced:
            return {}
        there = self._of_namespace.get(ref.namespace, {})
        touched = list(self._touched(there.get(ref), new, self._finder.inside(ref.namespace)))
        if not touched:
            return {}
        policies = [each for other, each in there.items() if other != ref] + ([new] if new is not None else [])
        return self._judged(ref.namespace, policies, touched)

    def _ends(self, intent: Intent) -> _Meant:
        sources, destinations = self._finder.ends(intent.sources), self._finder.ends(intent.destinations)
        if intent.kind is IntentKind.ONLY_THESE:
            sources = self._finder.rest(sources)
        members = tuple(np.asarray(sorted(each.members), dtype=np.int64) for each in (sources, destinations))
        for each in (sources, destinations):
            each.members = set()
        return _Meant(intent, (members[0], members[1]), (sources, destinations))

    def _numbers_by_namespace(self) -> dict[str, list[int]]:
        names = [each.namespace for each in self._network.members]
        spaces = sorted(set(names))
        numbers = {name: number for number, name in enumerate(spaces)}
        space_of = np.asarray([numbers[each] for each in names], dtype=np.int64)
        found: dict[str, list[int]] = {}
        for number, meant in self._meant.items():
            for space in np.unique(space_of[np.concatenate(meant.members)]).tolist():
                found.setdefault(spaces[space], []).append(number)
        return found

    def _touched(self, old: NetworkPolicy | None, new: NetworkPolicy | None, home: Sequence[int]) -> Iterator[_Touched]:
        """Yield the intents that are about pods for which a change makes a difference."""
        into, out = (self._subjects(direction, old, new, home) for direction in (Direction.INGRESS, Direction.EGRESS))
        if not (len(into) or len(out)):
            return
        members = self._network.members
        for number in self._about.get(members[home[0]].namespace, ()):
            sources, destinations = (
                _common(each, subjects) for each, subjects in zip(self._meant[number].members, (out, into), strict=True)
            )
            if len(sources) or len(destinations):
                yield _Touched(number, sources, destinations)

    def _subjects(
        self, direction: Direction, old: NetworkPolicy | None, new: NetworkPolicy | None, home: Sequence[int]
    ) -> Integers:
        """Return the pods of a namespace that either of two policies isolates, none where both say the same."""
        own = [each for each in (old, new) if each is not None and each.isolates(direction)]
        said = [(each.spec.pod_selector, each.rules(direction)) for each in own]
        if len(said) > 1 and said[0] == said[1]:
            own = []
        members = self._network.members
        return np.asarray(
            [
                position
                for position in home
                if not members[position].host_network
                and any(each.spec.pod_selector.matches(members[position].labels) for each in own)
            ],
            dtype=np.int64,
        )

    def _judged(
        self, namespace: str, policies: Sequence[NetworkPolicy], touched: Sequence[_Touched]
    ) -> dict[int, Broken]:
        """Return what is broken with these policies in a namespace."""
        home = np.asarray(self._finder.inside(namespace), dtype=np.int64)
        stand_ins = self._stand_ins.told_apart_by(_blocks(policies)).copy()
        # All that one reads of the pods of the namespace themselves may differ.
        stand_ins[home] = home
        wanted = [home]
        for each in touched:
            sources, destinations = self._meant[each.number].members
            wanted += [stand_ins[sources]] if len(each.destinations) else []
            wanted += [stand_ins[destinations]] if len(each.sources) else []
        positions = np.unique(np.concatenate(wanted))
        part = self._part(policies, positions)
        pairs = PartPairs(part, self._whole, positions, frozenset(positions.searchsorted(home).tolist()))
        alike: dict[tuple[bool, Traffic], list[_Touched]] = {}
        for each in touched:
            intent = self._meant[each.number].intent
            alike.setdefault((intent.kind is IntentKind.MUST_ALLOW, intent.ports), []).append(each)
        found: dict[int, Broken] = {}
        waiting = list(alike.values())
        while waiting:
            several = waiting.pop()
            pairs.is_cut = False
            wrong = self._findings(several, part, pairs, stand_ins, positions).sorted
            if wrong and len(several) > 1:
                # Mostly none of them is broken, and whoever is asked about all at once says so.
                waiting += [several[: len(several) // 2], several[len(several) // 2 :]]
            elif wrong:
                (each,) = several
                intent = self._meant[each.number].intent
                breaches = tuple(self._breach(part, intent, one) for one in wrong[:MOST_TOLD])
                found[each.number] = Broken(breaches, len(wrong), pairs.is_cut)
        return found

    def _part(self, policies: Sequence[NetworkPolicy], positions: Integers) -> Network:
        network = self._network
        members = [network.members[each] for each in positions.tolist()]
        return Network(
            structs.replace(network.snapshot, network_policies=tuple(policies)),
            network.cni,
            icmp=network.scene.icmp,
            domains=network.scene.vocabulary.domains,
            ports=self._ports,
            population=(members, network.namespaces),
        )

    @cached_property
    def _ports(self) -> tuple[tuple[str, int, int], ...]:
        return self._network.axis.atoms

    def _findings(
        self, several: Sequence[_Touched], part: Network, pairs: PartPairs, stand_ins: Integers, positions: Integers
    ) -> Findings:
        """Return what is wrong between all sources and all destinations of intents that demand the same."""
        findings = Findings(Demand.of(part.axis, self._meant[several[0].number].intent, part.scene.icmp))

        def there(members: Iterable[Integers]) -> set[int]:
            return set(np.searchsorted(positions, np.unique(stand_ins[np.concatenate(list(members))])).tolist())

        into = [each for each in several if len(each.destinations)]
        out = [each for each in several if len(each.sources)]
        if into:
            meant = [self._meant[each.number] for each in into]
            sources = _joined((each.rest[0] for each in meant), there(each.members[0] for each in meant))
            pairs.judge(sources, Ends(there(each.destinations for each in into)), findings)
        if out:
            meant = [self._meant[each.number] for each in out]
            destinations = _joined((each.rest[1] for each in meant), there(each.members[1] for each in meant))
            pairs.judge(Ends(there(each.sources for each in out)), destinations, findings)
        return findings

    def _breach(self, part: Network, intent: Intent, found: Finding) -> Breach:
        protocol, port, _ = (told(part, found.sure, intent) or told(part, found.unknown, intent))[0]
        return Breach(found.source, found.destination, protocol, port)


def _joined(several: Iterable[Ends], members: set[int]) -> Ends:
    """Return what is outside of several ends, with some members."""
    found = Ends(members)
    for each in several:
        for family, ranges in each.ranges.items():
            found.ranges[family].extend(ranges)
        found.addresses += each.addresses
        found.names += each.names
    return found


def _common(positions: Integers, some: Integers) -> Integers:
    """Return those of a few positions that are among others; all are sorted."""
    places = positions.searchsorted(some)
    is_there = places < len(positions)
    is_there[is_there] = positions[places[is_there]] == some[is_there]
    found: Integers = some[is_there]
    return found


def _blocks(policies: Iterable[NetworkPolicy]) -> list[IPBlock]:
    """Return the blocks of addresses that the rules of policies name."""
    return [
        peer.ip_block
        for policy in policies
        for direction in Direction
        for rule in policy.rules(direction)
        for peer in rule.peers
        if peer.ip_block is not None
    ]


def _names_v6(policy: NetworkPolicy) -> bool:
    return any(":" in each.cidr for each in _blocks((policy,)))
