"""Large JSON lists, as ``kubectl get -o json`` prints them, decoded item by item at the speed of the parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from firedoor.adapters.manifests.yaml_reader import Document
from firedoor.model.decoding import DECODERS, api_group, decode_json
from firedoor.model.places import Place

if TYPE_CHECKING:
    from firedoor.adapters.manifests.documents import DocumentReader
    from firedoor.model.assembly import SnapshotBuilder

_BULK_KINDS = frozenset(
    {"Pod", "Node", "ReplicaSet", "EndpointSlice", "Deployment", "StatefulSet", "DaemonSet", "Job", "Service"}
)
"""Kinds that come in great numbers, and whose rules no answer quotes by line."""


class _Metadata(Struct, frozen=True, gc=False):
    uid: str = ""


class _Header(Struct, gc=False, rename="camel"):
    api_version: str = ""
    kind: str = ""
    metadata: _Metadata = _Metadata()


class _List(Struct, gc=False, rename="camel"):
    items: list[msgspec.Raw]
    api_version: str = ""
    kind: str = ""


def read_large_list(data: bytes, source: str, namespace: str, builder: SnapshotBuilder, reader: DocumentReader) -> bool:
    """
    Read a list, and return whether the data was one.

    Objects that an API server has served (they carry a uid) were validated by it
    and are decoded straight from their bytes; all others take the general way.
    """
    try:
        found = msgspec.json.decode(data, type=_List)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return False
    if not found.kind.endswith("List"):
        return False
    item_kind = found.kind.removesuffix("List")
    position = line = 0
    for raw in found.items:
        item = bytes(raw)
        start = data.find(item, position)
        line += data.count(b"\n", position, start)
        position = start
        _read_item(item, Place(source, line + 1, 1), (item_kind, found.api_version), namespace, builder, reader)
    return True


def _read_item(
    item: bytes,
    place: Place,
    defaults: tuple[str, str],
    namespace: str,
    builder: SnapshotBuilder,
    reader: DocumentReader,
) -> None:
    try:
        header = msgspec.json.decode(item, type=_Header)
    except msgspec.ValidationError:
        header = _Header()
    kind, api_version = header.kind or defaults[0], header.api_version or defaults[1]
    group = api_group(api_version)
    if header.metadata.uid and kind in _BULK_KINDS and (group, kind) in DECODERS:
        decoded = decode_json(item, group, kind, place, namespace)
        if decoded is not None:
            builder.add(decoded)
            return
    value = msgspec.json.decode(item)
    if isinstance(value, dict) and kind:
        value.setdefault("kind", kind)
        value.setdefault("apiVersion", api_version)
    reader.take(Document(value, place.line), 1, "")
