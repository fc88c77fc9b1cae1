"""What is not understood of the policy objects of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.calico import BUILT_IN_TIERS, DEFAULT_TIER
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, GapKind, ObjectRef, Scope
from firedoor.model.policies import DECIDING_KINDS, PolicyObject
from firedoor.model.typed_policies import parser_of, read_policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.calico import CalicoPolicy, Tier
    from firedoor.model.faults import Fault
    from firedoor.model.snapshot import Snapshot


def policy_gaps(snapshot: Snapshot) -> Iterator[Gap]:
    """Yield faults in policy objects, policies whose place is not known, and kinds that are not evaluated."""
    typed, faults = read_policies(snapshot)
    yield from (_fault_gap(policy, fault) for policy, fault in faults)
    for policy in snapshot.policy_objects:
        if parser_of(policy) is None and (policy.group, policy.kind) in DECIDING_KINDS:
            yield _not_evaluated(policy)
    tiers = {each.name for each in (*BUILT_IN_TIERS, *typed.tiers)}
    yield from (_without_tier(each) for each in typed.calico if each.tier not in tiers and not each.hosts_only)
    used = {each.tier for each in typed.calico} | ({DEFAULT_TIER} if snapshot.network_policies else set())
    yield from (_unsure_tier(each) for each in typed.tiers if each.unsure and each.name in used)


def _fault_gap(policy: PolicyObject, fault: Fault) -> Gap:
    tail = "the cluster is judged without it" if fault.rejects else "what it decides is unknown"
    return Gap(
        GapKind.REJECTED if fault.rejects else GapKind.UNSUPPORTED,
        policy.place.at(fault.path),
        f"{policy.ref}: {fault.path}: {fault.reason}; {tail}",
        fault.remedy,
        policy.ref,
        path=fault.path,
    )


def _without_tier(policy: CalicoPolicy) -> Gap:
    """Whether such a policy is asked before or after others depends on a tier that is not there."""
    return Gap(
        GapKind.INCOMPLETE,
        policy.place.at("spec.tier"),
        f"{policy.ref}: spec.tier: there is no tier {policy.tier!r} among the objects, so that it is not known when "
        f"the policy is asked; verdicts on {_reach(policy.metadata.namespace)} are unknown",
        "add the Tier to what is read, or correct the name",
        policy.ref,
        Scope(policy.metadata.namespace, policy.decides(Direction.INGRESS), policy.decides(Direction.EGRESS)),
        path="spec.tier",
    )


def _unsure_tier(tier: Tier) -> Gap:
    return Gap(
        GapKind.UNSUPPORTED,
        str(tier.place),
        f"Tier {tier.name}: part of it is not understood, so that it is not known what becomes of its policies; "
        "verdicts on all pods are unknown",
        "correct what the other gaps say of it",
        ObjectRef("Tier", "", tier.name),
        Scope(),
    )


def _not_evaluated(policy: PolicyObject) -> Gap:
    ingress, egress = DECIDING_KINDS[policy.group, policy.kind]
    return Gap(
        GapKind.UNSUPPORTED,
        str(policy.place),
        f"{policy.kind} of {policy.api_version} is not evaluated: verdicts on {_reach(policy.metadata.namespace)} "
        "are unknown",
        "judge those connections with the tool that enforces this policy",
        policy.ref,
        Scope(policy.metadata.namespace, ingress, egress),
    )


def _reach(namespace: str) -> str:
    return f"the pods of namespace {namespace}" if namespace else "all pods"
