"""
Reports of Felix in the system log: what Calico writes on hosts outside of Kubernetes.

Only stamps with a year are read. Source: tigera-cs/observability-clinic, its guide to the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import ignore
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.sniffing import lines_like
from firedoor.adapters.flows.formats.times import stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_LINE = re.compile(r"(\d{4}-\S+) (\S+) calico-felix\S*: (.*)", re.ASCII)
_YEARLESS = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ")
_FIELD = re.compile(r'(?<!\w)(\w+)=(?:"([^"]*)"|(\S*))', re.ASCII)
_VERDICTS = {"allow": FlowVerdict.ALLOWED, "deny": FlowVerdict.DENIED}
_DIRECTIONS = {"outbound": "egress", "inbound": "ingress"}


class _Felix:
    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode()
        if not text.strip():
            return ()
        if "calico-felix" not in text:
            return ignore("a line of another program")
        if "updateType=" not in text:
            return ignore("another line of Felix")
        match = _LINE.fullmatch(text)
        if match is None:
            if _YEARLESS.match(text):
                raise MalformedLine(
                    "the time has no year; write the log with rsyslog's RSYSLOG_FileFormat or journalctl -o short-iso"
                )
            raise MalformedLine("no line of Felix: expected time, host, calico-felix[pid]: and fields")
        found = {name: quoted or bare for name, quoted, bare in _FIELD.findall(match[3])}
        return (_record(match[1], match[2], found),)

    def finish(self) -> Iterable[Told]:
        return ()


def _record(when: str, host: str, found: dict[str, str]) -> FlowRecord:
    moment = stamp(when, "the time")
    source, destination = address(found.get("srcIP"), "srcIP"), address(found.get("dstIP"), "dstIP")
    if not source or not destination:
        raise MalformedLine("srcIP or dstIP is missing")
    counters = [whole(found.get(name, 0), name) for name in ("inPackets", "outPackets", "inBytes", "outBytes")]
    return FlowRecord(
        start=moment,
        end=moment,
        source=FlowEnd(source, port(found.get("srcPort", 0), "srcPort")),
        destination=FlowEnd(destination, port(found.get("dstPort", 0), "dstPort")),
        protocol=of_family(protocol(found.get("proto"), "proto"), destination),
        verdict=_VERDICTS.get(found.get("action", ""), FlowVerdict.OTHER),
        direction=_DIRECTIONS.get(found.get("trafficDir", ""), ""),
        node=host,
        packets=counters[0] + counters[1],
        octets=counters[2] + counters[3],
        policies=tuple(filter(None, (found.get("policy", ""),))),
    )


CALICO_FELIX = guarded(
    "calico-felix", "Calico Felix reports in the system log", lines_like(rb"calico-felix\S*: .*updateType="), _Felix
)
