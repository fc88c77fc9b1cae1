"""
Connections that one side allows and the other denies.

What it finds
-------------
Rules that name other workloads by pod labels, where the policies on those workloads
deny all that the rule allows. Both directions are looked at: an ingress rule whose
callers may not send, and an egress rule whose targets do not accept.

Why it matters
--------------
A connection needs both ends. Somebody wrote the rule because it should work, and it
does not.

Example
-------
A namespace with a default deny for egress, and a policy on `db` that admits `web`;
nothing lets `web` send to `db`.

Remedy
------
Add the missing half, or remove the rule when the connection is not wanted.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import new_policy, peer_in, stable_labels
from firedoor.engine.posture.walk import peer_profiles, port_mask, rules
from firedoor.engine.posture.words import listed, on_ports
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import LabelSelector
from firedoor.model.networkpolicy import Direction, EgressRule, IngressRule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding
    from firedoor.model.networkpolicy import NetworkPolicy


def _run(context: Context) -> Iterator[Finding]:
    for at in rules(context):
        if at.selected and at.rule.peers and all(_is_explicit(at, each) for each in range(len(at.rule.peers))):
            denying = _denying(context, at)
            if denying:
                yield _finding(context, at, denying)


def _is_explicit(at: RuleAt, number: int) -> bool:
    pods = at.rule.peers[number].pod_selector
    return pods is not None and not pods.is_empty


def _other(direction: Direction) -> Direction:
    return Direction.EGRESS if direction is Direction.INGRESS else Direction.INGRESS


def _denying(context: Context, at: RuleAt) -> list[int]:
    """Return the peers whose own policies deny everything that the rule allows."""
    other = _other(at.direction)
    matrix = context.written.matrix[other]
    ports = port_mask(context, at)
    columns = list(at.selected)
    verdicts: dict[int, bool] = {}
    found = []
    for profile in peer_profiles(context, at) if ports else ():
        if not context.selecting[other][profile] or context.is_uncertain(context.of_profile[profile][0]):
            continue
        program = int(matrix.program_of[profile])
        if program not in verdicts:
            numbers = set(matrix.row(program)[columns].tolist())
            verdicts[program] = not any(matrix.table.values[number][1] & ports for number in numbers)
        if verdicts[program]:
            found.append(profile)
    return found


def _finding(context: Context, at: RuleAt, denying: list[int]) -> Finding:
    other = _other(at.direction)
    policies = {each.policy.name: each.policy for profile in denying for each in context.selecting[other][profile]}
    them, us = listed(context.workloads_of(denying)), listed(context.workloads_of(list(at.selected)))
    ports = on_ports(at.rule.ports)
    if at.direction is Direction.INGRESS:
        message = f"{us} would accept {them} {ports}, but the policies on the sending side deny it"
    else:
        message = f"{us} may send to {them} {ports}, but the policies on the receiving side deny it"
    evidence = [f"{at.source}: NetworkPolicy {at.policy.name}, {at.path} allows it"]
    evidence += [
        f"{_where(policy, other)}: NetworkPolicy {name} isolates the other side for {other} and does not allow it"
        for name, policy in sorted(policies.items())
    ]
    return CHECK.finding(
        at.policy.ref,
        at.source,
        message,
        tuple(evidence),
        Fix(f"add the {other} half of the connection, or remove {at.path}", _halves(context, at, denying)),
        confidence=None if at.rule.ports else Confidence.MEDIUM,
    )


def _where(policy: NetworkPolicy, direction: Direction) -> str:
    return policy.place.at(f"spec.{direction}")


def _halves(context: Context, at: RuleAt, denying: list[int]) -> tuple[dict[str, object], ...]:
    """Return one policy per workload on the denying side."""
    other = _other(at.direction)
    positions: dict[tuple[str, str], list[int]] = {}
    for profile in denying:
        for each in context.of_profile[profile]:
            member = context.written.members[each]
            positions.setdefault((member.namespace, member.workload.name), []).append(each)
    home = at.policy.metadata.namespace
    manifests = []
    for (namespace, name), pods in sorted(positions.items()):
        labels = LabelSelector(stable_labels(context.written.members[each] for each in pods))
        peer = (peer_in(namespace, home, at.policy.spec.pod_selector),)
        title = f"{name}-{other}-for-{at.policy.metadata.name}"
        if other is Direction.EGRESS:
            rule = EgressRule(peer, at.rule.ports)
            manifests.append(new_policy(namespace, title, labels, (other,), egress=(rule,)))
        else:
            accepting = IngressRule(peer, at.rule.ports)
            manifests.append(new_policy(namespace, title, labels, (other,), ingress=(accepting,)))
    return tuple(manifests)


CHECK = Check(
    id="one-sided-allow",
    title="Connections that only one side allows",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a connection needs the consent of both ends: this one is meant to work and is denied",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("AC-4",),
        pci_dss_4=("1.2.5",),
    ),
    run=_run,
)
