"""
From a JSON text to the audit events in it.

Read are events and lists of them as the API server writes them (``Event``, ``EventList``), arrays of events, and
the wrappers of EKS (CloudWatch: ``message``, ``@message``, ``events``, ``logEvents``), of AKS (``properties.log``,
``log_s``, ``records``), of container logs (``log``), and the entries of GKE (``protoPayload``).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from firedoor.adapters.audit.records import CloudEntry, Event, Properties, Record

_RECORD = msgspec.json.Decoder(Record)
_EVENT = msgspec.json.Decoder(Event)
_ENTRY = msgspec.json.Decoder(CloudEntry)
_LISTS = ("items", "events", "log_events", "records")
_TEXTS = ("message", "at_message", "log", "log_s")
_DEEPEST = 8
"""How many wrappers may be around an event."""

Found = Event | CloudEntry


class NoEventError(Exception):
    """A JSON value that holds no audit event; the text of it says why."""


def unwrap(data: bytes, place: str, depth: int = 0) -> Iterator[tuple[str, Found | NoEventError]]:
    """
    Yield the events in a JSON text, each with its place, or why there is none.

    Raises ``msgspec.DecodeError`` where the text itself is no JSON.
    """
    if depth > _DEEPEST:
        yield place, NoEventError(f"more than {_DEEPEST} wrappers are around it")
        return
    if data.lstrip()[:1] == b"[":
        yield from _all(msgspec.Raw(data), place, depth)
        return
    record = _RECORD.decode(data)
    if _is_event(record):
        yield place, _EVENT.decode(data)
    elif bytes(record.proto_payload):
        yield place, _ENTRY.decode(data)
    else:
        yield from _inside(record, place, depth)


def _is_event(record: Record) -> bool:
    # An Event of the core API has the same kind.
    kind, version = bytes(record.kind), bytes(record.api_version)
    return kind == b'"Event"' and version.startswith(b'"audit.k8s.io/')


def _inside(record: Record, place: str, depth: int) -> Iterator[tuple[str, Found | NoEventError]]:
    for key in _LISTS:
        raw: msgspec.Raw = getattr(record, key)
        if bytes(raw)[:1] == b"[":
            yield from _all(raw, f"{place} {_written(key)}", depth)
            return
    for key in _TEXTS:
        raw = getattr(record, key)
        if bytes(raw)[:1] == b'"':
            yield from _text(msgspec.json.decode(raw, type=str), place, depth)
            return
        if bytes(raw)[:1] == b"{":
            yield from unwrap(bytes(raw), place, depth + 1)
            return
    if bytes(record.properties)[:1] == b"{":
        yield from _text(msgspec.json.decode(record.properties, type=Properties).log, place, depth)
        return
    yield place, NoEventError("no event of audit.k8s.io, and nothing that holds one")


def _all(raw: msgspec.Raw, place: str, depth: int) -> Iterator[tuple[str, Found | NoEventError]]:
    for number, each in enumerate(msgspec.json.decode(raw, type=list[msgspec.Raw])):
        at = f"{place}[{number}]"
        try:
            yield from unwrap(bytes(each), at, depth + 1)
        except msgspec.DecodeError as error:
            yield at, NoEventError(str(error))


def _text(text: str, place: str, depth: int) -> Iterator[tuple[str, Found | NoEventError]]:
    if text.lstrip()[:1] != "{":
        yield place, NoEventError("the text in it is no audit event")
        return
    yield from unwrap(text.encode(), place, depth + 1)


def _written(key: str) -> str:
    return "logEvents" if key == "log_events" else key
