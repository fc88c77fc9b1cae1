"""
Allowed ports on which no pod is known to listen.

What it finds
-------------
Numeric ports of rules that none of the pods concerned declares, where every one of
them declares some port. Blocks of addresses are not judged. When a Service leads
from that port to another one of the pods, the rule has the service's port in place
of the pod's.

Why it matters
--------------
Policies are applied to the port of the pod, after the service has been resolved: a
rule for the service's port allows nothing useful.

Example
-------
`ports: [{port: 80}]` for pods that listen on 8080 behind a Service with port 80.

Remedy
------
Use the port that the containers listen on. Declaring ports is optional, so that this
may also be a port that nobody declared.

References
----------
https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
"""

from __future__ import annotations

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
    from firedoor.model.services import Service

Listening = frozenset[tuple[str, int]]


def _run(context: Context) -> Iterator[Finding]:
    of_profile = [_declared(context, pods) for pods in context.of_profile]
    for at in rules(context):
        if at.direction is Direction.EGRESS and (
            not at.rule.peers or any(peer.ip_block is not None for peer in at.rule.peers)
        ):
            continue
        numbers = {number: port.port for number, port in enumerate(at.rule.ports) if isinstance(port.port, int)}
        profiles = targets(context, at) if numbers else []
        listening = [of_profile[each] for each in profiles]
        if not profiles or any(each is None for each in listening):
            continue
        known = frozenset[tuple[str, int]]().union(*(each for each in listening if each is not None))
        for number, first in numbers.items():
            if not any(_covers(at.rule.ports[number], first, each) for each in known):
                yield _finding(context, at, number, known)


def _declared(context: Context, pods: tuple[int, ...]) -> Listening | None:
    """Return what the pods of a profile declare; None when one of them declares nothing."""
    sets = {context.written.members[each].listening for each in pods}
    return None if () in sets else frozenset(port for each in sets for port in each)


def _covers(port: NetworkPolicyPort, first: int, declared: tuple[str, int]) -> bool:
    last = first if port.end_port is None else port.end_port
    return port.protocol == declared[0] and first <= declared[1] <= last


def _finding(context: Context, at: RuleAt, number: int, known: Listening) -> Finding:
    port = at.rule.ports[number]
    path = f"{at.path}.ports[{number}]"
    profiles = targets(context, at)
    shown = listed((f"{protocol}/{value}" for protocol, value in sorted(known)), 6)
    evidence = [f"{listed(context.workloads_of(profiles))} declare {shown}"]
    through = _through_service(context, profiles, port, known)
    fix = Fix("use a port that the containers listen on, or declare the port in the pods")
    if through is not None:
        service, target = through
        evidence.append(
            f"{service.place}: Service {service.metadata.namespace}/{service.metadata.name} leads from "
            f"{port.port} to {target}, and policies see {target}"
        )
        better = msgspec.structs.replace(port, port=target)
        ports = (*at.rule.ports[:number], better, *at.rule.ports[number + 1 :])
        rule = msgspec.structs.replace(at.rule, ports=ports)
        fix = Fix(f"allow {better}, the pods' own port", (with_rule(at.policy, at.direction, at.number, rule),))
    whose = "selected" if at.direction is Direction.INGRESS else "peer"
    return CHECK.finding(
        at.policy.ref,
        at.policy.place.at(f"{path}.port"),
        f"{path} of NetworkPolicy {at.policy.name} allows {port}, which none of the {whose} pods declares"
        + ("" if through is None else ": it is the port of the Service, not of the pods"),
        tuple(evidence),
        fix,
        severity=None if through is None else Severity.MEDIUM,
        confidence=None if through is None else Confidence.HIGH,
    )


def _through_service(
    context: Context, profiles: list[int], port: NetworkPolicyPort, known: Listening
) -> tuple[Service, int] | None:
    """Return the Service before these pods that has the port, and the pods' port that it leads to."""
    pods = [context.written.members[each] for profile in profiles for each in context.of_profile[profile]]
    for service in (
        each for home in sorted({pod.namespace for pod in pods}) for each in context.services.get(home, ())
    ):
        offered = [each for each in service.spec.ports if (each.protocol, each.port) == (port.protocol, port.port)]
        selector = service.spec.selector
        if not offered or not selector:
            continue
        for pod in pods:
            if pod.namespace != service.metadata.namespace or not selector.items() <= pod.labels.items():
                continue
            named = {name: value for name, protocol, value in pod.ports if protocol == port.protocol}
            target = offered[0].target_port
            resolved = named.get(target) if isinstance(target, str) else target
            if resolved is not None and (port.protocol, resolved) in known:
                return service, resolved
    return None


CHECK = Check(
    id="port-not-listened",
    title="Allowed ports that no pod declares",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="the rule seems to open nothing that is served, and what is served may stay closed",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("CM-7",),
        pci_dss_4=("1.2.5", "1.2.7"),
    ),
    run=_run,
)
