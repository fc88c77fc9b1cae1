"""Complete objects that remedy a finding, in the shape of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.flip import VOLATILE_LABELS
from firedoor.engine.reach.policy_objects import policy_manifest
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    Direction,
    EgressRule,
    IngressRule,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.model.members import Member

Manifest = dict[str, object]

BOTH = tuple(Direction)
DNS_PEER = NetworkPolicyPeer(
    LabelSelector({"k8s-app": "kube-dns"}), LabelSelector({NAMESPACE_NAME_LABEL: "kube-system"})
)
DNS_PORTS = (NetworkPolicyPort("UDP", 53), NetworkPolicyPort("TCP", 53))


def default_deny(namespace: str, directions: Sequence[Direction] = BOTH) -> Manifest:
    """Return a policy that isolates every pod of a namespace in the directions and allows nothing."""
    name = "default-deny" if len(directions) == len(BOTH) else f"default-deny-{directions[0]}"
    return new_policy(namespace, name, LabelSelector(), directions)


def deny_workload(namespace: str, name: str, labels: dict[str, str]) -> Manifest:
    """Return a policy that isolates the pods with `labels` in both directions and allows nothing."""
    return new_policy(namespace, f"{name}-default-deny", LabelSelector(labels))


def allow_dns(namespace: str, ports: tuple[NetworkPolicyPort, ...] = DNS_PORTS) -> Manifest:
    """Return a policy that lets every pod of a namespace ask the cluster's DNS."""
    rule = EgressRule((DNS_PEER,), ports)
    return new_policy(namespace, "allow-dns", LabelSelector(), (Direction.EGRESS,), egress=(rule,))


def new_policy(
    namespace: str,
    name: str,
    selector: LabelSelector,
    directions: Sequence[Direction] = BOTH,
    *,
    ingress: tuple[IngressRule, ...] = (),
    egress: tuple[EgressRule, ...] = (),
) -> Manifest:
    """Return a policy made of these parts."""
    types = tuple(direction.capitalize() for direction in directions)
    spec = NetworkPolicySpec(selector, types, ingress, egress)
    return policy_manifest(NetworkPolicy(ObjectMeta(name[:253], namespace), spec))


def with_selector(policy: NetworkPolicy, selector: LabelSelector) -> Manifest:
    """Return the policy with another pod selector."""
    spec = msgspec.structs.replace(policy.spec, pod_selector=selector)
    return policy_manifest(msgspec.structs.replace(policy, spec=spec))


def with_types(policy: NetworkPolicy, directions: Iterable[Direction]) -> Manifest:
    """Return the policy with other ``policyTypes``."""
    types = tuple(direction.capitalize() for direction in directions)
    spec = msgspec.structs.replace(policy.spec, policy_types=types)
    return policy_manifest(msgspec.structs.replace(policy, spec=spec))


def with_rule(
    policy: NetworkPolicy, direction: Direction, number: int, rule: IngressRule | EgressRule | None
) -> Manifest:
    """Return the policy with another rule at a position, or without the one there; what it isolates stays."""
    rules = list(policy.rules(direction))
    rules[number : number + 1] = [] if rule is None else [rule]
    types = tuple(each.capitalize() for each in Direction if policy.isolates(each))
    spec = msgspec.structs.replace(policy.spec, policy_types=types, **{str(direction): tuple(rules)})
    return policy_manifest(msgspec.structs.replace(policy, spec=spec))


def stable_labels(members: Iterable[Member]) -> dict[str, str]:
    """Return the labels that all of these pods share and that outlast a rollout, sorted."""
    # Replicas share their labels: each set of them is looked at once.
    distinct = list({id(member.labels): member.labels for member in members}.values())
    shared = set(distinct[0].items()).intersection(*(each.items() for each in distinct[1:])) if distinct else set()
    return dict(sorted(pair for pair in shared if pair[0] not in VOLATILE_LABELS))


def peer_in(namespace: str, other: str, selector: LabelSelector) -> NetworkPolicyPeer:
    """Return a peer for the pods of namespace `other` that the selector matches, seen from `namespace`."""
    if namespace == other:
        return NetworkPolicyPeer(selector)
    return NetworkPolicyPeer(selector, LabelSelector({NAMESPACE_NAME_LABEL: other}))
