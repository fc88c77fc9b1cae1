"""
Tables and events of connection tracking: ``conntrack -L``, ``conntrack -E``, /proc/net/nf_conntrack, and OVS.

A table has no time: a comment line ``# 2026-11-20T10:11:12Z`` before it gives it. Events of one
connection become one record, when it is answered or else when it ends. Source: conntrack-tools'
manual, ovn-kubernetes docs/design, antrea pkg/agent/flowexporter/connections.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from firedoor.adapters.flows.formats.conntrack_entries import OVS, Entry, read_entry, read_ovs
from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import ignore
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.sniffing import lines_like
from firedoor.adapters.flows.formats.times import SECOND, since_epoch, stamp
from firedoor.model.flows import FlowRecord

_EVENT = re.compile(r"(?:\[([\d.]+)\]\s*)?\[(NEW|UPDATE|DESTROY)\]\s+(.*)", re.ASCII)
_SUMMARY = "conntrack v"
_MOST = 1 << 16


class _Conntrack:
    def __init__(self) -> None:
        self._time = 0
        # By five-tuple: the attempt, or None once the connection was told.
        self._open: dict[tuple[str, ...], FlowRecord | None] = {}

    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode().strip()
        if not text:
            return ()
        if text.startswith("#"):
            self._time = stamp(text[1:].strip(), "the time in the comment")
            return ()
        if text.startswith(_SUMMARY):
            return ignore("the summary of conntrack")
        event = _EVENT.fullmatch(text)
        if event is None:
            entry = read_ovs(text) if OVS.match(text) else read_entry(text)
            return (entry.record(self._when(None)),)
        return self._event(event[2], read_entry(event[3]), self._when(event[1]))

    def finish(self) -> Iterable[Told]:
        left = [record for record in self._open.values() if record is not None]
        self._open.clear()
        return left

    def _when(self, told: str | None) -> int:
        if told is not None:
            return since_epoch(told, SECOND, "the time")
        if not self._time:
            raise MalformedLine(
                "the entry has no time; write events with -o timestamp, before a table the line # 2026-11-20T10:11:12Z"
            )
        return self._time

    def _event(self, kind: str, entry: Entry, moment: int) -> Iterator[Told]:
        key, record = entry.key, entry.record(moment)
        if kind == "NEW":
            if len(self._open) >= _MOST:
                oldest = self._open.pop(next(iter(self._open)))
                if oldest is not None:
                    yield oldest
            self._open[key] = record
            return
        is_told = self._open.get(key, record) is None
        if kind == "DESTROY":
            self._open.pop(key, None)
        if is_told or (kind == "UPDATE" and not entry.is_established):
            yield from ignore("a further event of a connection")
            return
        if kind == "UPDATE":
            self._open[key] = None
        yield record


CONNTRACK = guarded(
    "conntrack",
    "Connection tracking (conntrack -L, conntrack -E, OVS)",
    lines_like(rb"\bsrc=[0-9a-fA-F.:]+ dst=[0-9a-fA-F.:]+ .*\bsrc=|^\w+,orig=\(src="),
    _Conntrack,
)
