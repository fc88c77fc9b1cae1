"""The lines of the fields of a pod that answers quote: about its security, and about whom it connects to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.workloads import pod_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.manifests.yaml_reader import Document

_OF_POD = frozenset(
    {
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "securityContext",
        "volumes",
        "initContainers",
        "containers",
        "ephemeralContainers",
    }
)
_OF_CONTAINER = frozenset(
    {
        "securityContext",
        "ports",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "env",
        "command",
        "args",
    }
)


def pod_lines(value: dict[str, Any], document: Document) -> dict[str, int]:
    """
    Return the lines of what decides the security of a pod, by path inside its object.

    There are none where the object is or makes no pods, or the lines of the document are not known.
    """
    if not document.lines:
        return {}
    prefix = pod_path(str(value.get("kind")))
    pod: Any = value
    for step in prefix.split(".")[:-1]:
        pod = pod.get(step) if isinstance(pod, dict) else None
    spec = pod.get("spec") if isinstance(pod, dict) else None
    if not isinstance(spec, dict) or not isinstance(spec.get("containers"), list):
        return {}
    lines: dict[str, int] = {}
    for path, line in _annotations(pod, document):
        lines[prefix + path] = line
    for path, line in _below(spec, "spec", document, _OF_POD):
        lines[prefix + path] = line
    return lines


def _annotations(pod: dict[str, Any], document: Document) -> Iterator[tuple[str, int]]:
    metadata = pod.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    for key, line in document.lines.get(id(annotations), {}).items():
        if ".kubernetes.io/" in key:
            yield f'metadata.annotations["{key}"]', line


def _below(value: Any, path: str, document: Document, only: frozenset[str] | None = None) -> Iterator[tuple[str, int]]:
    """Yield the paths below a value with their lines; of containers only what matters."""
    lines = document.lines.get(id(value))
    if isinstance(value, dict) and lines is not None:
        for key, each in value.items():
            if only is None or key in only:
                yield f"{path}.{key}", lines[key]
                yield from _below(each, f"{path}.{key}", document)
    elif isinstance(value, list) and lines is not None:
        own = _OF_CONTAINER if path.endswith("ontainers") else None
        for index, each in enumerate(value):
            yield f"{path}[{index}]", lines[index]
            yield from _below(each, f"{path}[{index}]", document, own)
