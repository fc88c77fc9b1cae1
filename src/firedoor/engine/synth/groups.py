"""
Groups of workloads by the labels that tell them apart: each has a selector that matches its pods and no others.

Labels count that every pod of a workload has, that its template has where it is known, and that outlast a rollout
and an upgrade. Workloads that these labels do not tell apart share a group.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations
from operator import and_
from typing import TYPE_CHECKING

from firedoor.engine.reach.flip import VOLATILE_LABELS
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot

CHANGING_LABELS = VOLATILE_LABELS | {"app.kubernetes.io/version", "helm.sh/chart", "version", "chart", "heritage"}
"""Labels that a rollout or an upgrade writes anew, and that no selector is made of."""

_IDENTITY = (
    "app.kubernetes.io/name",
    "app",
    "k8s-app",
    "app.kubernetes.io/component",
    "component",
    "app.kubernetes.io/instance",
    "name",
)
"""Labels that are there to say what a pod is, the best first."""

_MOST_TOGETHER = 3
"""Labels that are tried together before all are taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """
    Workloads of a namespace that one selector stands for, and the positions of their pods.

    A group on the network of nodes (`is_host`) has no selector that counts. `weak` says that the selector has no
    label of the workload's own, and matches whatever lacks the labels of others. `accounts` are the service
    accounts that its pods run as.
    """

    namespace: str
    workloads: tuple[ObjectRef, ...]
    members: tuple[int, ...]
    selector: LabelSelector
    accounts: tuple[str, ...]
    is_host: bool = False
    weak: bool = False

    @property
    def name(self) -> str:
        """The name of its first workload."""
        return self.workloads[0].name


@dataclass(slots=True)
class _Unit:
    workloads: list[ObjectRef]
    members: list[int]
    labels: dict[str, str]
    keys: set[str] = field(default_factory=set)
    """Every lasting key that any of its pods has."""


class GroupIndex:
    """The groups of a network, and the group of each workload."""

    def __init__(self, network: Network, *, by_values_alone: bool = False) -> None:
        """Group the workloads of every namespace; `by_values_alone` is for selectors that know no ``DoesNotExist``."""
        members = network.members
        templates = _template_labels(network.snapshot)
        units: dict[str, list[_Unit]] = defaultdict(list)
        hosts: dict[ObjectRef, list[int]] = defaultdict(list)
        by_workload: dict[ObjectRef, list[int]] = defaultdict(list)
        for position, member in enumerate(members):
            (hosts if member.host_network else by_workload)[member.workload].append(position)
        for ref, positions in by_workload.items():
            units[ref.namespace].append(_unit(ref, positions, members, templates.get(ref)))
        self.groups: list[Group] = []
        for namespace in sorted(units):
            self.groups += _Namespace(namespace, units[namespace], members, by_values_alone=by_values_alone).groups()
        for ref in sorted(hosts):
            accounts = _accounts(hosts[ref], members)
            self.groups.append(Group(ref.namespace, (ref,), tuple(hosts[ref]), LabelSelector(), accounts, is_host=True))
        self.of: dict[ObjectRef, tuple[Group, ...]] = defaultdict(tuple)
        """The groups of a workload: two where some of its pods are on the network of their node."""
        for group in self.groups:
            for ref in group.workloads:
                self.of[ref] = (*self.of[ref], group)
        self.by_account: dict[tuple[str, str], list[Group]] = defaultdict(list)
        """The groups with pods that run as a service account, by namespace and name, without those of hosts."""
        for group in self.groups:
            for account in group.accounts if not group.is_host else ():
                self.by_account[group.namespace, account].append(group)


