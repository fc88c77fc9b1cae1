"""Objects as the API has them, kept for those who look at more than the model does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.model.decoding import CLUSTER_SCOPED, DECODERS, api_group
from firedoor.model.places import Gap, GapKind, ObjectRef, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.custom_checks import KindPattern

_CONTENTS = ("data", "stringData")
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which kubectl keeps the whole object, contents included."""

_CLUSTER_WIDE = CLUSTER_SCOPED | frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "CustomResourceDefinition",
        "FlowSchema",
        "GatewayClass",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
"""Kinds outside of namespaces besides those that the model has."""


class RawObject(Struct, frozen=True, gc=False):
    """An object as JSON, less the contents of a Secret, and where it was read."""

    api_version: str
    ref: ObjectRef
    place: Place
    data: bytes


class RawObjects:
    """Collects the objects of some kinds, each once: a later one replaces an earlier."""

    def __init__(self, kinds: Iterable[KindPattern]) -> None:
        self.kinds = tuple(dict.fromkeys(kinds))
        self._found: dict[tuple[str, ObjectRef], RawObject] = {}
        self.gaps: list[Gap] = []

    def wants(self, api_version: str, kind: str) -> bool:
        """Return whether objects of a kind are kept."""
        return any(each.holds(api_version, kind) for each in self.kinds)

    def take(self, value: dict[str, Any], place: Place, namespace: str) -> None:
        """Keep an object if it is wanted; `namespace` is given to one that names none and lives in one."""
        api_version, kind = str(value.get("apiVersion", "")), str(value.get("kind", ""))
        if not self.wants(api_version, kind):
            return
        metadata = value.get("metadata")
        metadata = dict(metadata) if isinstance(metadata, dict) else {}
        name = str(metadata.get("name") or metadata.get("generateName") or "")
        if is_cluster_wide(api_version, kind):
            metadata.pop("namespace", None)
        else:
            metadata["namespace"] = str(metadata.get("namespace") or namespace)
        ref = ObjectRef(kind, metadata.get("namespace", ""), name)
        kept = _without_contents({**value, "metadata": metadata}, kind)
        try:
            data = msgspec.json.encode(kept)
        except (TypeError, OverflowError, ValueError) as error:
            reason = f"{ref}: no JSON that an API server would take: {error}; custom checks do not see it"
            self.gaps.append(Gap(GapKind.INCOMPLETE, str(place), reason, "correct the value", ref))
            return
        # Several objects may be made from one generateName.
        key = ref if metadata.get("name") else ObjectRef(kind, ref.namespace, f"{name}#{len(self._found)}")
        self._found[api_group(api_version), key] = RawObject(api_version, ref, place, data)

    @property
    def found(self) -> tuple[RawObject, ...]:
        """The objects in a stable order."""
        return tuple(self._found[key] for key in sorted(self._found))


def is_cluster_wide(api_version: str, kind: str) -> bool:
    """Return whether objects of a kind are in no namespace; kinds that nobody knows are taken to be in one."""
    decoder = DECODERS.get((api_group(api_version), kind))
    if decoder is not None:
        return not decoder.is_namespaced
    return kind.startswith("Cluster") or kind in _CLUSTER_WIDE


def _without_contents(value: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return an object without what a Secret holds, its copy in an annotation included."""
    if kind != "Secret":
        return value
    kept = {key: each for key, each in value.items() if key not in _CONTENTS}
    annotations = kept["metadata"].get("annotations")
    if isinstance(annotations, dict):
        annotations = {key: each for key, each in annotations.items() if key != _APPLIED}
        kept["metadata"] = {**kept["metadata"], "annotations": annotations}
    return kept
