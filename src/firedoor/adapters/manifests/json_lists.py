"""Large JSON lists, as ``kubectl get -o json`` prints them, decoded item by item at the speed of the parser."""

from __future__ import annotations

from io import BufferedReader
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.adapters.manifests.json_stream import BUFFER_BYTES, ListStream, UnusualError
from firedoor.adapters.manifests.nulls import without_nulls
from firedoor.adapters.manifests.pod_lists import read_apart
from firedoor.adapters.manifests.served_policies import NamespaceWay, PolicyWay
from firedoor.adapters.manifests.yaml_reader import Document
from firedoor.model.bulk_decoding import BULK_KINDS, KindWay, PodWay
from firedoor.model.decoding import DECODERS, ModelObject, api_group, decode_json
from firedoor.model.places import Place
from firedoor.model.pod_table import PodTable
from firedoor.model.workloads import Pod
from firedoor.native import is_there

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedIOBase

    from firedoor.adapters.manifests.documents import DocumentReader
    from firedoor.model.assembly import SnapshotBuilder
    from firedoor.model.bulk_decoding import Way


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


class _Whole(Struct):
    """Any JSON object; decoding it finds out whether the text is one."""


def read_list_stream(
    stream: BufferedIOBase,
    source: str,
    namespace: str,
    builder: SnapshotBuilder,
    reader: DocumentReader,
    *,
    buffer_bytes: int = BUFFER_BYTES,
) -> bool:
    """
    Read a list through a small buffer, and return whether the data was one in a usual layout.

    Nothing is added to `builder` when it was not. Objects that an API server has served
    (they carry a uid) go straight from their bytes into the model; others wait, as bytes,
    for the general way.
    """
    found = None
    if reader.raw is None and isinstance(stream, BufferedReader) and is_there():
        found = _apart(stream, source, namespace, reader)
        stream.seek(0)
    found = found or _whole(stream, source, namespace, reader, buffer_bytes)
    if found is None or not found[0].kind.endswith("List"):
        return False
    implied = found[0].kind.removesuffix("List"), found[0].api_version
    for each in found[1]:
        if isinstance(each, _Waiting):
            _read_item(each.item, Place(source, each.line, 1), implied, namespace, builder, reader)
        elif isinstance(each, PodTable):
            builder.add_pods(each)
        else:
            builder.add(each)
    return True


def _whole(
    stream: BufferedIOBase, source: str, namespace: str, reader: DocumentReader, buffer_bytes: int
) -> tuple[ListStream, list[Element | PodTable]] | None:
    """Return a list and its elements; None where it has no usual layout."""
    try:
        found = ListStream(stream, buffer_bytes)
        collected = _Collected(found, source, namespace, reader)
        found.each(collected.take)
    except (UnusualError, RecursionError):
        return None
    return found, [*collected.elements]


def _apart(
    stream: BufferedReader, source: str, namespace: str, reader: DocumentReader
) -> tuple[ListStream, list[Element | PodTable]] | None:
    """Return a list and its elements, with its pods as a table; None where only the general way reads them."""
    collected: list[_Collected] = []

    def others(found: ListStream) -> Callable[[bytes, int], None]:
        collected.append(_Collected(found, source, namespace, reader))
        return collected[-1].take

    read = read_apart(stream, source, namespace, others)
    if read is None:
        return None
    elements = collected[-1].elements
    if read.is_plain and not any(_may_be_pods(each) for each in elements):
        return read.found, [read.pods, *elements]
    # Of pods that are there twice the later one counts: all have to come in their order.
    mixed: list[Element | PodTable] = []
    pods, done = list(read.pods), 0
    for each, place in zip(elements, read.places, strict=True):
        mixed += pods[done:place]
        mixed.append(each)
        done = place
    return read.found, [*mixed, *pods[done:]]


def _may_be_pods(element: Element) -> bool:
    """Return whether an element is a pod, or nobody has seen yet whether it is one, or holds some."""
    return isinstance(element, Pod) or (isinstance(element, _Waiting) and element.may_be_pods)


class _Waiting(Struct, frozen=True, gc=False):
    """An element for the general way; `may_be_pods` where it is a pod, holds some, or its kind is not known."""

    item: bytes
    line: int
    may_be_pods: bool = True


