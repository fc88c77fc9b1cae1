"""
A network that takes in pods of profiles which it was not compiled for.

The sets of columns that policies name hold the profiles of the day they were made. A
new profile as the subject has a row as all others, once it is known which policies
select it. What others accept from it, or may send to it, is found for one pair at a
time, by compiling the few policies on them against no more than the two profiles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from firedoor.engine.reach.alone import ITSELF, Alone, asked
from firedoor.engine.reach.dialects.networkpolicy import compile_one, rules_of
from firedoor.engine.reach.layering import Layering
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.order import KUBERNETES
from firedoor.engine.reach.profiles import Profiles, profile_of
from firedoor.engine.reach.programs import judge, terms_of
from firedoor.engine.reach.rules import CompiledPolicy
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.layers import Layer, Policy
    from firedoor.engine.reach.matrix import Change
    from firedoor.engine.reach.profiles import Profile
    from firedoor.engine.reach.programs import Program
    from firedoor.engine.reach.values import Value
    from firedoor.model.members import Member
    from firedoor.model.networkpolicy import NetworkPolicy
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot


FEW = 16
"""So many questions about one profile are answered one by one, before a row answers all further ones."""

SPARE_SETS = 4096
"""So many sets of columns, and as many again as there were at first, may be left over from former policies."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A profile that came later, and the labels of a pod that has it."""

    profile: Profile
    labels: Mapping[str, str]


