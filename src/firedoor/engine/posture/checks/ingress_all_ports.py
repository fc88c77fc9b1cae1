"""
Ingress rules without ports.

What it finds
-------------
Ingress rules with peers and without ports, for pods that all declare the ports that
they serve on.

Why it matters
--------------
The peers reach every port: those for metrics and debugging, and whatever an intruder
starts to listen on.

Example
-------
`from: [{podSelector: {matchLabels: {app: web}}}]` without `ports`.

Remedy
------
List the ports that are served.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule
from firedoor.engine.posture.walk import rules
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction, NetworkPolicyPort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding

MOST_PORTS = 8
"""Ports that one would still list."""


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        if at.direction is Direction.EGRESS or at.rule.ports or not at.rule.peers or not at.selected:
            continue
        pods = (each for number in at.selected for each in context.of_profile[number])
        sets = {context.written.members[each].listening for each in pods}
        ports = {each for one in sets for each in one}
        if () not in sets and len(ports) <= MOST_PORTS:
            yield _finding(context, at, sorted(ports))


def _finding(context: Context, at: RuleAt, ports: list[tuple[str, int]]) -> Finding:
    listing = tuple(NetworkPolicyPort(protocol, number) for protocol, number in ports)
    rule = msgspec.structs.replace(at.rule, ports=listing)
    return CHECK.finding(
        at.policy.ref,
        at.source,
        f"{at.path} of NetworkPolicy {at.policy.name} opens every port of pods that serve on {listed(listing, 6)}",
        (f"{listed(context.workloads_of(list(at.selected)))} declare {listed(listing, 6)}",),
        Fix(f"add ports to {at.path}", (with_rule(at.policy, at.direction, at.number, rule),)),
    )


CHECK = Check(
    id="ingress-all-ports",
    title="Rules that open every port of pods that serve a few",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="its peers reach ports for debugging, and whatever an intruder listens on, as well",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("3",),
        nist_800_53=("CM-7", "SC-7(5)"),
        mitre=("T1046",),
        pci_dss_4=("1.2.5", "1.3.1"),
    ),
    run=_run,
)
