"""
Served objects that come in great numbers, straight from their JSON into the model, with equal parts shared.

The replicas of a workload carry the same labels, annotations, owners and containers:
each of them is decoded once and kept once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from firedoor.model.decoding import DECODERS, KindDecoder, ModelObject, api_group, finish
from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.places import Place
from firedoor.model.pod_specs import SpecReader, SpecWire
from firedoor.model.pod_table import NO_LINES, CommonParts
from firedoor.model.workloads import Pod, PodSpec, PodStatus

if TYPE_CHECKING:
    from typing import Protocol

    class Way(Protocol):
        """How elements of one kind are read."""

        def decode(self, item: memoryview | bytes, line: int, implied: tuple[str, str]) -> ModelObject | None:
            """
            Return the object of an element that stands on `line`; None for one that this way cannot read.

            `implied` are the ``apiVersion`` and ``kind`` that an element need not repeat. Raises
            ``msgspec.DecodeError`` for what is no whole JSON value.
            """


BULK_KINDS = frozenset(
    {
        "Pod",
        "Node",
        "ReplicaSet",
        "EndpointSlice",
        "Deployment",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "Service",
        "PersistentVolume",
        "PersistentVolumeClaim",
    }
)
"""Kinds that come in great numbers, and whose rules no answer quotes by line."""

MOST_FOLLOWED = 256
"""Of so many workloads is kept what replicas have in common, where pods come one by one, before it is forgotten."""

NO_TEXTS: dict[str, str] = {}
"""Shared by all objects that have none."""
_NOTHING = Raw(b"{}")
_NONE = Raw(b"[]")


class _PodMeta(Struct, gc=False, rename="camel"):
    name: str = ""
    namespace: str = ""
    labels: Raw = _NOTHING
    annotations: Raw = _NOTHING
    owner_references: Raw = _NONE
    generate_name: str = ""
    uid: str = ""
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None


class PodWire(Struct, gc=False, rename="camel"):
    """A pod, of which what replicas share is still text."""

    api_version: str = ""
    kind: str = ""
    metadata: _PodMeta = msgspec.field(default_factory=_PodMeta)
    spec: SpecWire = msgspec.field(default_factory=SpecWire)
    status: PodStatus = PodStatus()


class PodWay:
    """Reads Pods of one source."""

    def __init__(self, source: str, namespace: str) -> None:
        """`namespace` is that of pods that name none."""
        self._source = source
        self._namespace = namespace
        self._wire = msgspec.json.Decoder(PodWire)
        self._texts: dict[str, str] = {}
        self._texts_of = Blobs(dict[str, str])
        self._owners_of = Blobs(tuple[OwnerReference, ...])
        self._common: dict[bytes, CommonParts] = {}
        # Replicas stand together, and to compare a text is faster than to hash it.
        self._last_blob = b""
        self._last_common: CommonParts = {}, {}, ()
        self._specs = SpecReader()

    @property
    def is_full(self) -> bool:
        """Whether it knows more than pays where pods come one by one; it would go on to know all that ever were."""
        return len(self._common) >= MOST_FOLLOWED

    def decode(self, item: memoryview | bytes, line: int, implied: tuple[str, str]) -> Pod | None:
        """Return a pod; None for another kind, for one that was never served, and for other forms of the API."""
        found = self.read(item, implied)
        if found is None:
            return None
        wire, (labels, annotations, owners), spec = found
        meta, node = wire.metadata, wire.spec.node_name
        namespace = meta.namespace or self._namespace
        metadata = ObjectMeta(
            meta.name,
            self._texts.setdefault(namespace, namespace),
            labels,
            annotations,
            owners,
            meta.generate_name,
            meta.uid,
            meta.creation_timestamp,
            meta.deletion_timestamp,
        )
        placed = replace(spec, node_name=self._texts.setdefault(node, node))
        return Pod(metadata, placed, wire.status, Place(self._source, line, 1, NO_LINES))

    def read(self, item: memoryview | bytes, implied: tuple[str, str]) -> tuple[PodWire, CommonParts, PodSpec] | None:
        """Return what `decode` makes a pod of: what it has of its own, and what replicas share, less their node."""
        try:
            wire = self._wire.decode(item)
            meta = wire.metadata
            if (wire.kind or implied[1]) != "Pod" or (wire.api_version or implied[0]) != "v1" or not meta.uid:
                return None
            blob = b"\0".join((meta.labels, meta.annotations, meta.owner_references))
            if blob != self._last_blob:
                self._last_common, self._last_blob = self._common_of(meta, blob), blob
            return wire, self._last_common, self._specs.read(wire.spec, self._last_common[2])
        except msgspec.ValidationError:
            return None

    def _common_of(self, meta: _PodMeta, blob: bytes) -> CommonParts:
        """Return labels, annotations and owners, the same objects for the same text."""
        common = self._common.get(blob)
        if common is None:
            common = self._common[blob] = (
                self._texts_of.value(meta.labels),
                self._texts_of.value(meta.annotations),
                self._owners_of.value(meta.owner_references),
            )
        return common


class KindWay:
    """Reads objects of one bulk kind, as one that `DECODERS` knows."""

    def __init__(self, group: str, kind: str, source: str, namespace: str) -> None:
        """`namespace` is that of objects that name none."""
        self._group = group
        self._kind = kind
        self._source = source
        self._namespace = namespace
        self._decoder: KindDecoder = DECODERS[group, kind]
        named = [("api_version", str, ""), ("kind", str, "")]
        wire = msgspec.defstruct(f"_{kind}", named, bases=(self._decoder.wire,), gc=False, rename="camel")
        self._wire = msgspec.json.Decoder(wire)

    def decode(self, item: memoryview | bytes, line: int, implied: tuple[str, str]) -> ModelObject | None:
        """Return an object; None for another kind, for one that was never served, and for other forms of the API."""
        try:
            wire: Any = self._wire.decode(item)
        except msgspec.ValidationError:
            return None
        api_version, kind = wire.api_version or implied[0], wire.kind or implied[1]
        if kind != self._kind or api_group(api_version) != self._group or not wire.metadata.uid:
            return None
        made = self._decoder.wire
        exact = made(*(getattr(wire, name) for name in made.__struct_fields__))
        return finish(self._decoder, kind, exact, Place(self._source, line, 1, NO_LINES), self._namespace)


class Blobs:
    """Values by the JSON text that they are decoded from."""

    def __init__(self, form: Any) -> None:
        self._decoder = msgspec.json.Decoder(form)
        self._known: dict[bytes, Any] = {}

    def value(self, raw: Raw | bytes) -> Any:
        """Return the value of a JSON text, the same object for the same text."""
        text = bytes(raw)
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._decoder.decode(text)
        return found