class _Namespace:
    """The workloads of one namespace, told apart by sets of pods as bits."""

    def __init__(self, namespace: str, units: list[_Unit], members: Sequence[Member], *, by_values_alone: bool) -> None:
        self._namespace = namespace
        self._by_values_alone = by_values_alone
        self._members = members
        self._units = sorted(units, key=lambda each: min(each.workloads))
        self._bit = {position: 1 << number for number, position in enumerate(p for unit in units for p in unit.members)}
        self._with: dict[tuple[str, str], int] = defaultdict(int)
        self._having: dict[str, int] = defaultdict(int)
        self._owner: dict[int, _Unit] = {}
        for unit in units:
            for position in unit.members:
                bit = self._bit[position]
                self._owner[bit] = unit
                for key, value in members[position].labels.items():
                    self._with[key, value] |= bit
                    self._having[key] |= bit
        self._all = (1 << len(self._bit)) - 1

    def groups(self) -> Iterator[Group]:
        """Yield the groups, sorted by their first workload."""
        self._merge()
        for unit in self._units:
            selector, weak = self._selector(unit)
            yield Group(
                self._namespace,
                tuple(sorted(unit.workloads)),
                tuple(sorted(unit.members)),
                selector,
                _accounts(unit.members, self._members),
                weak=weak,
            )

    def _merge(self) -> None:
        """Join what no labels tell apart, until labels do."""
        while True:
            joined = next(
                ((unit, other) for unit in self._units for other in self._inseparable(unit)),
                None,
            )
            if joined is None:
                return
            self._join(*joined)

    def _join(self, unit: _Unit, other: _Unit) -> None:
        unit.workloads += other.workloads
        unit.members += other.members
        unit.labels = {key: value for key, value in unit.labels.items() if other.labels.get(key) == value}
        unit.keys |= other.keys
        self._units.remove(other)
        self._owner.update({self._bit[position]: unit for position in other.members})

    def _inseparable(self, unit: _Unit) -> Iterator[_Unit]:
        """Yield the units with a pod that carries every label of `unit` and no lasting key that it lacks."""
        left = self._matched(unit.labels.items()) & ~self._bits(unit)
        for key in self._foreign_keys(unit):
            left &= ~self._having[key]
        if left:
            yield self._owner[left & -left]

    def _foreign_keys(self, unit: _Unit) -> list[str]:
        """Return the lasting keys that no pod of the unit has, sorted."""
        if self._by_values_alone:
            return []
        return sorted(
            (each for each in self._having if each not in CHANGING_LABELS and each not in unit.keys), key=_rank
        )

    def _bits(self, unit: _Unit) -> int:
        return sum(self._bit[position] for position in unit.members)

    def _matched(self, labels: Iterable[tuple[str, str]]) -> int:
        return reduce(and_, (self._with[each] for each in labels), self._all)

    def _selector(self, unit: _Unit) -> tuple[LabelSelector, bool]:
        own, labels = self._bits(unit), sorted(unit.labels.items(), key=lambda each: _rank(each[0]))
        for some in _choices(labels):
            if self._matched(some) == own:
                return LabelSelector(dict(sorted(some))), False
        left, without = self._matched(labels) & ~own, []
        for key in self._foreign_keys(unit):
            if left & self._having[key]:
                left &= ~self._having[key]
                without.append(LabelSelectorRequirement(key, Operator.DOES_NOT_EXIST))
        return LabelSelector(dict(sorted(labels)), tuple(sorted(without, key=lambda each: each.key))), not labels


def _choices(labels: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield small sets of labels: first those that say what a pod is, and few before many."""
    few = labels[:8]
    found = [some for size in range(1, _MOST_TOGETHER + 1) for some in combinations(few, size)]
    yield from (some for some in found if some[0][0] in _IDENTITY)
    yield from (some for some in found if some[0][0] not in _IDENTITY)
    if labels:
        yield tuple(labels)


def _rank(key: str) -> tuple[int, str]:
    return (_IDENTITY.index(key) if key in _IDENTITY else len(_IDENTITY), key)


def _unit(ref: ObjectRef, positions: list[int], members: Sequence[Member], template: Mapping[str, str] | None) -> _Unit:
    labels = dict(members[positions[0]].labels)
    keys: set[str] = set()
    for position in positions:
        own = members[position].labels
        labels = {key: value for key, value in labels.items() if own.get(key) == value}
        keys |= own.keys()
    lasting = {
        key: value
        for key, value in labels.items()
        if key not in CHANGING_LABELS and (template is None or template.get(key) == value)
    }
    return _Unit([ref], positions, lasting, keys)


def _accounts(positions: Iterable[int], members: Sequence[Member]) -> tuple[str, ...]:
    return tuple(sorted({members[each].spec.account for each in positions}))


def _template_labels(snapshot: Snapshot) -> dict[ObjectRef, dict[str, str]]:
    return {each.ref: each.template.metadata.labels for each in snapshot.workloads}
