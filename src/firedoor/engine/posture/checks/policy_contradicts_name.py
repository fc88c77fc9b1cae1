"""
Policies that do not do what they are called.

What it finds
-------------
Names and descriptions that tell of traffic from one application to another where the
policy allows the opposite or does not allow it; denials that allow everything; a
default deny that leaves a direction open; `allow-dns` without port 53; names that end
in `-ingress` or `-egress` without that policy type.

Why it matters
--------------
People trust names. A policy that is read and never checked protects nothing, or
breaks what it should allow.

Example
-------
`frontend-backend-policy` that selects the frontend and admits the backend: it
isolates the frontend, and the backend stays as it was.

Remedy
------
Swap selector and peer, or give the policy the name of what it does.

References
----------
https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.fixes import allow_dns, new_policy, peer_in, stable_labels, with_rule, with_types
from firedoor.engine.posture.intents import pairs
from firedoor.engine.posture.walk import peer_profiles, rules
from firedoor.engine.posture.words import listed, on_ports
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.labels import LabelSelector
from firedoor.model.networkpolicy import Direction, IngressRule, NetworkPolicyPort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.intents import Pair
    from firedoor.engine.posture.walk import RuleAt
    from firedoor.model.findings import Finding
    from firedoor.model.members import Member
    from firedoor.model.networkpolicy import NetworkPolicy

_APP_KEYS = ("app", "app.kubernetes.io/name", "app.kubernetes.io/component", "k8s-app", "component", "tier")

Applications = dict[str, frozenset[int]]
"""The profiles of the pods that go by a name."""


def _run(context: Context) -> Iterator[Finding]:
    applications = _applications(context)
    by_policy: dict[str, list[RuleAt]] = {}
    for at in rules(context):
        by_policy.setdefault(at.policy.name, []).append(at)
    known = frozenset(applications)
    for policy in context.written.policies:
        own = by_policy.get(policy.name, [])
        for pair in pairs(policy, known):
            yield from _misdirected(context, policy, own, pair, applications)
        yield from _misnamed(policy, policy.metadata.name.split("-"))


def _applications(context: Context) -> Applications:
    found: dict[str, set[int]] = {}
    network = context.written
    # Replicas share their kin: each is looked at once, whatever the number of its pods.
    kins = {
        (id(each.kin), profile): each.kin for each, profile in zip(network.members, network.profile_of, strict=True)
    }
    for (_, profile), kin in kins.items():
        names = {kin.workload.name, *(kin.labels[key] for key in _APP_KEYS if key in kin.labels)}
        for name in names if not kin.host_network else ():
            found.setdefault(name, set()).add(profile)
    return {name: frozenset(profiles) for name, profiles in found.items()}


def _misdirected(
    context: Context, policy: NetworkPolicy, own: list[RuleAt], pair: Pair, applications: Applications
) -> Iterator[Finding]:
    """Yield a finding when the policy allows the pair's traffic nowhere, and the opposite or nothing instead."""
    sources, destinations = applications[pair.source], applications[pair.destination]
    backwards: RuleAt | None = None
    for at in own:
        selected, peers = set(at.selected), set(peer_profiles(context, at))
        inward = at.direction is Direction.INGRESS
        if selected & (destinations if inward else sources) and peers & (sources if inward else destinations):
            return
        if selected & (sources if inward else destinations) and peers & (destinations if inward else sources):
            backwards = backwards or at
    if backwards is not None:
        yield _backwards(policy, backwards, pair, _meant(context, policy, pair, applications))
        return
    selected = {profile for at in own for profile in at.selected}
    if pair.is_plain and selected:
        named = listed(context.workloads_of(sorted(selected)))
        yield CHECK.finding(
            policy.ref,
            str(policy.place),
            f"NetworkPolicy {policy.name} tells of traffic from {pair.source} to {pair.destination}, "
            "and none of its rules allows that",
            (f"{pair.told} says so", f"it selects {named}", *(f"{at.source}: {_told(at)}" for at in own)),
            Fix("correct the selectors, or the name", _meant(context, policy, pair, applications)),
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
        )


def _backwards(policy: NetworkPolicy, at: RuleAt, pair: Pair, manifests: tuple[dict[str, object], ...]) -> Finding:
    first, second = pair.source, pair.destination
    inward = at.direction is Direction.INGRESS
    does = f"selects {first} and admits {second} to it" if inward else f"selects {second} and lets it send to {first}"
    return CHECK.finding(
        policy.ref,
        at.source,
        f"NetworkPolicy {policy.name} reads as traffic from {first} to {second}, but it {does}",
        (
            f"{pair.told} names {first} before {second}" if not pair.is_plain else f"{pair.told} says so",
            f"{policy.place.at('spec.podSelector')}: it selects {policy.spec.pod_selector}, whose pods it isolates",
            f"{at.source}: {_told(at)}",
            f"{second if inward else first} is not protected by this policy",
        ),
        Fix(
            f"select {second} and admit {first}, on the ports it serves, or rename the policy to what it does",
            manifests,
        ),
        confidence=None if pair.is_plain else Confidence.MEDIUM,
    )


