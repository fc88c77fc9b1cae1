"""Which workloads may be different in two networks because of their pods."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.algebra.cidrs import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from firedoor.engine.reach.unseen import OpenNetwork
    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef


class _Looks:
    """What policies can see of the pods of one workload, and of which IP versions they have addresses."""

    def __init__(self) -> None:
        self.keys: set[object] = set()
        self.families: set[Family] = set()

    def is_like(self, other: _Looks) -> bool:
        # Of a pod that has no address yet nobody knows what it will have.
        known = not self.families or not other.families or self.families == other.families
        return known and self.keys == other.keys


def unlike(
    old: OpenNetwork, new: OpenNetwork, namespaces: Iterable[str], *, has_same_words: bool
) -> Iterator[ObjectRef]:
    """
    Yield the workloads of some namespaces that have not the same kinds of pods in both networks, on whatever nodes.

    `has_same_words` says that policies name the same in both: then pods are of one kind that they cannot tell
    apart. Otherwise those are that look alike, and it may be that more are yielded than need be.
    """
    for namespace in namespaces:
        before, after = _looks(old, namespace, has_same_words), _looks(new, namespace, has_same_words)
        for workload in {**before, **after}:
            one, other = before.get(workload), after.get(workload)
            if one is None or other is None or not one.is_like(other):
                yield workload


def _looks(network: OpenNetwork, namespace: str, has_same_words: bool) -> dict[ObjectRef, _Looks]:  # noqa: FBT001
    first, last = network.living(namespace)
    found: dict[ObjectRef, _Looks] = defaultdict(_Looks)
    key_of = _by_profile(network) if has_same_words else _by_look(network)
    has_v6 = Family.V6 in network.families
    for member, number in zip(network.members[first:last], network.profile_of[first:last], strict=True):
        looks = found[member.workload]
        looks.keys.add(key_of(number, member))
        if has_v6:
            looks.families.update(Family.V6 if ":" in each else Family.V4 for each in member.addresses)
    return found


def _by_profile(network: OpenNetwork) -> Callable[[int, Member], object]:
    known: dict[int, object] = {}

    def key(number: int, _: Member) -> object:
        if number not in known:
            profile = network.profiles[number]
            known[number] = replace(profile, node="") if profile.node else profile
        return known[number]

    return key


def _by_look(network: OpenNetwork) -> Callable[[int, Member], object]:
    vocabulary = network.scene.vocabulary
    traits = [trait for _, trait in sorted(vocabulary.traits.items())]
    # Where addresses count, another address is another look.
    by_address = vocabulary.pods_by_address, vocabulary.hosts_by_address

    def key(_: int, member: Member) -> object:
        own = member.addresses if by_address[member.host_network] else ()
        told = tuple([trait(member) for trait in traits])
        return frozenset(member.labels.items()), member.ports, member.host_network, own, by_address, told

    return key