Element = ModelObject | _Waiting


class _Collected:
    """The elements of a list, in its order."""

    def __init__(self, found: ListStream, source: str, namespace: str, reader: DocumentReader) -> None:
        self.elements: list[Element] = []
        self._implied = found.api_version, found.kind.removesuffix("List")
        self._source, self._namespace, self._version = source, namespace, reader.version
        self._keeps_raw = reader.raw is not None
        self._ways: dict[tuple[str, str], Way | None] = {}
        self._usual: Way = PodWay(source, namespace)
        self._ways["", "Pod"] = self._usual

    def take(self, item: memoryview | bytes, line: int) -> None:
        """Take an element in; raises ``msgspec.DecodeError`` when it is no whole JSON value."""
        if self._keeps_raw:
            msgspec.json.decode(item, type=_Whole if bytes(item[:1]) == b"{" else Any)
            self.elements.append(_Waiting(bytes(item), line))
            return
        # Kinds come in long runs: the way of the element before is nearly always the right one.
        found = self._usual.decode(item, line, self._implied)
        may_be_pods = True
        if found is None:
            way, kind = self._way(item)
            may_be_pods = kind in {"", "Pod"} or kind.endswith("List")
            if way is not None and way is not self._usual:
                self._usual = way
                found = way.decode(item, line, self._implied)
        self.elements.append(_Waiting(bytes(item), line, may_be_pods) if found is None else found)

    def _way(self, item: memoryview | bytes) -> tuple[Way | None, str]:
        """Return how an element is read, and its kind; neither of an object that nobody knows yet."""
        try:
            header = msgspec.json.decode(item, type=_Header)
        except msgspec.ValidationError:
            # Where the decoder stopped early, nobody has seen yet whether the rest is JSON.
            msgspec.json.decode(item, type=_Whole if bytes(item[:1]) == b"{" else Any)
            return None, ""
        kind, api_version = header.kind or self._implied[1], header.api_version or self._implied[0]
        if not header.metadata.uid:
            return None, kind
        key = api_group(api_version), kind
        if key not in self._ways:
            self._ways[key] = self._new_way(*key)
        return self._ways[key], kind

    def _new_way(self, group: str, kind: str) -> Way | None:
        if (group, kind) == ("", "Namespace"):
            return NamespaceWay(self._source, self._version)
        if (group, kind) == ("networking.k8s.io", "NetworkPolicy"):
            return PolicyWay(self._source, self._namespace, self._version)
        if kind in BULK_KINDS and (group, kind) in DECODERS:
            return KindWay(group, kind, self._source, self._namespace)
        return None


def read_large_list(data: bytes, source: str, namespace: str, builder: SnapshotBuilder, reader: DocumentReader) -> bool:
    """
    Read a list of any layout, and return whether the data was one.

    Objects that an API server has served (they carry a uid) were validated by it
    and are decoded straight from their bytes; all others take the general way.
    """
    try:
        found = msgspec.json.decode(data, type=_List)
    except (msgspec.DecodeError, RecursionError):
        return False
    if not found.kind.endswith("List"):
        return False
    item_kind = found.kind.removesuffix("List")
    counted = position = line = 0
    for raw in found.items:
        item = bytes(raw)
        start = data.find(item, position)
        line += data.count(b"\n", counted, start)
        counted, position = start, start + len(item)
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
    if header.metadata.uid and kind in BULK_KINDS and (group, kind) in DECODERS:
        decoded = decode_json(item, group, kind, place, namespace)
        if decoded is not None:
            builder.add(decoded)
            if reader.raw is not None and reader.raw.wants(api_version, kind):
                reader.raw.take(without_nulls(_value(item, kind, api_version)), place, namespace)
            return
    value = _value(item, kind, api_version)
    reader.take(Document(value, place.line), 1, "")


def _value(item: bytes, kind: str, api_version: str) -> Any:
    """Return an element as it is, with what the list says of it."""
    value = msgspec.json.decode(item)
    if isinstance(value, dict) and kind:
        value.setdefault("kind", kind)
        value.setdefault("apiVersion", api_version)
    return value
