"""
Workloads that may not ask DNS.

What it finds
-------------
Pods isolated for egress whose policies let them reach no DNS pod on UDP 53 (or the
port that the DNS service leads to), or only on UDP and not on TCP. Where the
snapshot holds no DNS pod, the rules themselves are read: one of them must allow
UDP 53 to other namespaces or to addresses.

Why it matters
--------------
Nearly every program resolves names before it connects: it fails with timeouts that
look like a broken network. Long answers need TCP.

Example
-------
`policyTypes: [Egress]` with a rule for the database, and none for `kube-system`.

Remedy
------
Allow UDP and TCP 53 to the DNS pods.

References
----------
https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import DNS_PEER, DNS_PORTS, new_policy, stable_labels
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector
from firedoor.model.networkpolicy import Direction, EgressRule, NetworkPolicyPort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.members import Member
    from firedoor.model.networkpolicy import NetworkPolicyPeer
    from firedoor.model.places import ObjectRef
    from firedoor.model.services import Service

_HOME = "kube-system"
_APPS = frozenset({"kube-dns", "coredns"})
_SERVICES = frozenset({(_HOME, "kube-dns"), (_HOME, "coredns"), ("openshift-dns", "dns-default")})
_NODE_LOCAL = "169.254.20.10"
"""Where NodeLocal DNSCache listens."""

Target = tuple[int, dict[str, int]]
"""The profile of a DNS pod, and the port it serves on for each protocol."""


def _run(context: Context) -> Iterator[Finding]:
    targets = _targets(context)
    network = context.written
    answers: dict[int, tuple[str, ...]] = {}
    for workload, positions in sorted(context.workloads.items()):
        for position in positions:
            profile = network.profile_of[position]
            if profile not in answers:
                answers[profile] = _blocked(context, profile, targets)
            if answers[profile]:
                yield _finding(context, workload, position, answers[profile], targets)
                break


def _targets(context: Context) -> list[Target]:
    """Return the DNS pods of the snapshot, by profile."""
    services = [
        each for each in context.snapshot.services if (each.metadata.namespace, each.metadata.name) in _SERVICES
    ]
    found: dict[tuple[int, int, int], Target] = {}
    for position, member in enumerate(context.written.members):
        behind = [each for each in services if _leads_to(each, member)]
        if behind or (member.namespace == _HOME and member.labels.get("k8s-app") in _APPS):
            ports = {protocol: _port(behind, member, protocol) for protocol in ("UDP", "TCP")}
            profile = context.written.profile_of[position]
            found[profile, ports["UDP"], ports["TCP"]] = (profile, ports)
    return [found[key] for key in sorted(found)]


def _leads_to(service: Service, member: Member) -> bool:
    selector = service.spec.selector
    same = service.metadata.namespace == member.namespace
    return same and bool(selector) and selector.items() <= member.labels.items()


def _port(services: list[Service], member: Member, protocol: str) -> int:
    """Return the port on the pod that port 53 of the DNS service leads to."""
    for service in services:
        for port in service.spec.ports:
            if port.protocol != protocol or port.port != 53:  # noqa: PLR2004 - DNS
                continue
            if isinstance(port.target_port, int):
                return port.target_port
            for name, other, number in member.ports:
                if (name, other) == (port.target_port, protocol):
                    return number
    return 53


def _blocked(context: Context, profile: int, targets: list[Target]) -> tuple[str, ...]:
    """Return the protocols on which a profile may not ask DNS."""
    if not context.selecting[Direction.EGRESS][profile]:
        return ()
    return tuple(each for each in ("UDP", "TCP") if not _may_ask(context, profile, targets, each))


def _may_ask(context: Context, profile: int, targets: list[Target], protocol: str) -> bool:
    network = context.written
    matrix = network.matrix[Direction.EGRESS]
    bit = 1 << network.axis.atom(protocol, 53)
    if matrix.value(profile, network.column(_NODE_LOCAL))[1] & bit:
        return True
    if not targets:
        return any(
            any(_covers(port, protocol) for port in rule.ports) or not rule.ports
            for compiled in context.selecting[Direction.EGRESS][profile]
            for rule in compiled.policy.rules(Direction.EGRESS)
            if not rule.peers or any(map(_may_be_dns, rule.peers))
        )
    return any(
        matrix.value(profile, column)[1] & (1 << network.axis.atom(protocol, ports[protocol]))
        for column, ports in targets
    )


def _covers(port: NetworkPolicyPort, protocol: str) -> bool:
    if port.protocol != protocol:
        return False
    if port.port is None or isinstance(port.port, str):
        return port.port is None or "dns" in port.port
    last = port.port if port.end_port is None else port.end_port
    return any(port.port <= each <= last for each in (53, 5353))


def _may_be_dns(peer: NetworkPolicyPeer) -> bool:
    return peer.ip_block is not None or peer.namespace_selector is not None


def _finding(
    context: Context, workload: ObjectRef, position: int, protocols: tuple[str, ...], targets: list[Target]
) -> Finding:
    network = context.written
    policies = [each.policy for each in context.selecting[Direction.EGRESS][network.profile_of[position]]]
    member = network.members[position]
    silent = not any(policy.spec.egress for policy in policies)
    evidence = [f"{each.place}: NetworkPolicy {each.name} isolates it for egress" for each in policies]
    if targets:
        pods = sorted({network.members[each].full_name for column, _ in targets for each in context.of_profile[column]})
        evidence.append(
            f"DNS pods in the snapshot: {listed(pods)}; its policies allow none of them on {' and '.join(protocols)}"
        )
    else:
        evidence.append("no DNS pod is in the snapshot, and no rule allows port 53 to another namespace or an address")
    if silent:
        evidence.append("its policies allow no egress at all: if it opens no connection, this is intended")
    udp = "UDP" in protocols
    message = f"{workload} may not reach DNS on {' and '.join(protocols)}"
    severity = Severity.LOW if silent or not udp else Severity.MEDIUM
    sure = Confidence.HIGH if targets else Confidence.MEDIUM
    return CHECK.finding(
        workload,
        str(policies[0].place),
        f"{message}: names do not resolve in it" if udp else f"{message}: long answers fail",
        tuple(evidence),
        _fix(context, workload, member, targets),
        severity=severity,
        confidence=Confidence.LOW if silent or context.is_uncertain(position) else sure,
    )


def _fix(context: Context, workload: ObjectRef, member: Member, targets: list[Target]) -> Fix:
    peer = DNS_PEER
    ports: tuple[NetworkPolicyPort, ...] = DNS_PORTS
    if targets:
        column, numbers = targets[0]
        pod = context.written.members[context.of_profile[column][0]]
        ports = tuple(NetworkPolicyPort(protocol, number) for protocol, number in numbers.items())
        if not pod.host_network:
            home = LabelSelector({NAMESPACE_NAME_LABEL: pod.namespace})
            app = {"k8s-app": pod.labels["k8s-app"]} if "k8s-app" in pod.labels else stable_labels([pod])
            peer = type(peer)(LabelSelector(app), home)
    manifest = new_policy(
        member.namespace,
        f"{workload.name}-allow-dns",
        LabelSelector(stable_labels([member])),
        (Direction.EGRESS,),
        egress=(EgressRule((peer,), ports),),
    )
    # Its egress is isolated already: one more policy only adds to what it may do.
    return Fix(f"let {workload.name} ask the cluster's DNS", (manifest,), is_safe=True)


CHECK = Check(
    id="dns-blocked",
    title="Workloads that may not ask DNS",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="programs resolve names before they connect: without DNS even allowed connections fail",
    docs=__doc__ or "",
    mappings=Mappings(),
    run=_run,
)
