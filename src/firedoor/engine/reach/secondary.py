"""
Secondary networks: the pods that are attached to one, and the MultiNetworkPolicies that are for it.

Such a policy means there what a NetworkPolicy with the same fields means on the
network of the cluster. It is enforced by address, so that blocks match pods, and by an
agent of its own, whatever the plugin of the cluster does. Nodes have no place there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.cni import CniProfile
from firedoor.model.metadata import ObjectMeta
from firedoor.model.network_attachments import Attachment, attachments
from firedoor.model.places import Gap, GapKind
from firedoor.model.population import members
from firedoor.model.typed_policies import typed_policies

if TYPE_CHECKING:
    from firedoor.model.faults import Fault
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot

BY_ADDRESS = CniProfile(
    "multi-networkpolicy",
    enforced=True,
    ipblock_matches_pods=True,
    ipblock_matches_nodes=False,
    summary="The agent that enforces MultiNetworkPolicies: CIDRs match the addresses on the network.",
)


@dataclass(frozen=True, slots=True)
class Secondary:
    """What of a snapshot takes part in one secondary network."""

    snapshot: Snapshot
    members: tuple[Member, ...]


def on_network(snapshot: Snapshot, name: str) -> Secondary:
    """
    Return the pods that are attached to the network ``namespace/name``, with their addresses there, and its policies.

    A pod on the network of its node has no interfaces of its own to attach.
    """
    found: list[Member] = []
    gaps = [gap for gap in snapshot.gaps if gap.scope is None]
    for member in members(snapshot):
        attached, faults = attachments_of(member)
        gaps += (_gap(member, fault) for fault in faults)
        addresses = [address for each in attached if each.network == name for address in each.addresses]
        if any(each.network == name for each in attached):
            found.append(member.elsewhere(addresses))
    policies = tuple(each for each in typed_policies(snapshot).multi_network if name in each.networks)
    narrowed = msgspec.structs.replace(
        snapshot,
        network_policies=policies,
        policy_objects=(),
        nodes=(),
        services=(),
        endpoint_slices=(),
        gaps=tuple(dict.fromkeys(gaps)),
    )
    return Secondary(narrowed, tuple(found))


def networks(snapshot: Snapshot) -> Counter[str]:
    """Return the secondary networks that pods are attached to, as ``namespace/name``, and how many pods each has."""
    found: Counter[str] = Counter()
    for member in members(snapshot):
        found.update({each.network for each in attachments_of(member)[0]})
    return found


def attachments_of(member: Member) -> tuple[tuple[Attachment, ...], tuple[Fault, ...]]:
    """Return the secondary networks of a member, and what is wrong with the annotations that say so."""
    if member.host_network:
        return (), ()
    return attachments(ObjectMeta(member.name, member.namespace, annotations=member.annotations))


def _gap(member: Member, fault: Fault) -> Gap:
    return Gap(
        GapKind.INCOMPLETE,
        member.place.at(fault.path),
        f"{member.full_name}: {fault.path}: {fault.reason}; the pod is not taken to be on that network",
        fault.remedy,
        member.workload,
        path=fault.path,
    )