class OpenNetwork(Network):
    """
    A network whose members can be exchanged, run by run: the members of one workload are one run.

    Profiles that it was not compiled for have numbers behind all columns, in
    `profile_of` and wherever else a profile or its column is asked about.
    """

    _snapshot: Snapshot
    _outdated: Callable[[], Snapshot] | None

    def __init__(self, snapshot: Snapshot, cni: CniProfile) -> None:
        """Compile `snapshot`."""
        super().__init__(snapshot, cni)
        self.members: list[Member] = list(self.members)
        self._numbers = {profile: number for number, profile in enumerate(self.profiles)}
        self._next = self.index.size
        self._most_sets = 2 * len(self.index.sets.arrays) + SPARE_SETS
        self._reset()
        self._on: dict[str, dict[ObjectRef, NetworkPolicy]] = {}
        for policy in self.policies:
            self._on.setdefault(policy.metadata.namespace, {})[policy.ref] = policy
        self._lists = {way: compiled for way, compiled in self.compiled.items() if isinstance(compiled, list)}
        for each in self.matrix.values():
            each.prepare()
        self._places = {
            direction: {each.policy.ref: place for place, each in enumerate(compiled)}
            for direction, compiled in self.compiled.items()
        }

    def _reset(self) -> None:
        """Know nothing of unseen profiles."""
        self.unseen: dict[int, Unseen] = {}
        self._uses: Counter[int] = Counter()
        self._judged: dict[tuple[Direction, int, int], Value] = {}
        self._rows: dict[tuple[Direction, int], NDArray[np.int32]] = {}
        self._written: dict[tuple[Direction, int], list[NetworkPolicy]] = {}
        self._alone: dict[int, Alone] = {}
        self._programs: dict[tuple[Direction, int], Program] = {}
        self._asks: dict[tuple[Direction, int], int] = {}
        """How often profiles were asked about."""

    def _kept(self, compiled: Sequence[CompiledNetworkPolicy]) -> list[CompiledNetworkPolicy]:
        """Return a list, of which policies can be exchanged."""
        return list(compiled)

    @property
    def snapshot(self) -> Snapshot:
        """The cluster as it is now."""
        if self._outdated is not None:
            self._snapshot, self._outdated = self._outdated(), None
        return self._snapshot

    @snapshot.setter
    def snapshot(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._outdated = None

    @property
    def is_littered(self) -> bool:
        """Whether too much is left over from former policies."""
        return len(self.index.sets.arrays) > self._most_sets

    def outdate(self, current: Callable[[], Snapshot]) -> None:
        """Take in that the snapshot has changed; `current` returns it when it is asked for, which is seldom."""
        self._outdated = current

    def fork(self, snapshot: Snapshot) -> OpenNetwork:
        """
        Return a network that answers alike, and that is changed on its own: to what becomes of a cluster.

        `snapshot` is that. There are no unseen profiles, and no policies of Cilium.
        """
        other = copy(self)
        other.detach(snapshot)
        return other

    def detach(self, snapshot: Snapshot) -> None:
        """Keep to oneself what changes from now on, when the cluster is this."""
        self.snapshot = snapshot
        self._scoped_gaps = [gap for gap in snapshot.gaps if gap.scope is not None]
        self.members, self.profile_of = self.members.copy(), self.profile_of.copy()
        # What a pod looked like when all was compiled must not be kept for that.
        self.scene = replace(self.scene, snapshot=snapshot, members=self.members)
        self._lists = {way: compiled.copy() for way, compiled in self._lists.items()}
        self.compiled = dict(self._lists)
        self._places = {way: places.copy() for way, places in self._places.items()}
        self._on, self._numbers = self._on.copy(), self._numbers.copy()
        self.matrix = {way: matrix.fork() for way, matrix in self.matrix.items()}
        self._reset()

    def run(self, ref: ObjectRef) -> tuple[int, int]:
        """Return the positions of the first member of a workload and of the first behind its last."""
        wanted = _rank(ref)
        first = bisect_left(self.members, wanted, key=lambda each: _rank(each.workload))
        return first, bisect_right(self.members, wanted, lo=first, key=lambda each: _rank(each.workload))

    def living(self, namespace: str) -> tuple[int, int]:
        """Return the positions of the first member of a namespace and of the first behind its last."""
        first = bisect_left(self.members, namespace, key=lambda each: each.namespace)
        return first, bisect_right(self.members, namespace, lo=first, key=lambda each: each.namespace)

    def knows_ports(self, members: Iterable[Member]) -> bool:
        """Return whether the port axis has every port that policies mean on these pods."""
        names = self.scene.vocabulary.port_names
        named = (port for each in members for port in each.ports if port[0] in names)
        return all(self.axis.knows(protocol, number, number) for _, protocol, number in named)

    def exchange(self, first: int, last: int, found: Sequence[Member]) -> None:
        """Put other members, whose ports are known, in the place of those from `first` to before `last`."""
        # The profile hangs on the pod alone, and a pod that did not change is the same object.
        old = {
            id(each.pod): number
            for each, number in zip(self.members[first:last], self.profile_of[first:last], strict=True)
        }
        gone = {id(each.pod): each for each in self.members[first:last]}
        kept = [old.pop(id(each.pod), None) for each in found]
        by_kin: dict[int, int] = {}
        numbers = [self._number(each, by_kin) if own is None else own for each, own in zip(found, kept, strict=True)]
        self._uses.update(new for new, own in zip(numbers, kept, strict=True) if own is None and new in self.unseen)
        self._uses.subtract(number for number in old.values() if number in self.unseen)
        fresh = [each for each, own in zip(found, kept, strict=True) if own is None]
        if any(":" in address for each in (*fresh, *map(gone.__getitem__, old)) for address in each.addresses):
            self.__dict__.pop("families", None)
        self.members[first:last] = found
        self.profile_of[first:last] = numbers
        for number in [number for number in self.unseen if not self._uses[number]]:
            del self._numbers[self.unseen.pop(number).profile], self._uses[number]
            self._alone.pop(number, None)
            for known in (self._rows, self._written, self._programs, self._asks):
                for direction in Direction:
                    known.pop((direction, number), None)
            self._judged = {key: value for key, value in self._judged.items() if number not in key}

    def follow(self, ref: ObjectRef, policy: NetworkPolicy | None) -> dict[Direction, tuple[Change, ...]]:
        """Take in that a policy is another one or gone; it names nothing new. Return the profiles that changed."""
        # Networks that this one was forked from keep theirs.
        of_namespace = {name: each for name, each in self._on.get(ref.namespace, {}).items() if name != ref}
        if policy is not None:
            of_namespace[ref] = policy
        self._on[ref.namespace] = of_namespace
        self._judged.clear()
        self._rows.clear()
        self._written.clear()
        self._programs.clear()
        return {direction: self._follow(direction, ref, policy) for direction in Direction}

    def _follow(self, direction: Direction, ref: ObjectRef, policy: NetworkPolicy | None) -> tuple[Change, ...]:
        compiled, places, matrix = self._lists[direction], self._places[direction], self.matrix[direction]
        new = None if policy is None else compile_one(policy, direction, self.index, self.axis, self.cni)
        place, old = places.get(ref), None
        if place is not None:
            # The last one takes its place: order does not matter within a union.
            old, last = compiled[place], compiled.pop()
            if last is not old:
                compiled[place], places[last.policy.ref] = last, place
            del places[ref]
        if new is not None:
            places[ref] = len(compiled)
            compiled.append(new)
        return tuple(matrix.rebuild(matrix.layering.replace(KUBERNETES, old, new)))

    def decided(self, direction: Direction, profile: int, column: int) -> Value:
        """Return what the policies on a profile accept from, or allow towards, a column."""
        if column not in self.unseen:
            return self._decided(direction, profile, column)
        found = self._judged.get((direction, profile, column))
        if found is None:
            found = self._judged[direction, profile, column] = self._judge(direction, profile, column)
        return found

    def _decided(self, direction: Direction, profile: int, column: int) -> Value:
        """Return what `decided` does of a column that was compiled; a row is made once it was asked for often."""
        matrix, asks = self.matrix[direction], self._asks.get((direction, profile), 0)
        is_unseen = profile in self.unseen
        if self._views or asks == FEW:
            if is_unseen:
                return matrix.table.values[int(self.row(direction, profile)[column])]
            return super().decided(direction, profile, column)
        self._asks[direction, profile] = asks + 1
        program = self._program(direction, profile) if is_unseen else matrix.programs[int(matrix.program_of[profile])]
        return matrix.cell(program, column)

    def row(self, direction: Direction, profile: int) -> NDArray[np.int32]:
        """Return the value numbers of an unseen profile for the columns that were compiled, shape ``(columns,)``."""
        found = self._rows.get((direction, profile))
        if found is None:
            found = self._rows[direction, profile] = self.matrix[direction].judged(self._program(direction, profile))
        return found

    def _number(self, member: Member, known: dict[int, int]) -> int:
        """Return the profile of a member; `known` has those by what replicas have in common, which outlives it."""
        vocabulary, kin = self.scene.vocabulary, member.kin
        if kin.host_network or vocabulary.pods_by_address or vocabulary.traits:
            return self._numbered(member)
        number = known.get(id(kin))
        if number is None:
            number = known[id(kin)] = self._numbered(member)
        return number

    def _numbered(self, member: Member) -> int:
        profile = profile_of(member, self.index.axes[0], self.addresses, self.scene.vocabulary)
        number = self._numbers.get(profile)
        if number is None:
            number = self._numbers[profile] = self._next
            self.unseen[number] = Unseen(profile, member.labels)
            self._next += 1
        return number

    def _judge(self, direction: Direction, subject: int, column: int) -> Value:
        """Return what the policies on any profile say of an unseen one, against which their rules are compiled."""
        alone = self._alone_of(column)
        compiled = tuple(
            [
                CompiledPolicy(each, ITSELF, rules_of(each, direction, alone.index, self.axis, self.cni))
                for each in self._policies_on(direction, subject)
            ]
        )
        program = self._met(direction, subject, alone.meaning[direction], compiled)
        matched = alone.index.sets.arrays.holding([term.columns for term in terms_of(program)], 0)
        return judge(program, matched, self.axis.everything)

    def _program(self, direction: Direction, number: int) -> Program:
        """Return the program of an unseen profile."""
        found = self._programs.get((direction, number))
        if found is None:
            found = self._programs[direction, number] = self._assembled(direction, number)
        return found

    def _assembled(self, direction: Direction, number: int) -> Program:
        """Make the program of an unseen profile: who selects it is found anew, what the rules say is known."""
        compiled, places = self._lists[direction], self._places[direction]
        own = [compiled[places[each.ref]] for each in self._policies_on(direction, number)]
        on_it = tuple([structs.replace(each, selected=ITSELF) for each in own])
        return self._met(direction, number, self.matrix[direction].layering.layers, on_it)

    def _met(self, direction: Direction, number: int, layers: Iterable[Layer], compiled: tuple[Policy, ...]) -> Program:
        """Return the program of a profile on which these NetworkPolicies are, from layers of all other policies."""
        profiles = self._alone_of(number).profiles if number in self.unseen else Profiles.of([self.profiles[number]])
        met = asked(layers, compiled, self._selecting_it(direction, number))
        return Layering(direction, met, profiles, self.axis).program(0)

    def _alone_of(self, number: int) -> Alone:
        found = self._alone.get(number)
        if found is None:
            own = self.unseen[number].profile
            found = self._alone[number] = Alone.of(own, self.scene, self.typed, self.namespaces, Direction)
        return found

    def _selecting_it(self, direction: Direction, number: int) -> frozenset[int]:
        """Return the identities of the written policies besides NetworkPolicies that apply to a profile."""
        if not self.typed.cluster:
            return frozenset()
        if number in self.unseen:
            return self._alone_of(number).selecting(direction)
        return frozenset(id(each.policy) for each in self.matrix[direction].layering.policies(number))

    def _policies_on(self, direction: Direction, number: int) -> list[NetworkPolicy]:
        """Return the NetworkPolicies that isolate a profile, which are asked about once for every peer."""
        found = self._written.get((direction, number))
        if found is None:
            found = self._written[direction, number] = list(self._isolating(direction, number))
        return found

    def _isolating(self, direction: Direction, number: int) -> Iterator[NetworkPolicy]:
        unseen = self.unseen.get(number)
        if unseen is None:
            return (each.policy for each in self.selecting(direction, number))
        namespace, labels = unseen.profile.namespace, unseen.labels
        written = self._on.get(namespace, {}).values()
        return (each for each in written if each.isolates(direction) and each.selects(namespace, labels))


def _rank(ref: ObjectRef) -> tuple[str, str, str]:
    return ref.namespace, ref.kind, ref.name
