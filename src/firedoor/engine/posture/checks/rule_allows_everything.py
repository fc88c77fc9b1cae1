"""
Rules that allow everything, or nearly.

What it finds
-------------
Rules without peers and ports, entries that mean every pod of every namespace, and
blocks that together make up a whole address family. Excepts of a few addresses
(less than a /16, for IPv6 a /48) do not change that. Rules about DNS are left out.

Why it matters
--------------
Rules add up: one that allows everything undoes every other policy on the same pods.

Example
-------
`ingress: [{}]`, or `from: [{ipBlock: {cidr: 0.0.0.0/0}}]`.

Remedy
------
Name the peers and the ports that are needed.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, block
from firedoor.algebra.intervals import canonical
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule
from firedoor.engine.posture.walk import rules
from firedoor.engine.posture.words import count, listed, on_ports
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.algebra.intervals import Interval
    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding

_MEANINGFUL = {Family.V4: 1 << 16, Family.V6: 1 << 80}
"""How many addresses must be left out of a family for a rule to be about part of it."""


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        if at.is_dns_only():
            continue
        if not at.rule.peers:
            if not at.rule.ports:
                yield _finding(at, "everyone, inside and outside the cluster", _of_everyone(at))
            continue
        if any(_is_every_pod(at, number) for number in range(len(at.rule.peers))):
            yield _finding(at, "every pod of every namespace", _less(at, Severity.MEDIUM))
        whole = _whole_families(at)
        if whole:
            words = f"every {listed(f'IPv{family.value}' for family in whole)} address"
            yield _finding(at, words, _less(at, Severity.MEDIUM))


def _of_everyone(at: RuleAt) -> Severity:
    return Severity.HIGH if at.direction is Direction.INGRESS else Severity.MEDIUM


def _less(at: RuleAt, severity: Severity) -> Severity:
    return Severity.LOW if at.rule.ports else severity


def _is_every_pod(at: RuleAt, number: int) -> bool:
    peer = at.rule.peers[number]
    if peer.ip_block is not None or peer.namespace_selector is None:
        return False
    return peer.namespace_selector.is_empty and (peer.pod_selector is None or peer.pod_selector.is_empty)


def _whole_families(at: RuleAt) -> list[Family]:
    ranges: dict[Family, list[Interval]] = {}
    for peer in at.rule.peers:
        if peer.ip_block is not None:
            family, covered = block(peer.ip_block.cidr, peer.ip_block.excepts)
            ranges.setdefault(family, []).extend(covered)
    return [
        family
        for family in sorted(ranges)
        if family.last + 1 - sum(last - first + 1 for first, last in canonical(ranges[family])) < _MEANINGFUL[family]
    ]


def _finding(at: RuleAt, who: str, severity: Severity) -> Finding:
    verb = "accepts connections from" if at.direction is Direction.INGRESS else "allows connections to"
    evidence = [f"{at.source}: {at.path}, {count(len(at.rule.peers), 'peer')}, {count(len(at.rule.ports), 'port')}"]
    if not at.rule.peers:
        evidence.append("a rule without peers matches every peer, and one without ports every port")
    evidence.extend(f"{at.peer_field}[{number}] is {peer}" for number, peer in enumerate(at.rule.peers))
    summary = f"name the peers and ports that are needed in place of {at.path}; the policy without it is given here"
    return CHECK.finding(
        at.policy.ref,
        at.source,
        f"{at.path} of NetworkPolicy {at.policy.name} {verb} {who} {on_ports(at.rule.ports)}",
        tuple(evidence),
        Fix(summary, (with_rule(at.policy, at.direction, at.number, None),)),
        severity=severity,
    )


CHECK = Check(
    id="rule-allows-everything",
    title="Rules that allow everything",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="rules only ever add: this one undoes what the other policies on the same pods keep out",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2", "3"),
        nist_800_53=("AC-4", "SC-7(5)"),
        mitre=("T1046",),
        pci_dss_4=("1.2.5", "1.3.1", "1.3.2"),
    ),
    run=_run,
)
