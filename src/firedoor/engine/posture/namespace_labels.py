"""Namespaces with other labels, as objects to apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.model.workloads import Namespace

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def labelled(namespace: Namespace, labels: Mapping[str, str]) -> dict[str, object]:
    """Return a namespace with more labels than it has."""
    own = namespace.metadata
    metadata: dict[str, object] = {"name": own.name, "labels": {**own.labels, **labels}}
    annotations = {key: value for key, value in own.annotations.items() if key != _LAST_APPLIED}
    if annotations:
        metadata["annotations"] = annotations
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
