"""
Access logs of Envoy as Istio configures it: the default JSON, and the default text.

A sidecar or gateway tells two connections: from its client to it, and from it to the upstream;
for a sidecar one of them is inside of the pod, and left out. Source: istio/istio
pilot/pkg/model/telemetry_logging.go (EnvoyTextLogFormat, EnvoyJSONLogFormatIstio).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, ignore
from firedoor.adapters.flows.formats.fields import UNSET, socket_address, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.istio_names import denied_by, service_end
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with, lines_like
from firedoor.adapters.flows.formats.times import LAST, short, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_HEAD = re.compile(r'\[([^\]]*)\] "(.*?)" (\d+|-) (\S+) ')
_SIZES = re.compile(r'" (\d+) (\d+) (\d+|-) \S+ "')
_TAIL = re.compile(r'"([^"]*)" (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)$')
_DENIED = "rbac_access_denied"
# No connection to an upstream came about: https://www.envoyproxy.io/docs, RESPONSE_FLAGS.
_UNCONNECTED = frozenset({"UF", "UH", "UO", "NR", "NC", "NFCF", "UMSDR"})
_MILLISECOND = 1_000_000


class _Entry(Struct, gc=False):
    """What an access log line says, in either form."""

    start: str
    duration: object
    protocol: str
    flags: str
    details: str
    octets: int
    cluster: str
    upstream: str
    upstream_local: str
    local: str
    remote: str
    server_name: str


class _Access:
    def __init__(self) -> None:
        self._json = JsonLines(_read)

    def parse(self, line: bytes, number: int) -> Iterable[Told]:
        text = line.strip()
        if text[:1] in {b"{", b"}"}:
            return self._json.parse(line, number)
        if text.startswith(b"["):
            return _records(_entry_of_text(text.decode()))
        return ignore("another line of the proxy") if text else ()

    def finish(self) -> Iterable[Told]:
        return self._json.finish()


def _read(line: bytes) -> Iterable[Told]:
    found = read_object(line)
    if "start_time" not in found:
        if "msg" in found or "message" in found:
            return ignore("another line of the proxy")
        raise MalformedLine("start_time is missing: no access log in Istio's default form")
    return _records(_entry_of_json(found))


def _entry_of_json(found: Fields) -> _Entry:
    return _Entry(
        start=found.text("start_time"),
        duration=found["duration"],
        protocol=found.text("protocol"),
        flags=found.known("response_flags"),
        details=found.known("response_code_details") + " " + found.known("connection_termination_details"),
        octets=whole(found["bytes_received"], "bytes_received") + whole(found["bytes_sent"], "bytes_sent"),
        cluster=found.known("upstream_cluster"),
        upstream=found.known("upstream_host"),
        upstream_local=found.known("upstream_local_address"),
        local=found.known("downstream_local_address"),
        remote=found.known("downstream_remote_address"),
        server_name=found.known("requested_server_name"),
    )


def _entry_of_text(text: str) -> _Entry:
    head, tail = _HEAD.match(text), _TAIL.search(text)
    sizes = _SIZES.search(text, head.end()) if head else None
    if head is None or tail is None or sizes is None:
        raise MalformedLine(f"the line is cut, or not in Istio's default text form: {short(text)}")
    words = ["" if each in UNSET else each for each in tail.groups()]
    return _Entry(
        start=head[1],
        duration=sizes[3],
        protocol=head[2].rpartition(" ")[2],
        flags="" if head[4] in UNSET else head[4],
        details=text[head.end() : sizes.start()],
        octets=whole(sizes[1], "bytes received") + whole(sizes[2], "bytes sent"),
        cluster=words[1],
        upstream=words[0],
        upstream_local=words[2],
        local=words[3],
        remote=words[4],
        server_name=words[5],
    )


def _records(entry: _Entry) -> Iterable[Told]:
    remote = FlowEnd(*socket_address(entry.remote, "downstream_remote_address"))
    local = FlowEnd(*socket_address(entry.local, "downstream_local_address"))
    if not remote.address or not local.address:
        raise MalformedLine("downstream_remote_address or downstream_local_address is missing")
    if entry.cluster.startswith(("inbound|", "InboundPassthroughCluster")):
        return (_record(entry, remote, local, "ingress"),)
    upstream = FlowEnd(*_address(entry.upstream, "upstream_host"))
    own = FlowEnd(*_address(entry.upstream_local, "upstream_local_address"))
    to = service_end(local, entry.cluster, entry.server_name)
    if not upstream.address or not own.address:
        return (_record(entry, remote, to, "egress" if entry.cluster else ""),)
    if own.address == remote.address:
        is_same = upstream.address == local.address
        return (_record(entry, own, to if not is_same else upstream, "egress", None if is_same else upstream),)
    # A gateway: its client is another machine than itself.
    return (
        _record(entry, remote, local, "ingress"),
        _record(entry, own, service_end(upstream, "", entry.server_name if "|" not in entry.cluster else ""), "egress"),
    )


def _address(text: str, field: str) -> tuple[str, int]:
    """Return an address; what is no socket of a network (a pipe, an internal listener) is unknown."""
    return ("", 0) if "://" in text or text.startswith("/") else socket_address(text, field)


def _record(
    entry: _Entry, source: FlowEnd, destination: FlowEnd, direction: str, translated: FlowEnd | None = None
) -> FlowRecord:
    start = stamp(entry.start, "start_time")
    lasted = 0 if entry.duration in {None, "-", ""} else whole(entry.duration, "duration")
    denied = _DENIED in entry.details
    return FlowRecord(
        start=start,
        end=min(LAST, start + lasted * _MILLISECOND),
        source=source,
        destination=destination,
        protocol="UDP" if entry.protocol == "HTTP/3" else "TCP",
        verdict=FlowVerdict.DENIED if denied else _verdict(entry),
        direction=direction,
        is_reply=False,
        translated=translated,
        octets=entry.octets,
        policies=denied_by(entry.details) if denied else (),
    )


def _verdict(entry: _Entry) -> FlowVerdict:
    is_lost = entry.cluster == "BlackHoleCluster" or not _UNCONNECTED.isdisjoint(entry.flags.split(","))
    return FlowVerdict.OTHER if is_lost else FlowVerdict.ALLOWED


_sniff_json = json_with((b'"downstream_remote_address"', b'"start_time"'))
_sniff_text = lines_like(rb'^(?:\S+ std(?:out|err) [FP] )?\[\d{4}-[^\]]+\] "[^"]*" (?:\d+|-) ')
ISTIO_ACCESS = guarded(
    "istio-access-log",
    "Istio (Envoy) access logs, default JSON and text",
    lambda head: _sniff_json(head) or _sniff_text(head),
    _Access,
)
