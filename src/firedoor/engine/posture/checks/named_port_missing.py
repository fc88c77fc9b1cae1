"""
Port names that no pod has.

What it finds
-------------
Rules that name a port by a name which none of the pods concerned declares with the
rule's protocol. For ingress those are the selected pods, for egress the peers.

Why it matters
--------------
A name that does not resolve allows nothing, and no one is told.

Example
-------
`ports: [{port: htpp}]` where the container declares `name: http`; or a name that is
declared for UDP while the rule, by default, says TCP.

Remedy
------
Use the declared name and protocol, or the number.

References
----------
https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import with_rule
from firedoor.engine.posture.walk import rules, targets
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import NetworkPolicyPort


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        if not at.compiled.ports.names:
            continue
        profiles = targets(context, at)
        resolving = {port[:2] for each in profiles for port in context.written.profiles[each].ports}
        for number, port in enumerate(at.rule.ports):
            if profiles and isinstance(port.port, str) and (port.port, port.protocol) not in resolving:
                yield _finding(context, at, number, profiles)


def _finding(context: Context, at: RuleAt, number: int, profiles: list[int]) -> Finding:
    port = at.rule.ports[number]
    members = context.written.members
    declared = sorted(
        {each for profile in profiles for pod in context.of_profile[profile] for each in members[pod].ports}
    )
    whose = "selected" if at.direction is Direction.INGRESS else "peer"
    workloads = context.workloads_of(profiles)
    shown = listed((f"{name} ({protocol}/{value})" for name, protocol, value in declared), 6) or "no port by name"
    path = f"{at.path}.ports[{number}]"
    better = _better(port, declared)
    message = f"{path} of NetworkPolicy {at.policy.name} allows port {port.port} ({port.protocol}), "
    if better is not None and better.port == port.port:
        message += f"but the {whose} pods declare {port.port} for {better.protocol}: the entry allows nothing"
    else:
        message += f"a name that none of the {whose} pods has: the entry allows nothing"
    fix = Fix("declare the name in the pods, or use the number of the port")
    if better is not None:
        ports = (*at.rule.ports[:number], better, *at.rule.ports[number + 1 :])
        rule = msgspec.structs.replace(at.rule, ports=ports)
        fix = Fix(f"use {better}", (with_rule(at.policy, at.direction, at.number, rule),))
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(f"{path}.port"),
        message,
        (f"{listed(workloads)} declare {shown}",),
        fix,
        confidence=Confidence.MEDIUM if context.is_partial else None,
    )


def _better(port: NetworkPolicyPort, declared: list[tuple[str, str, int]]) -> NetworkPolicyPort | None:
    """Return the declared port that the entry probably means."""
    protocols = {name: protocol for name, protocol, _ in declared}
    name = str(port.port)
    if name not in protocols:
        near = get_close_matches(name, sorted(protocols), 1)
        if not near:
            return None
        name = near[0]
    return msgspec.structs.replace(port, port=name, protocol=protocols[name])


CHECK = Check(
    id="named-port-missing",
    title="Port names that no pod has",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a port name that does not resolve matches no connection, so that what should be allowed is denied",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("CM-6",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
