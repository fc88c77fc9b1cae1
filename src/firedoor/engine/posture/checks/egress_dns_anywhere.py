"""
Rules for DNS without a resolver.

What it finds
-------------
Egress rules of NetworkPolicies for port 53 and nothing else that name no peers, or a
whole address family.

Why it matters
--------------
Names are a channel: whoever may ask any server sends data out in the names that it asks
for, and gets orders in the answers. The resolver of the cluster can log and filter; a
foreign one does not.

Example
-------
`egress: [{ports: [{port: 53, protocol: UDP}]}]`.

Remedy
------
Let the rule name the DNS pods of the cluster.

References
----------
https://attack.mitre.org/techniques/T1071/004/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import DNS_PEER, with_rule
from firedoor.engine.posture.walk import rules
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction, NetworkPolicyPeer, NetworkPolicyPort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding

_WHOLE = frozenset({"0.0.0.0/0", "::/0"})
_DNS = frozenset({53, "dns", "dns-tcp"})


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        if at.direction is Direction.INGRESS or not at.rule.ports or not all(_is_dns(each) for each in at.rule.ports):
            continue
        wide = [each for each in at.rule.peers if each.ip_block is not None and each.ip_block.cidr in _WHOLE]
        if not at.rule.peers or wide:
            yield _finding(at, wide)


def _is_dns(port: NetworkPolicyPort) -> bool:
    return port.port in _DNS and port.end_port in {None, port.port}


def _finding(at: RuleAt, wide: list[NetworkPolicyPeer]) -> Finding:
    peers = tuple(each for each in at.rule.peers if each not in wide)
    rule = msgspec.structs.replace(at.rule, peers=(*peers, DNS_PEER))
    return CHECK.finding(
        at.policy.ref,
        at.source,
        f"{at.path} of NetworkPolicy {at.policy.name} allows DNS to any server",
        (f"{at.source}: {listed(wide) or 'no peers'}, ports {listed(at.rule.ports)}",),
        Fix("let the rule name the DNS pods of the cluster", (with_rule(at.policy, at.direction, at.number, rule),)),
    )


CHECK = Check(
    id="egress-dns-anywhere",
    title="Rules that allow DNS to any server",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="data leaves, and orders arrive, in names and answers of a foreign server",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("3",),
        nist_800_53=("AC-4", "SC-7(5)", "SC-21"),
        mitre=("T1041",),
        pci_dss_4=("1.3.2",),
    ),
    run=_run,
)
