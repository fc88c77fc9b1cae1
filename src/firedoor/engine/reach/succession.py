"""
From the network of a cluster to that of the cluster after some changes, without compiling what stayed.

Both networks are there afterwards, and can be compared. The unit in which members are
looked at again is the namespace: owners and what they own live in one.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.reach.dialects import networkpolicy
from firedoor.engine.reach.dialects.istio.vocabulary import is_needed
from firedoor.engine.reach.vocabulary import Vocabulary
from firedoor.model.population import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.unseen import OpenNetwork
    from firedoor.model.members import Member
    from firedoor.model.networkpolicy import NetworkPolicy
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Pod, Workload


class Anew(StrEnum):
    """Why a network was compiled anew."""

    OTHER_APIS = "policies of other APIs look at what changed"
    NAMESPACE = "the namespace is new"
    VOCABULARY = "the policy names labels, addresses or ports that no policy named before"
    PORTS = "a port name that policies use stands for a new port"
    UNSEEN = "too many pods are unlike all that were there before"
    LEFT_OVER = "too much is left over from former policies"


def knows_words(network: Network, policy: NetworkPolicy) -> bool:
    """Return whether a policy names no labels, addresses or ports that the network was not compiled for."""
    named = Vocabulary()
    networkpolicy.collect_one(policy, named)
    pods, spaces = network.index.axes
    return (
        all(map(pods.knows, named.pod_selectors))
        and all(map(spaces.knows, named.namespace_selectors))
        and all(map(network.addresses.knows, named.blocks))
        and all(network.axis.knows(*each) for each in named.port_ranges)
        and named.port_names <= network.scene.vocabulary.port_names
    )


def successor(
    network: OpenNetwork,
    snapshot: Snapshot,
    policies: Mapping[ObjectRef, NetworkPolicy | None],
    namespaces: Iterable[str],
) -> OpenNetwork | Anew:
    """
    Return the network of a cluster after some changes, or why it has to be compiled.

    `network` stays as it is, and has no unseen profiles. `snapshot`, sorted as ``SnapshotBuilder`` does it, differs
    from that of the network in NetworkPolicies (`policies`, None for one that is gone), in pods and workloads of
    `namespaces`, and in what decides about nothing.
    """
    typed = network.typed
    homes = sorted(set(namespaces))
    if typed.calico or typed.cilium or (homes and is_needed(typed)):
        return Anew.OTHER_APIS
    if any(each not in network.namespaces for each in (*homes, *(ref.namespace for ref in policies))):
        return Anew.NAMESPACE
    if network.cni.enforced and not all(knows_words(network, each) for each in policies.values() if each is not None):
        return Anew.VOCABULARY
    if network.is_littered:
        return Anew.LEFT_OVER
    new = network.fork(snapshot)
    found = {name: list(own) for name, own in groupby(_members(snapshot, homes), key=lambda each: each.namespace)}
    for name in homes:
        own, (first, last) = found.get(name, []), new.living(name)
        known = {id(each.pod) for each in new.members[first:last]}
        if not new.knows_ports(each for each in own if id(each.pod) not in known):
            return Anew.PORTS
        new.exchange(first, last, own)
    if new.unseen:
        return Anew.UNSEEN
    for ref, policy in policies.items() if network.cni.enforced else ():
        new.follow(ref, policy)
    return new


def _members(snapshot: Snapshot, namespaces: Sequence[str]) -> Sequence[Member]:
    """Return the members that live in some namespaces, as ``members`` does."""
    pods = [each for name in namespaces for each in pods_of(snapshot, name)]
    workloads = [each for name in namespaces for each in workloads_of(snapshot, name)]
    return members(replace(snapshot, pods=tuple(pods), workloads=tuple(workloads)))


def pods_of(snapshot: Snapshot, namespace: str) -> Sequence[Pod]:
    """Return the pods of one namespace of a snapshot that is sorted."""
    pods = snapshot.pods
    first = bisect_left(pods, namespace, key=_home)
    return pods[first : bisect_right(pods, namespace, lo=first, key=_home)]


def workloads_of(snapshot: Snapshot, namespace: str) -> Iterator[Workload]:
    """Yield the workloads of one namespace of a snapshot that is sorted, by kind and then by namespace."""
    workloads, place = snapshot.workloads, 0
    while place < len(workloads):
        kind = workloads[place].kind
        end = bisect_right(workloads, kind, lo=place, key=lambda each: each.kind)
        first = bisect_left(workloads, namespace, lo=place, hi=end, key=_home)
        yield from workloads[first : bisect_right(workloads, namespace, lo=first, hi=end, key=_home)]
        place = end


def _home(each: Pod | Workload) -> str:
    return each.metadata.namespace
