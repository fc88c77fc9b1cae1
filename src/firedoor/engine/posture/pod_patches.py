"""The fields of a workload that remedy faults of its pods, as a patch of the object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.workloads import Container, pod_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.pod_security.control import Setting
    from firedoor.model.places import ObjectRef
    from firedoor.model.workloads import PodSpec

API_VERSIONS = {
    "CronJob": "batch/v1",
    "DaemonSet": "apps/v1",
    "Deployment": "apps/v1",
    "Job": "batch/v1",
    "Pod": "v1",
    "ReplicaSet": "apps/v1",
    "ReplicationController": "v1",
    "StatefulSet": "apps/v1",
}
"""The ``apiVersion`` of the kinds that make pods; a patch of a custom resource leaves it out."""

Step = str | dict[str, object]
"""A field, or what names an element of a list."""


def pod_patch(ref: ObjectRef, spec: PodSpec, settings: Iterable[Setting]) -> dict[str, object]:
    """Return a patch of a workload that sets fields of its pods; null removes a field."""
    patch: dict[str, object] = {"kind": ref.kind, "metadata": {"name": ref.name, "namespace": ref.namespace}}
    if ref.kind in API_VERSIONS:
        patch = {"apiVersion": API_VERSIONS[ref.kind], **patch}
    for setting in settings:
        *parents, last = _steps(pod_path(ref.kind) + setting.path, spec)
        node: Any = patch
        for step, following in zip(parents, [*parents[1:], last], strict=True):
            if isinstance(step, str):
                node = node.setdefault(step, {} if isinstance(following, str) else [])
            else:
                node = _element(node, step)
        node[last] = setting.value
    return patch


def _steps(path: str, spec: PodSpec) -> Iterator[Step]:
    """Yield the fields of a path, and instead of positions in lists what names their elements in a patch."""
    lists = {"containers": spec.containers, "initContainers": spec.init_containers}
    container = Container()
    fields, _, key = path.partition('["')
    for part in fields.split("."):
        name, _, index = part.removesuffix("]").partition("[")
        yield name
        if index and name == "ports":
            port = container.ports[int(index)]
            yield {"containerPort": port.container_port, "protocol": port.protocol or "TCP"}
        elif index:
            container = lists[name][int(index)]
            yield {"name": container.name}
    if key:
        yield key.removesuffix('"]')


def _element(elements: list[dict[str, object]], names: dict[str, object]) -> dict[str, object]:
    for each in elements:
        if names.items() <= each.items():
            return each
    elements.append(dict(names))
    return elements[-1]
