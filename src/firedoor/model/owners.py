"""The chains of ownership: Pod to ReplicaSet to Deployment, Pod to Job to CronJob."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.metadata import controller_of
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.metadata import OwnerReference
    from firedoor.model.workloads import Pod, Workload

_TEMPLATE_HASH = "pod-template-hash"


def manager(owners: Iterable[OwnerReference]) -> OwnerReference | None:
    """Return the owner that makes a pod's replicas; None for a pod that stands for itself, as those of a node do."""
    owner = controller_of(owners)
    return None if owner is None or owner.kind == "Node" else owner


class Owners:
    """The topmost owners of pods, as far as workloads are known."""

    def __init__(self, workloads: Iterable[Workload]) -> None:
        """Know these workloads."""
        self._workloads = {workload.ref: workload for workload in workloads}

    def top(self, pod: Pod) -> ObjectRef:
        """Return the topmost known owner; a pod without one is its own workload."""
        one = pod.metadata
        return self.tops([one.namespace], [one.name], [one.labels], [manager(one.owner_references)])[0]

    def tops(
        self,
        namespaces: Iterable[str],
        names: Iterable[str],
        labels: Iterable[dict[str, str]],
        managers: Iterable[OwnerReference | None],
    ) -> list[ObjectRef]:
        """Return what `top` does for each of several pods, given by what their metadata has, and their `manager`."""
        found: list[ObjectRef] = []
        for namespace, name, labelled, owner in zip(namespaces, names, labels, managers, strict=True):
            if owner is None:
                found.append(ObjectRef("Pod", namespace, name))
            else:
                ref = ObjectRef(owner.kind, namespace, owner.name)
                found.append(self._above(ref, labelled) if self._workloads else ref)
        return found

    def stands_alone(self, workload: Workload) -> bool:
        """Return whether nothing owns the workload, and it can still make pods."""
        return workload.metadata.controller is None and not workload.is_finished

    def _above(self, ref: ObjectRef, labels: dict[str, str]) -> ObjectRef:
        if ref not in self._workloads and ref.kind == "ReplicaSet":
            # A listing may hold the Deployment and the pods, and leave the ReplicaSets out.
            suffix = f"-{labels.get(_TEMPLATE_HASH, '')}"
            deployment = ObjectRef("Deployment", ref.namespace, ref.name.removesuffix(suffix))
            ref = deployment if deployment in self._workloads else ref
        return self._climb(ref)

    def _climb(self, ref: ObjectRef) -> ObjectRef:
        seen: set[ObjectRef] = set()
        # Hand-written manifests may own each other in a circle.
        while ref not in seen:
            seen.add(ref)
            workload = self._workloads.get(ref)
            owner = workload.metadata.controller if workload is not None else None
            if owner is None:
                break
            ref = ObjectRef(owner.kind, ref.namespace, owner.name)
        return ref
