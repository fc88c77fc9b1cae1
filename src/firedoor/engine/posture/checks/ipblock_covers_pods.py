"""
Address blocks that hold pods or nodes of the cluster.

What it finds
-------------
`ipBlock` entries that contain the address of a pod or node of the snapshot. Entries
for a whole address family are left out.

Why it matters
--------------
`ipBlock` is meant for addresses outside the cluster. Whether it also matches pods and
nodes depends on the network plugin: Calico compares addresses, Cilium does not. The
same policy opens different things in different clusters, and pod addresses move.

Example
-------
`ipBlock: {cidr: 10.0.0.0/8}` in a cluster whose pods have addresses in 10.244.0.0/16.

Remedy
------
Select pods by labels, and keep the cluster's own ranges out of blocks with `except`.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, block, parse_address
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.walk import rules
from firedoor.engine.posture.words import count, listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import IPBlock

Owners = dict[Family, tuple[list[int], list[str]]]
"""Addresses as sorted numbers, and whose they are, by family."""


def _run(context: Context) -> Iterator[Finding]:
    owners: Owners | None = None
    found: dict[IPBlock, list[str]] = {}
    for at in rules(context):
        for number, peer in enumerate(at.rule.peers):
            if peer.ip_block is None:
                continue
            if owners is None:
                owners = _owners(context)
            if peer.ip_block not in found:
                found[peer.ip_block] = _inside(peer.ip_block, owners)
            if found[peer.ip_block]:
                yield _finding(context, at, number, found[peer.ip_block])


def _owners(context: Context) -> Owners:
    known = [
        (address, f"pod {member.full_name} ({address})")
        for member in context.written.members
        if not member.host_network
        for address in member.addresses
    ]
    known += [
        (address, f"node {node.metadata.name} ({address})")
        for node in context.snapshot.nodes
        for address in node.addresses
    ]
    pairs: dict[Family, list[tuple[int, str]]] = {family: [] for family in Family}
    for address, owner in known:
        family, number = parse_address(address)
        pairs[family].append((number, owner))
    owners: Owners = {}
    for family, found in pairs.items():
        found.sort()
        owners[family] = [number for number, _ in found], [owner for _, owner in found]
    return owners


def _inside(each: IPBlock, owners: Owners) -> list[str]:
    family, ranges = block(each.cidr, each.excepts)
    if block(each.cidr)[1] == family.everything:
        return []
    numbers, names = owners[family]
    return [
        owner for first, last in ranges for owner in names[bisect_left(numbers, first) : bisect_right(numbers, last)]
    ]


def _finding(context: Context, at: RuleAt, number: int, inside: list[str]) -> Finding:
    path = f"{at.path}.{at.peer_field}[{number}]"
    cni = context.network.cni
    pods = "matches" if cni.ipblock_matches_pods else "does not match"
    nodes = "matches" if cni.ipblock_matches_nodes else "does not match"
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(path),
        f"{path} of NetworkPolicy {at.policy.name}, {at.rule.peers[number]}, holds "
        f"{count(len(inside), 'address')} of the cluster itself".replace("addresss", "addresses"),
        (f"inside it: {listed(inside)}", f"with {cni.name} an ipBlock {pods} pods and {nodes} nodes"),
        Fix("select pods by labels, and leave the cluster's own ranges out of the block with except"),
    )


CHECK = Check(
    id="ipblock-covers-pods",
    title="Address blocks that hold pods or nodes",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whether the entry matches them depends on the network plugin, and addresses of pods move",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("4",),
        nist_800_53=("AC-4", "SC-7(5)"),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
