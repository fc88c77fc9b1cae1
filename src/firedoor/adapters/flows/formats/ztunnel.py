"""
Access logs of Istio's ztunnel (ambient mode): key and value in text, or JSON.

Source: istio/ztunnel src/proxy/metrics.rs and README.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import ignore
from firedoor.adapters.flows.formats.fields import socket_address, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.istio_names import service_end
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with, lines_like
from firedoor.adapters.flows.formats.times import LAST, short, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_LINE = re.compile(r"(\d{4}-\S+)\s+(\w+)\s+access:?\s+(connection \w+)\s+(.*)", re.ASCII)
_OTHER = re.compile(r"\d{4}-\S+\s+\w+\s+\S+", re.ASCII)
_FIELD = re.compile(r'(?<![\w.])([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', re.ASCII)
_MILLISECONDS = re.compile(r"(\d{1,15})ms", re.ASCII)
_DIRECTIONS = {"outbound": "egress", "inbound": "ingress"}
_REJECTED, _EXPLICITLY = "policy rejection", re.compile(r"explicitly denied by: ([^\s/\"]+)/([^\s\"]+)")
_COMPLETE = "connection complete"
_HBONE = 15008


class _Ztunnel:
    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode().strip()
        if not text:
            return ()
        if text.startswith("{"):
            found = read_object(text)
            if found["scope"] != "access":
                return ignore("another line of ztunnel")
            is_failure = found.text("level").lower() == "error"
            return _told(found.text("time"), found.text("message"), found, is_failure=is_failure)
        match = _LINE.fullmatch(text)
        if match is None:
            if _OTHER.match(text) and "\taccess" not in text and " access" not in text:
                return ignore("another line of ztunnel")
            raise MalformedLine(f"no line of ztunnel: expected time, level, access and fields: {short(text)}")
        if text.count('"') % 2:
            raise MalformedLine("the line is cut within quotes")
        pairs = {name: quoted or bare for name, quoted, bare in _FIELD.findall(match[4])}
        return _told(match[1], match[3], Fields(pairs), is_failure=match[2].lower() == "error")

    def finish(self) -> Iterable[Told]:
        return ()


def _told(when: str, message: str, found: Fields, *, is_failure: bool) -> Iterable[Told]:
    if message == "connection opened":
        return ignore("a connection that opens: told again when it is complete")
    end = stamp(when, "the time")
    lasted = _MILLISECONDS.fullmatch(found.text("duration") or "0ms")
    if lasted is None:
        raise MalformedLine(f"duration is no number of milliseconds: {short(found['duration'])}")
    destination, translated = _destination(found)
    source = FlowEnd(*socket_address(found.text("src.addr"), "src.addr"))
    if not source.address or not destination.address:
        raise MalformedLine("src.addr or dst.addr is missing")
    error = found.text("error")
    if "direction" not in found or (message == _COMPLETE and "duration" not in found) or (is_failure and not error):
        raise MalformedLine("direction, duration or the error of a failure is missing: the line may be cut")
    return (
        FlowRecord(
            start=max(0, end - int(lasted[1]) * 1_000_000),
            end=min(LAST, end),
            source=_named(source, found, "src"),
            destination=destination,
            protocol="TCP",
            verdict=_verdict(error),
            direction=_DIRECTIONS.get(found.text("direction"), ""),
            is_reply=False,
            translated=translated,
            octets=whole(found["bytes_sent"], "bytes_sent") + whole(found["bytes_recv"], "bytes_recv"),
            policies=tuple(f"AuthorizationPolicy/{match[1]}/{match[2]}" for match in _EXPLICITLY.finditer(error)),
        ),
    )


def _verdict(error: str) -> FlowVerdict:
    if not error:
        return FlowVerdict.ALLOWED
    return FlowVerdict.DENIED if _REJECTED in error else FlowVerdict.OTHER


def _destination(found: Fields) -> tuple[FlowEnd, FlowEnd | None]:
    """
    Return where the connection went, and the pod behind it where that was a service.

    Through a tunnel (HBONE) ``dst.addr`` is the other ztunnel's port at the address of the pod,
    and ``dst.hbone_addr`` what the client asked for.
    """
    outer = FlowEnd(*socket_address(found.text("dst.addr"), "dst.addr"))
    inner = FlowEnd(*socket_address(found.text("dst.hbone_addr"), "dst.hbone_addr"))
    if not inner.address:
        return _named(outer, found, "dst"), None
    if inner.address == outer.address or outer.port != _HBONE:
        return _named(inner, found, "dst"), None
    # The port of the pod is not told.
    return service_end(inner, "", found.text("dst.service")), _named(FlowEnd(outer.address), found, "dst")


def _named(end: FlowEnd, found: Fields, side: str) -> FlowEnd:
    pod, namespace = found.known(f"{side}.workload"), found.known(f"{side}.namespace")
    return FlowEnd(end.address, end.port, namespace, pod, role="pod" if pod and namespace else "")


_sniff_json = json_with((b'"src.addr"', b'"dst.addr"'))
_sniff_text = lines_like(rb"\saccess:?\s+connection \w+\s+src\.addr=")
ZTUNNEL = guarded("ztunnel", "Istio ztunnel access logs", lambda head: _sniff_json(head) or _sniff_text(head), _Ztunnel)
