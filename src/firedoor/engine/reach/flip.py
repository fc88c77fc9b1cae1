"""
The smallest policy change that flips a verdict.

Candidates are tried in order of size, each on a copy of the snapshot through the
engine itself; only one that really flips the verdict is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.explain import accepting_rules
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.policy_objects import policy_manifest
from firedoor.model.explanation import Change
from firedoor.model.icmp import ICMP
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    Direction,
    EgressRule,
    IngressRule,
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.members import Member

VOLATILE_LABELS = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "batch.kubernetes.io/job-name",
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "pod-template-generation",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)
"""Labels that controllers put on pods and that differ between pods of one workload, or from one rollout to the next."""


def flip(network: Network, source: int | str, destination: int | str, protocol: str, port: int) -> Change | None:
    """Return the smallest change found that turns accepted into denied, or denied into accepted."""
    verdict = network.verdict(source, destination, protocol, port)
    is_name = isinstance(destination, str) and not is_address(destination)
    if verdict is Verdict.UNKNOWN or not network.cni.enforced or source == destination or is_name or protocol == ICMP:
        return None
    if verdict is Verdict.DENIED:
        added = tuple(_openings(network, source, destination, protocol, port))
        return _tried(network, added, (source, destination, protocol, port), Verdict.ACCEPTED)
    closings = sorted(_closings(network, (source, destination, protocol, port)), key=len)
    tried = (_tried(network, each, (source, destination, protocol, port), Verdict.DENIED) for each in closings)
    return next((change for change in tried if change is not None), None)


def _tried(
    network: Network,
    changes: tuple[tuple[NetworkPolicy, str], ...],
    question: tuple[int | str, int | str, str, int],
    wanted: Verdict,
) -> Change | None:
    """Return the change if, with it, the engine's verdict is the wanted one."""
    changed = {policy.ref: policy for policy, _ in changes}
    policies = [changed.pop(each.ref, each) for each in network.snapshot.network_policies]
    snapshot = msgspec.structs.replace(network.snapshot, network_policies=(*policies, *changed.values()))
    if Network(snapshot, network.cni).verdict(*question) is not wanted:
        return None
    return Change("; ".join(text for _, text in changes), tuple(policy_manifest(policy) for policy, _ in changes))


def _openings(
    network: Network, source: int | str, destination: int | str, protocol: str, port: int
) -> Iterator[tuple[NetworkPolicy, str]]:
    """Yield, for each direction that denies, an added policy with exactly the missing rule."""
    ports = (NetworkPolicyPort(protocol, port),)
    for direction, subject, other in (
        (Direction.EGRESS, source, destination),
        (Direction.INGRESS, destination, source),
    ):
        if not isinstance(subject, int):
            continue
        if network.judge(network.direction_value(direction, subject, other), protocol, port) is not Verdict.DENIED:
            continue
        member = network.members[subject]
        peer = (_peer(network, other, member),)
        rules = (
            {"ingress": (IngressRule(peer, ports),)}
            if direction is Direction.INGRESS
            else {"egress": (EgressRule(peer, ports),)}
        )
        way = "from" if direction is Direction.INGRESS else "to"
        name = _fresh_name(network, member, f"{member.workload.name}-allow-{way}-{_short(network, other)}")
        spec = NetworkPolicySpec(LabelSelector(_stable(member)), (direction.capitalize(),), **rules)
        policy = NetworkPolicy(ObjectMeta(name, member.namespace), spec)
        yield (
            policy,
            f"add NetworkPolicy {policy.name}: allow {protocol}/{port} {way} {_named(network, other)}",
        )


def _closings(
    network: Network, question: tuple[int | str, int | str, str, int]
) -> Iterator[tuple[tuple[NetworkPolicy, str], ...]]:
    """Yield, for each end, the policies without the rules that accept, or one that isolates what nothing isolates."""
    source, destination, protocol, port = question
    bit = 1 << network.axis.atom(protocol, port)
    for direction, subject, other in (
        (Direction.INGRESS, destination, source),
        (Direction.EGRESS, source, destination),
    ):
        if not isinstance(subject, int):
            continue
        member = network.members[subject]
        accepting: dict[str, tuple[NetworkPolicy, list[str]]] = {}
        for compiled, rule in accepting_rules(network, direction, subject, other, bit):
            accepting.setdefault(compiled.policy.name, (compiled.policy, []))[1].append(rule.path)
        if accepting:
            yield tuple(
                (
                    _without_rules(policy, direction, paths),
                    f"remove {' and '.join(paths)} from NetworkPolicy {policy.name}",
                )
                for policy, paths in accepting.values()
            )
        elif not any(network.selecting(direction, network.profile_of[subject])):
            name = _fresh_name(network, member, f"{member.workload.name}-deny-{direction}")
            spec = NetworkPolicySpec(LabelSelector(_stable(member)), (direction.capitalize(),))
            whose = f"{direction} of {member.workload.name}"
            summary = f"add NetworkPolicy {member.namespace}/{name}: deny all {whose} that no other policy allows"
            yield ((NetworkPolicy(ObjectMeta(name, member.namespace), spec), summary),)


def _without_rules(policy: NetworkPolicy, direction: Direction, paths: list[str]) -> NetworkPolicy:
    types = policy.spec.policy_types or tuple(each.capitalize() for each in Direction if policy.isolates(each))
    gone = set(paths)
    rules = tuple(
        rule for index, rule in enumerate(policy.rules(direction)) if f"spec.{direction}[{index}]" not in gone
    )
    spec = msgspec.structs.replace(policy.spec, policy_types=types, **{str(direction): rules})
    return msgspec.structs.replace(policy, spec=spec)


def _peer(network: Network, other: int | str, subject: Member) -> NetworkPolicyPeer:
    if isinstance(other, str):
        return NetworkPolicyPeer(ip_block=_host_block(other))
    member = network.members[other]
    if member.host_network and member.addresses:
        return NetworkPolicyPeer(ip_block=_host_block(member.addresses[0]))
    pods = LabelSelector(_stable(member))
    if member.namespace == subject.namespace:
        return NetworkPolicyPeer(pod_selector=pods)
    return NetworkPolicyPeer(pods, LabelSelector({NAMESPACE_NAME_LABEL: member.namespace}))


def _host_block(address: str) -> IPBlock:
    return IPBlock(f"{address}/{128 if ':' in address else 32}")


def _stable(member: Member) -> dict[str, str]:
    return {key: value for key, value in sorted(member.labels.items()) if key not in VOLATILE_LABELS}


def _named(network: Network, other: int | str) -> str:
    return other if isinstance(other, str) else network.members[other].full_name


def _short(network: Network, other: int | str) -> str:
    text = other if isinstance(other, str) else network.members[other].workload.name
    return text.replace(":", "-").replace(".", "-").strip("-")


def _fresh_name(network: Network, member: Member, wanted: str) -> str:
    taken = {
        each.metadata.name for each in network.snapshot.network_policies if each.metadata.namespace == member.namespace
    }
    name = wanted[:240]
    number = 2
    while name in taken:
        name, number = f"{wanted[:240]}-{number}", number + 1
    return name
