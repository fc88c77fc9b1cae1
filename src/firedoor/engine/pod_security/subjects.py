"""Which pods of a workload are judged: the one of its template, and its live ones as far as they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.pod_security.judging import alike
from firedoor.model.places import ObjectRef
from firedoor.model.population import Register
from firedoor.model.workloads import FINISHED_PHASES, pod_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.metadata import ObjectMeta
    from firedoor.model.places import Place
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import PodSpec, Workload


class Subject(NamedTuple):
    """
    A pod that is judged, and where it stands.

    `prefix` is the path of the pod inside the object at `place`; `pod` is the name of a
    live pod, empty for a template.
    """

    metadata: ObjectMeta
    spec: PodSpec
    place: Place
    prefix: str
    pod: str

    def source(self, path: str) -> str:
        """Return ``file:line`` of a field of the pod."""
        return self.place.at(self.prefix + path)


def subjects(snapshot: Snapshot) -> dict[ObjectRef, tuple[Subject, ...]]:
    """
    Return what is judged of each workload, sorted by workload, templates first.

    Pods that have ended and Jobs that make no more pods are left out, and so are templates
    of workloads that another one made: that one's template is judged.
    """
    found: dict[ObjectRef, dict[tuple[object, ...], Subject]] = {}
    for workload in _standing(snapshot):
        metadata, spec = workload.template.metadata, workload.template.spec
        subject = Subject(metadata, spec, workload.place, pod_path(workload.kind), "")
        found[workload.ref] = {alike(metadata, spec): subject}
    register = Register(snapshot)
    last: tuple[object, ...] = ()
    for pod in snapshot.pods:
        metadata = pod.metadata
        key = alike(metadata, pod.spec)
        # Replicas stand together, and share what tells their owner.
        same = (*key, id(metadata.owner_references), id(metadata.labels), metadata.namespace)
        if pod.status.phase in FINISHED_PHASES or (same == last and metadata.owner_references):
            continue
        last = same
        own = found.setdefault(register.workload(pod), {})
        if key not in own:
            own[key] = Subject(metadata, pod.spec, pod.place, "", metadata.name)
    return {ref: tuple(found[ref].values()) for ref in sorted(found, key=_by_namespace)}


def _standing(snapshot: Snapshot) -> Iterator[Workload]:
    known = {each.ref for each in snapshot.workloads}
    for workload in snapshot.workloads:
        owner = workload.metadata.controller
        ref = ObjectRef(owner.kind, workload.metadata.namespace, owner.name) if owner is not None else None
        if not workload.is_finished and ref not in known:
            yield workload


def _by_namespace(ref: ObjectRef) -> tuple[str, str, str]:
    return ref.namespace, ref.kind, ref.name
