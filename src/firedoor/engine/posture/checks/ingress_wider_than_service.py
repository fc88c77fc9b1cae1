"""
Ranges of ports, or a whole protocol, for pods that serve on a few ports.

What it finds
-------------
Ports of ingress rules that open a range (`endPort`), or all ports of a protocol (no
`port`), where at least 100 of those ports are served by nothing that is known of the
selected pods: no declared port, no target port of a Service, no port of a probe. Only
pods that all declare ports are judged, and only where what they serve could be listed.
Rules without any ports are told of by `ingress-all-ports`, numbers and ranges that
nothing is served on by `port-not-listened`.

Why it matters
--------------
What else listens in the pod, for debugging or because an intruder started it, is open
to the peers as well.

Example
-------
`ports: [{port: 1024, endPort: 65535}]` for pods that serve on 8080.

Remedy
------
List the ports that are served. Where a program picks its ports itself (passive FTP,
media streams), keep the range as narrow as the one the program is told to use.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-range-of-ports
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.exposure import target_port
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
    from firedoor.model.members import Member

MANY = 100
"""Ports that are open for nothing, from which on they are told of."""

MOST_PORTS = 8
"""Ports that one would still list."""


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        wide = {number: found for number, port in enumerate(at.rule.ports) if (found := _range(port))}
        if at.direction is Direction.EGRESS or not wide or not at.selected:
            continue
        pods = [context.written.members[each] for profile in at.selected for each in context.of_profile[profile]]
        if not all(each.listening for each in pods):
            continue
        served = _served(context, pods)
        for number, (first, last) in wide.items():
            protocol = at.rule.ports[number].protocol
            inside = sorted(each for kind, each in served if kind == protocol and first <= each <= last)
            is_told = not inside and at.rule.ports[number].port is not None
            if not is_told and len(inside) <= MOST_PORTS and last - first + 1 - len(inside) >= MANY:
                yield _finding(context, at, number, inside)


def _range(port: NetworkPolicyPort) -> tuple[int, int] | None:
    """Return the first and the last of the ports that an entry opens, None for a single one."""
    if port.port is None:
        return FIRST_PORT, LAST_PORT
    return (port.port, port.end_port) if isinstance(port.port, int) and port.end_port is not None else None


def _served(context: Context, pods: list[Member]) -> set[tuple[str, int]]:
    """Return what anything says that the pods listen on, by protocol."""
    found: set[tuple[str, int]] = set()
    for kin, pod in {id(each.kin): (each.kin, each) for each in pods}.values():
        found.update(kin.listening)
        for service in context.services.get(kin.workload.namespace, ()):
            selector = service.spec.selector
            if selector and selector.items() <= kin.labels.items():
                for port in service.spec.ports:
                    number = target_port(port, pod)
                    if number is not None:
                        found.add((port.protocol, number))
        found.update(("TCP", each) for container in pod.spec.serving_containers for each in container.probed_ports)
    return found


def _finding(context: Context, at: RuleAt, number: int, served: list[int]) -> Finding:
    port = at.rule.ports[number]
    better = tuple(NetworkPolicyPort(port.protocol, each) for each in served)
    ports = (*at.rule.ports[:number], *better, *at.rule.ports[number + 1 :])
    path = f"{at.path}.ports[{number}]"
    opened = f"every port of {port.protocol}" if port.port is None else str(port)
    told = listed(better, MOST_PORTS) if better else f"no port of {port.protocol}"
    fix = Fix(f"list the ports that are served in place of {path}")
    # Without ports the rule would be for all of them.
    if ports:
        rule = msgspec.structs.replace(at.rule, ports=ports)
        fix = msgspec.structs.replace(fix, manifests=(with_rule(at.policy, at.direction, at.number, rule),))
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(path),
        f"{path} of NetworkPolicy {at.policy.name} opens {opened} of pods that serve on {told} there",
        (f"{listed(context.workloads_of(list(at.selected)))} declare, are probed or are called by Services on {told}",),
        fix,
    )


CHECK = Check(
    id="ingress-wider-than-service",
    title="Ranges of ports for pods that serve on a few",
    severity=Severity.INFO,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="an attacker among the peers reaches ports that were never meant for anybody",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("CM-7", "SC-7(5)"),
        pci_dss_4=("1.2.5",),
    ),
    run=_run,
)