def _told(at: RuleAt) -> str:
    way = "admits" if at.direction is Direction.INGRESS else "allows sending to"
    return f"{at.path} {way} {listed(at.rule.peers) or 'everyone'} {on_ports(at.rule.ports)}"


def _meant(
    context: Context, policy: NetworkPolicy, pair: Pair, applications: Applications
) -> tuple[dict[str, object], ...]:
    """Return a policy that does what the words tell, on the ports that the destination declares."""
    namespace = policy.metadata.namespace
    receivers = [each for each in _pods(context, applications[pair.destination]) if each.namespace == namespace]
    senders = _pods(context, applications[pair.source])
    selector, labels = LabelSelector(stable_labels(receivers)), LabelSelector(stable_labels(senders))
    spaces = sorted({each.namespace for each in senders})
    if selector.is_empty or labels.is_empty:
        return ()
    listening = sorted({port for each in receivers for port in each.listening})
    rule = IngressRule(
        tuple(peer_in(namespace, each, labels) for each in spaces),
        tuple(NetworkPolicyPort(protocol, number) for protocol, number in listening),
    )
    name = policy.metadata.name
    return (new_policy(namespace, name, selector, (Direction.INGRESS,), ingress=(rule,)),)


def _pods(context: Context, profiles: frozenset[int]) -> list[Member]:
    members = context.written.members
    return [members[each] for profile in sorted(profiles) for each in context.of_profile[profile]]


def _misnamed(policy: NetworkPolicy, words: list[str]) -> Iterator[Finding]:
    isolated = [direction for direction in Direction if policy.isolates(direction)]
    permitting = {"allow", "except", "to", "from"}.intersection(words)
    if {"deny", "block"}.intersection(words) and not permitting:
        yield from _undenied(policy, words, isolated)
        return
    if {"allow", "dns"} <= set(words) and not any(_is_dns(policy, direction) for direction in isolated):
        fix = Fix("allow UDP and TCP 53 to the cluster's DNS", (allow_dns(policy.metadata.namespace),))
        yield _named(policy, "is called after DNS, and no rule of it allows port 53", fix)
    last = words[-1]
    if last in set(Direction) and Direction(last) not in isolated and "to" not in words and "from" not in words:
        fix = Fix(f"add {last.capitalize()} to policyTypes, or rename it", (with_types(policy, Direction),))
        message = f"is called after {last}, and its policyTypes are {listed(each.capitalize() for each in isolated)}"
        yield _named(policy, message, fix, Severity.MEDIUM)


def _undenied(policy: NetworkPolicy, words: list[str], isolated: list[Direction]) -> Iterator[Finding]:
    for direction in isolated:
        for number, rule in enumerate(policy.rules(direction)):
            if not rule.peers and not rule.ports:
                where = f"spec.{direction}[{number}]"
                fix = Fix(f"remove {where}", (with_rule(policy, direction, number, None),))
                yield _named(policy, f"is called a denial, and {where} allows all {direction}", fix)
                return
    asked = [direction for direction in Direction if direction in words]
    missing = [direction for direction in asked if direction not in isolated]
    whole = not asked and "all" in words
    if missing:
        fix = Fix(
            f"add {listed(each.capitalize() for each in missing)} to policyTypes", (with_types(policy, Direction),)
        )
        yield _named(policy, f"is called a denial of {listed(missing)}, and leaves {listed(missing)} open", fix)
    elif whole and len(isolated) == 1:
        left = next(direction for direction in Direction if direction not in isolated)
        fix = Fix(f"add {left.capitalize()} to policyTypes, or rename it", (with_types(policy, Direction),))
        yield _named(policy, f"is called a denial of all, and leaves {left} open", fix, Severity.LOW)


def _is_dns(policy: NetworkPolicy, direction: Direction) -> bool:
    for rule in policy.rules(direction):
        if not rule.ports:
            return True
        for port in rule.ports:
            if port.port is None or (isinstance(port.port, str) and "dns" in port.port):
                return True
            if isinstance(port.port, int) and any(
                port.port <= each <= (port.end_port or port.port) for each in (53, 5353)
            ):
                return True
    return False


def _named(policy: NetworkPolicy, message: str, fix: Fix, severity: Severity | None = None) -> Finding:
    isolated = listed(direction for direction in Direction if policy.isolates(direction)) or "nothing"
    return CHECK.finding(
        policy.ref,
        policy.place.at("spec.policyTypes"),
        f"NetworkPolicy {policy.name} {message}",
        (f"it selects {policy.spec.pod_selector} and isolates for {isolated}",),
        fix,
        severity=severity,
        confidence=Confidence.LOW if severity is Severity.LOW else None,
    )


CHECK = Check(
    id="policy-contradicts-name",
    title="Policies that contradict their name",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="people rely on what a policy is called, and this one does something else",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("AC-4", "CM-6"),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
