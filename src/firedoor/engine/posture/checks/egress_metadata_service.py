"""
Pods that are isolated for egress and may still reach the metadata service of the cloud.

What it finds
-------------
Workloads with policies for egress that surely accept TCP 80 to 169.254.169.254, or to
fd00:ec2::254 in clusters with IPv6. Pods without any policy for egress are told of
elsewhere. Whether there is a metadata service is read from the labels of the nodes;
where they say nothing, confidence is lower.

Why it matters
--------------
In most clouds that address hands the credentials of the node to whoever asks: one
request forged by a server gives away what the node may do.

Example
-------
`ipBlock: {cidr: 0.0.0.0/0}` for the internet.

Remedy
------
Leave 169.254.169.254/32 out of blocks with `except`, and let the cloud ask for a token
with one hop (IMDSv2, Workload Identity).

References
----------
https://hackingthe.cloud/aws/exploitation/ec2-metadata-ssrf/
https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.algebra.cidrs import Family, parse_address, parse_cidr
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.explain import accepting_rules
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction, NetworkPolicy, NetworkPolicyPeer
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.rules import CompiledRule
    from firedoor.model.findings import Finding

_ADDRESSES = (("169.254.169.254", Family.V4), ("fd00:ec2::254", Family.V6))
_CLOUDS = ("eks.amazonaws.com/", "k8s.io/cloud-provider-aws", "cloud.google.com/", "kubernetes.azure.com/")
"""How labels of nodes begin in clouds."""


def _run(context: Context) -> Iterator[Finding]:
    network = context.written
    open_to: dict[int, list[str]] = {}
    for workload, positions in sorted(context.workloads.items()):
        for position in positions:
            profile = network.profile_of[position]
            if profile not in open_to:
                open_to[profile] = _reached(network, profile)
            if open_to[profile] and not context.is_uncertain(position):
                yield _finding(context, workload, position, open_to[profile])
                break


def _reached(network: Network, profile: int) -> list[str]:
    """Return the addresses of metadata services that the policies on a profile accept; none where none restricts it."""
    if not any(True for _ in network.matrix[Direction.EGRESS].layering.policies(profile)):
        return []
    bit = 1 << network.axis.atom("TCP", 80)
    return [
        address
        for address, family in _ADDRESSES
        if family in network.families and network.decided(Direction.EGRESS, profile, network.column(address))[0] & bit
    ]


def _finding(context: Context, workload: ObjectRef, position: int, addresses: list[str]) -> Finding:
    network = context.written
    bit = 1 << network.axis.atom("TCP", 80)
    found = list(accepting_rules(network, Direction.EGRESS, position, addresses[0], bit))
    evidence = [
        f"{compiled.policy.place.at(rule.path)}: {rule.path} of NetworkPolicy {compiled.policy.name} accepts it"
        for compiled, rule in found
    ]
    manifests = tuple(filter(None, (_without(compiled.policy, rule, addresses) for compiled, rule in found)))
    is_cloud = any(key.startswith(_CLOUDS) for node in context.snapshot.nodes for key in node.metadata.labels)
    return CHECK.finding(
        workload,
        str(network.members[position].place),
        f"{workload} may ask the metadata service of the cloud at {listed(addresses)}",
        tuple(evidence) or ("its policies for egress, of other APIs than NetworkPolicy, accept TCP 80 there",),
        Fix(f"leave {listed(addresses)} out of what the policies accept", manifests, is_amendment=True),
        confidence=Confidence.HIGH if is_cloud else None,
    )


def _without(policy: NetworkPolicy, rule: CompiledRule, addresses: list[str]) -> dict[str, object] | None:
    """Return the policy with excepts for the addresses in the blocks of a rule; None where none holds them."""
    number = int(rule.path.rpartition("[")[2].rstrip("]"))
    written = policy.rules(Direction.EGRESS)[number]
    peers = tuple(_except(each, addresses) for each in written.peers)
    if peers == written.peers:
        return None
    return with_rule(policy, Direction.EGRESS, number, msgspec.structs.replace(written, peers=peers))


def _except(peer: NetworkPolicyPeer, addresses: list[str]) -> NetworkPolicyPeer:
    if peer.ip_block is None:
        return peer
    family, first, last = parse_cidr(peer.ip_block.cidr)
    for address in addresses:
        own, number = parse_address(address)
        if own is family and first <= number <= last and first != last:
            excepts = (*peer.ip_block.excepts, f"{address}/{32 if own is Family.V4 else 128}")
            peer = msgspec.structs.replace(peer, ip_block=msgspec.structs.replace(peer.ip_block, excepts=excepts))
    return peer


CHECK = Check(
    id="egress-metadata-service",
    title="Pods that policies let reach the metadata service of the cloud",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="it hands the credentials of the node to whoever asks, unless the cloud is set up against that",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies", "sensitive-cloud-infrastructure"),
        nist_800_207=("3",),
        nist_800_53=("AC-4", "SC-7"),
        mitre=("T1552.005",),
        pci_dss_4=("1.3.2", "7.2.5"),
    ),
    run=_run,
)
