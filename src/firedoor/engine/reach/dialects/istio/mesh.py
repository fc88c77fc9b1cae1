"""
Which pods are in the mesh.

A pod is in it when it carries the proxy, when the injector gives it one, or when the
node proxy of the ambient mode captures it. Where nothing says anything about that,
every pod off the host network is: somebody wrote policies for workloads in the mesh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.engine.reach.vocabulary import Trait
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Pod, PodSpec, PodTemplate

INSIDE = "inside"
"""The value of the trait for pods in the mesh; that of all others is empty."""

INJECT, INJECTION = "sidecar.istio.io/inject", "istio-injection"
REVISION, DATAPLANE = "istio.io/rev", "istio.io/dataplane-mode"
PROXY = "istio-proxy"


def membership(snapshot: Snapshot) -> Trait:
    """Return the trait that tells which pods are in the mesh."""
    is_told = mentions_mesh(snapshot)
    namespaces = snapshot.namespace_labels()

    def tell(member: Member) -> str:
        if member.host_network:
            return ""
        is_inside = (
            not is_told
            or _carries_proxy(member.spec)
            or _is_injected(member, namespaces[member.namespace])
            or _is_captured(member, namespaces[member.namespace])
        )
        return INSIDE if is_inside else ""

    return tell


def _is_injected(member: Member, namespace: Mapping[str, str]) -> bool:
    """Return whether the injector adds the proxy; what disables that wins, and a label over the older annotation."""
    wanted = member.labels.get(INJECT, member.annotations.get(INJECT))
    if wanted == "false" or namespace.get(INJECTION) == "disabled":
        return False
    is_enabled = wanted == "true" or namespace.get(INJECTION) == "enabled"
    return is_enabled or bool(member.labels.get(REVISION) or namespace.get(REVISION))


def _is_captured(member: Member, namespace: Mapping[str, str]) -> bool:
    return member.labels.get(DATAPLANE, namespace.get(DATAPLANE)) == "ambient"


def _carries_proxy(spec: PodSpec) -> bool:
    return any(each.name == PROXY for each in (*spec.containers, *spec.init_containers))


def mentions_mesh(snapshot: Snapshot) -> bool:
    """Return whether anything tells pods in the mesh from others, be it on a pod that has ended."""
    marks = {INJECTION, REVISION, DATAPLANE}
    if any(not marks.isdisjoint(each.metadata.labels) for each in snapshot.namespaces):
        return True
    return any(
        not {INJECT, REVISION, DATAPLANE}.isdisjoint(each.metadata.labels)
        or INJECT in each.metadata.annotations
        or _carries_proxy(each.spec)
        for each in _pods(snapshot)
    )


def _pods(snapshot: Snapshot) -> Iterator[Pod | PodTemplate]:
    yield from snapshot.pods
    yield from (workload.template for workload in snapshot.workloads)
