"""Whether two networks that only pods and workloads tell apart can be different for anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.profiles import Profile
    from firedoor.model.places import ObjectRef


def is_alike(old: Network, new: Network) -> bool:
    """
    Return whether every workload has pods of the same profiles in both networks, on whatever nodes.

    Both must be of clusters that differ in nothing but their pods and workloads. Then nothing is different between
    them, except that a pod may have come to or gone from the node of one that uses the network of its node.
    False says nothing.
    """
    return not (old.tells_own_nodes or new.tells_own_nodes) and _profiles(old) == _profiles(new)


def _profiles(network: Network) -> set[tuple[ObjectRef, Profile]]:
    profiles = [replace(each, node="") if each.node else each for each in network.profiles]
    members = zip(network.members, network.profile_of, strict=True)
    return {(workload, profiles[number]) for workload, number in {(each.workload, number) for each, number in members}}
