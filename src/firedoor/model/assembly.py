"""Objects one by one into a snapshot: sorted, without duplicates, with the gaps that this shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from firedoor.model.namespaces import namespace_gaps
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Gap, GapKind, ObjectRef, Scope
from firedoor.model.policies import DECIDING_KINDS, PolicyObject
from firedoor.model.population import ordinal_gaps
from firedoor.model.rbac import Role, RoleBinding, ServiceAccount
from firedoor.model.services import EndpointSlice, GatewayRoute, IngressRoute, Service
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.model.workloads import Namespace, Node, Pod, Workload

if TYPE_CHECKING:
    from firedoor.model.decoding import ModelObject

_FIELDS: dict[type, str] = {
    Namespace: "namespaces",
    Node: "nodes",
    Pod: "pods",
    Workload: "workloads",
    Service: "services",
    EndpointSlice: "endpoint_slices",
    IngressRoute: "ingress_routes",
    GatewayRoute: "gateway_routes",
    NetworkPolicy: "network_policies",
    PolicyObject: "policy_objects",
    Role: "roles",
    RoleBinding: "role_bindings",
    ServiceAccount: "service_accounts",
}


class SnapshotBuilder:
    """Collects the objects and gaps of one or more sources."""

    def __init__(self) -> None:
        """Start empty."""
        self._objects: dict[str, dict[tuple[str, ObjectRef], ModelObject]] = {name: {} for name in _FIELDS.values()}
        self._gaps: list[Gap] = []
        self._others: Counter[str] = Counter()

    def add(self, each: ModelObject) -> None:
        """Add an object; one that was there already is replaced, as ``kubectl apply`` would, and a gap says so."""
        ref = reference(each)
        group = each.api_version.rpartition("/")[0] if isinstance(each, PolicyObject) else ""
        known = self._objects[_FIELDS[type(each)]]
        previous = known.pop((group, ref), None)
        if previous is not None and ref.name:
            self._gaps.append(
                Gap(
                    GapKind.DUPLICATE,
                    str(each.place),
                    f"{ref} is defined twice: first in {previous.place}; this later one is evaluated",
                    "keep one of the two definitions",
                    ref,
                )
            )
        elif not ref.name:
            ref = ObjectRef(ref.kind, ref.namespace, f"{each.metadata.generate_name}#{len(known)}")
        known[group, ref] = each

    def add_gap(self, gap: Gap) -> None:
        """Add a gap."""
        self._gaps.append(gap)

    def count_other(self, kind: str) -> None:
        """Count an object of a kind that does not matter here."""
        self._others[kind] += 1

    def build(self, origin: Origin) -> Snapshot:
        """Return the snapshot, everything in a stable order."""
        collected = {
            name: tuple(each for _, each in sorted(objects.items(), key=lambda item: item[0]))
            for name, objects in self._objects.items()
        }
        others = dict(sorted(self._others.items()))
        snapshot = Snapshot(origin=origin, other_objects=others, **collected)  # type: ignore[arg-type]
        gaps = [*self._gaps, *ordinal_gaps(snapshot), *namespace_gaps(snapshot)]
        gaps += map(_not_evaluated, _deciding(snapshot))
        gaps.sort(key=lambda gap: (gap.source, gap.path, gap.reason))
        return Snapshot(origin=origin, other_objects=others, gaps=tuple(gaps), **collected)  # type: ignore[arg-type]


def reference(each: ModelObject) -> ObjectRef:
    """Return the kind, namespace and name of any model object."""
    if isinstance(each, (Workload, PolicyObject, Role, RoleBinding, GatewayRoute)):
        kind = each.kind
    else:
        kind = "Ingress" if isinstance(each, IngressRoute) else type(each).__name__
    return ObjectRef(kind, each.metadata.namespace, each.metadata.name)


def _deciding(snapshot: Snapshot) -> list[PolicyObject]:
    return [
        each for each in snapshot.policy_objects if (each.api_version.rpartition("/")[0], each.kind) in DECIDING_KINDS
    ]


def _not_evaluated(policy: PolicyObject) -> Gap:
    ingress, egress = DECIDING_KINDS[policy.api_version.rpartition("/")[0], policy.kind]
    reach = f"the pods of namespace {policy.metadata.namespace}" if policy.metadata.namespace else "all pods"
    return Gap(
        GapKind.UNSUPPORTED,
        str(policy.place),
        f"{policy.kind} of {policy.api_version} is not evaluated yet: verdicts on {reach} are unknown",
        "judge those connections with the tool that enforces this policy",
        policy.ref,
        Scope(policy.metadata.namespace, ingress, egress),
    )
