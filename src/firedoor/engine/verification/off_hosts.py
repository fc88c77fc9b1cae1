"""A cluster as a plugin would have it that takes pods on the network of their node for other pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Pod, PodSpec, Workload


def off_hosts(snapshot: Snapshot) -> Snapshot:
    """Return the cluster with all pods on the network of pods (``hostNetwork: false``), at the addresses they have."""
    return replace(snapshot, pods=tuple(map(_pod, snapshot.pods)), workloads=tuple(map(_workload, snapshot.workloads)))


def _pod(pod: Pod) -> Pod:
    return replace(pod, spec=_spec(pod.spec)) if pod.spec.host_network else pod


def _workload(workload: Workload) -> Workload:
    template = workload.template
    if not template.spec.host_network:
        return workload
    return replace(workload, template=replace(template, spec=_spec(template.spec)))


def _spec(spec: PodSpec) -> PodSpec:
    return replace(spec, host_network=False)
