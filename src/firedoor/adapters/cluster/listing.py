"""Lists of one kind, page by page, into model objects."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from firedoor.adapters.cluster.gaps import malformed
from firedoor.adapters.cluster.transport import Refusal, Transport
from firedoor.model.assembly import reference
from firedoor.model.bulk_decoding import PodWay
from firedoor.model.decoding import DECODERS, ModelObject, decode, decode_json
from firedoor.model.places import NOWHERE, Gap, ObjectRef, Place
from firedoor.model.untyped import without_nulls

if TYPE_CHECKING:
    from firedoor.adapters.cluster.discovery import Resource
    from firedoor.interfaces import Progress
    from firedoor.model.raw_objects import RawObjects

PAGED_TRIES = 2
"""How often a list is begun in pages; after that it is asked for in one piece, which cannot expire."""


class _ListMeta(Struct, rename="camel"):
    continue_: str = field(name="continue", default="")
    resource_version: str = ""
    remaining_item_count: int | None = None


class _Page(Struct):
    items: list[msgspec.Raw] | None = None
    metadata: _ListMeta = field(default_factory=_ListMeta)


class _Identity(Struct):
    name: str = ""
    namespace: str = ""


class _Identified(Struct):
    metadata: _Identity = field(default_factory=_Identity)


class Listing(Struct):
    """
    The objects of a list by path, and what of it could not be read, by path too.

    `version` is the ``resourceVersion`` of the list: the state from which a watch goes on.
    """

    objects: dict[str, ModelObject] = {}
    gaps: dict[str, Gap] = {}
    version: str = ""


class _Expired(Exception):  # noqa: N818 - a turn of events
    """The server no longer has the state that the list began with, and offers no way to go on."""


def list_all(
    transport: Transport,
    resource: Resource,
    namespace: str,
    page_size: int,
    progress: Progress,
    raw: RawObjects | None = None,
) -> Listing:
    """
    Return all objects of a kind, in one namespace or (empty) in the whole cluster.

    `raw` takes them as the server has them.

    Follows the API's rules for lists in chunks: a continue token that has expired
    (410) is exchanged for the one offered with the answer, and without an offer the
    list begins again. Raises `Refusal` when the server does not serve the list.
    """
    for _ in range(PAGED_TRIES):
        try:
            return _read(transport, resource, namespace, page_size, progress, raw)
        except _Expired:
            continue
    return _read(transport, resource, namespace, 0, progress, raw)


def _read(
    transport: Transport,
    resource: Resource,
    namespace: str,
    page_size: int,
    progress: Progress,
    kept: RawObjects | None,
) -> Listing:
    path = resource.path(namespace)
    listing = Listing()
    # Pods are many and much alike: of replicas, what they have in common is kept once.
    pods = pod_way(resource, namespace)
    if kept is not None and not kept.wants(resource.api_version, resource.kind):
        kept = None
    query: dict[str, str | int] = {"limit": page_size} if page_size else {}
    seen = 0
    while True:
        try:
            page = transport.get(path, _Page, **query)
        except Refusal as refusal:
            if refusal.code != HTTPStatus.GONE or "continue" not in query:
                raise
            query["continue"] = _fresh_token(refusal, str(query["continue"]))
            continue
        for raw in page.items or ():
            seen += 1
            _take(listing, resource, namespace, raw, seen, pods)
            if kept is not None:
                _keep(kept, resource, namespace, raw)
        listing.version = page.metadata.resource_version
        rest = page.metadata.remaining_item_count
        token = page.metadata.continue_
        progress.step(resource.plural, seen, seen if not token else None if rest is None else seen + rest)
        if not token:
            return listing
        query["continue"] = token


def pod_way(resource: Resource, namespace: str) -> PodWay | None:
    """Return what reads pods; None for other kinds."""
    return PodWay("", namespace) if (resource.group, resource.kind) == ("", "Pod") else None


def _fresh_token(refusal: Refusal, old: str) -> str:
    """Return the token that a 410 offers to go on with; the same one again would go round for ever."""
    token = refusal.status.metadata.continue_
    if not token or token == old:
        raise _Expired from refusal
    return token


def _take(
    listing: Listing, resource: Resource, namespace: str, raw: msgspec.Raw, number: int, pods: PodWay | None
) -> None:
    """Add the object of `raw` under its own path; one that cannot be decoded becomes a gap."""
    try:
        each = decode_item(resource, namespace, raw, pods)
    except (msgspec.MsgspecError, TypeError, AttributeError, ValueError) as error:
        # Kinds without a schema are taken apart as they come, and any of these says: not that form.
        gap = gap_of(resource, namespace, raw, number, str(error))
        listing.gaps[gap.source] = gap
        return
    if each is not None:
        listing.objects[each.place.source] = each


def _keep(kept: RawObjects, resource: Resource, namespace: str, raw: msgspec.Raw) -> None:
    value = without_nulls(msgspec.json.decode(raw))
    if isinstance(value, dict):
        metadata = value.get("metadata")
        own = metadata if isinstance(metadata, dict) else {}
        place = Place(resource.path(str(own.get("namespace", namespace)), str(own.get("name", ""))))
        kept.take({"apiVersion": resource.api_version, "kind": resource.kind, **value}, place, namespace)


def decode_item(resource: Resource, namespace: str, raw: msgspec.Raw, pods: PodWay | None = None) -> ModelObject | None:
    """Return the model object of one item of a list, placed at its own API path; `pods` reads items that are pods."""
    each: ModelObject | None = None
    if pods is not None:
        each = pods.decode(memoryview(raw), 0, (resource.api_version, resource.kind))
    if each is None and (resource.group, resource.kind) in DECODERS:
        each = decode_json(raw, resource.group, resource.kind, NOWHERE, namespace)
    if each is None:
        each = _decode_general(resource, namespace, raw)
    if each is not None:
        ref = reference(each)
        if not ref.name:
            raise ValueError("it has no metadata.name")
        place = Place(resource.path(ref.namespace, ref.name))
        # The place is known only when the name is; nobody has seen the object yet.
        msgspec.structs.force_setattr(each, "place", place)
    return each


def _decode_general(resource: Resource, namespace: str, raw: msgspec.Raw) -> ModelObject | None:
    document = msgspec.json.decode(raw, type=dict[str, Any])
    if (resource.group, resource.kind) in DECODERS:
        document = without_nulls(document)
    # The items of built-in lists leave out what the list itself says.
    document.setdefault("kind", resource.kind)
    document.setdefault("apiVersion", resource.api_version)
    metadata = document.get("metadata")
    own = metadata.get("namespace") if isinstance(metadata, dict) else None
    return decode(document, NOWHERE, str(own or namespace) if resource.is_namespaced else "")


def gap_of(resource: Resource, namespace: str, raw: msgspec.Raw, number: int, why: str) -> Gap:
    """Return the gap of an object that cannot be decoded, at the path of the object or (`number`) of the item."""
    try:
        own = msgspec.json.decode(raw, type=_Identified).metadata
    except msgspec.MsgspecError:
        own = _Identity()
    where = (own.namespace or namespace) if resource.is_namespaced else ""
    if not own.name:
        return malformed(resource, f"{resource.path(where)} (item {number})", None, where, why)
    ref = ObjectRef(resource.kind, where, own.name)
    return malformed(resource, resource.path(where, own.name), ref, where, why)
