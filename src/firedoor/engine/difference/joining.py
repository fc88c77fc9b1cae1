"""
Which workloads and pods of the old and the new state are the same one.

Workloads join by kind, namespace and name, pods by name. At the level of workloads a
pod without namesake stands for the pod of its workload that is most like it, because
controllers give new pods new names.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.model.connections import PeerEnd
from firedoor.model.difference import Presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef

_PER_REVISION = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "controller-uid",
        "batch.kubernetes.io/controller-uid",
    }
)
"""Labels that controllers give, and that differ whenever a workload is rolled out or run again."""


@dataclass(frozen=True, slots=True)
class JointMember:
    """A pod before and after, by position; None where it is not there."""

    old: int | None
    new: int | None
    name: str


@dataclass(frozen=True, slots=True)
class JointEnd:
    """A workload or a pod before and after."""

    peer: PeerEnd
    presence: Presence
    members: tuple[JointMember, ...]


def joint_workloads(old: Network, new: Network) -> list[JointEnd]:
    """Return the workloads of either network, each with its pods."""
    before, after = _by_workload(old.members), _by_workload(new.members)
    ends = []
    for workload in {**before, **after}:
        joined = _joined(old.members, new.members, before.get(workload, ()), after.get(workload, ()))
        ends.append(JointEnd(PeerEnd(workload), _presence(workload in before, workload in after), tuple(joined)))
    return sorted(ends, key=lambda end: end.peer.sort_key)


def joint_pods(old: Network, new: Network) -> list[JointEnd]:
    """Return the pods of either network; one of another name is another pod."""
    ends: list[JointEnd] = []
    before, after = _by_workload(old.members), _by_workload(new.members)
    for workload in {**before, **after}:
        first, second = _named(old.members, before.get(workload, ())), _named(new.members, after.get(workload, ()))
        for key in {**first, **second}:
            joint = JointMember(first.get(key), second.get(key), key[0])
            presence = _presence(key in first, key in second)
            ends.append(JointEnd(PeerEnd(workload, key[0]), presence, (joint,)))
    return sorted(ends, key=lambda end: end.peer.sort_key)


def _presence(is_old: bool, is_new: bool) -> Presence:  # noqa: FBT001 - two of a kind
    if is_old and is_new:
        return Presence.KEPT
    return Presence.REMOVED if is_old else Presence.NEW


def _by_workload(members: Sequence[Member]) -> dict[ObjectRef, list[int]]:
    found: dict[ObjectRef, list[int]] = defaultdict(list)
    for position, member in enumerate(members):
        found[member.workload].append(position)
    return found


def _named(members: Sequence[Member], positions: Sequence[int]) -> dict[tuple[str, int], int]:
    """Return positions by name, and where a name is used again by how often it was."""
    found: dict[tuple[str, int], int] = {}
    uses: dict[str, int] = defaultdict(int)
    for position in positions:
        name = members[position].name
        found[name, uses[name]] = position
        uses[name] += 1
    return found


def _joined(
    old: Sequence[Member], new: Sequence[Member], before: Sequence[int], after: Sequence[int]
) -> Iterator[JointMember]:
    names = [old[position].name for position in before]
    if names == [new[position].name for position in after]:
        yield from map(JointMember, before, after, names)
        return
    first, second = _named(old, before), _named(new, after)
    yield from (JointMember(first[key], second[key], key[0]) for key in first if key in second)
    gone = _by_labels(old, [position for key, position in first.items() if key not in second])
    come = _by_labels(new, [position for key, position in second.items() if key not in first])
    pairs = [(each, each) for each in gone if each in come]
    lone_gone = [each for each in gone if each not in come]
    lone_come = [each for each in come if each not in gone]
    old_labels, new_labels = _by_labels(old, before), _by_labels(new, after)
    pairs += [(_likest(each, lone_gone or gone or old_labels), each) for each in lone_come]
    found = {each for each, _ in pairs}
    pairs += [(each, _likest(each, lone_come or come or new_labels)) for each in lone_gone if each not in found]
    for left, right in pairs:
        olds = gone[left] if left in gone else old_labels.get(left, [])
        news = come[right] if right in come else new_labels.get(right, [])
        for number in range(max(len(gone.get(left, ())), len(come.get(right, ())))):
            one, other = _at(olds, number), _at(news, number)
            named = old[one] if other is None and one is not None else new[other or 0]
            yield JointMember(one, other, named.name)


_Labels = frozenset[tuple[str, str]]


def _by_labels(members: Sequence[Member], positions: Sequence[int]) -> dict[_Labels, list[int]]:
    found: dict[_Labels, list[int]] = defaultdict(list)
    for position in positions:
        found[_lasting(members[position].labels)].append(position)
    return dict(found)


def _likest(wanted: _Labels, candidates: Iterable[_Labels]) -> _Labels:
    """Return the labels that share most with those wanted; empty ones where there are no candidates."""
    return max(candidates, key=lambda each: len(each & wanted), default=frozenset())


def _at(positions: Sequence[int], number: int) -> int | None:
    """Return a position by number, the last one for numbers beyond, and None where there is none."""
    return positions[min(number, len(positions) - 1)] if positions else None


def _lasting(labels: Mapping[str, str]) -> _Labels:
    return frozenset(each for each in labels.items() if each[0] not in _PER_REVISION)
