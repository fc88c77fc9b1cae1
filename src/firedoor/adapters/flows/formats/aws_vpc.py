"""
Flow logs of an AWS VPC, as text: the default fields without a header, or any fields with one.

What ``ACCEPT`` and ``REJECT`` say is of security groups and network access lists, not of
policies of the cluster. Source: Amazon VPC user guide, flow log records.
"""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import ignore
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.sniffing import lines_like
from firedoor.adapters.flows.formats.times import SECOND, since_epoch
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict, LostFlows

DEFAULT = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol",
    "packets", "bytes", "start", "end", "action", "log-status",
)  # fmt: skip
"""The fields of version 2, in their order."""

_NEEDED = frozenset({"start", "end"})
_HEADER = frozenset({"srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr", "interface-id", "account-id"})
_SYN, _SYN_ACK = 2, 18


class _Vpc:
    def __init__(self) -> None:
        self._names: tuple[str, ...] = DEFAULT
        self._is_default = True

    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        words = line.decode().split()
        if not words:
            return ()
        names = tuple(each.replace("_", "-") for each in words)
        if not _HEADER.isdisjoint(names):
            return self._header(names)
        if len(words) == len(self._names) + 1 and "T" in words[0]:
            words = words[1:]  # CloudWatch's export puts the time of arrival before the record
        if len(words) != len(self._names):
            hint = "; a file of other fields needs its header line" if self._is_default else ""
            raise MalformedLine(f"{len(words)} fields where {len(self._names)} are expected{hint}")
        return _told({name: word for name, word in zip(self._names, words, strict=True) if word != "-"})

    def finish(self) -> Iterable[Told]:
        return ()

    def _header(self, names: tuple[str, ...]) -> Iterable[Told]:
        if not _NEEDED.issubset(names):
            raise MalformedLine("the header has no start or no end")
        self._names, self._is_default = names, False
        return ()


def _told(found: dict[str, str]) -> Iterable[Told]:
    start, end = (since_epoch(found.get(name), SECOND, name) for name in ("start", "end"))
    status = found.get("log-status", "OK")
    if status == "NODATA":
        return ignore("no traffic in this time")
    if status == "SKIPDATA":
        # How many were skipped is not told: one is the least.
        return (LostFlows(1, start, found.get("interface-id", ""), status),)
    source = address(found.get("pkt-srcaddr") or found.get("srcaddr"), "srcaddr")
    destination = address(found.get("pkt-dstaddr") or found.get("dstaddr"), "dstaddr")
    if not source or not destination:
        raise MalformedLine("srcaddr or dstaddr is missing")
    direction = found.get("flow-direction", "")
    return (
        FlowRecord(
            start=start,
            end=end,
            source=FlowEnd(source, port(found.get("srcport"), "srcport")),
            destination=FlowEnd(destination, port(found.get("dstport"), "dstport")),
            protocol=of_family(protocol(found.get("protocol"), "protocol"), destination),
            verdict=FlowVerdict.ALLOWED if found.get("action") == "ACCEPT" else FlowVerdict.OTHER,
            direction=direction if direction in {"ingress", "egress"} else "",
            is_reply=_is_reply(found),
            packets=whole(found.get("packets"), "packets"),
            octets=whole(found.get("bytes"), "bytes"),
        ),
    )


def _is_reply(found: dict[str, str]) -> bool | None:
    """Return what the flags of the first packets tell: ``SYN`` opens, ``SYN`` with ``ACK`` answers."""
    flags = whole(found.get("tcp-flags"), "tcp-flags")
    if flags & _SYN_ACK == _SYN_ACK:
        return True
    return False if flags & _SYN else None


AWS_VPC = guarded(
    "aws-vpc-flow",
    "AWS VPC flow logs (text)",
    lines_like(rb"^(?:\S+T\S+ )?2 (?:\d{12}|unknown) eni-|(?:^| )(?:pkt-|pkt_)?(?:src|dst)addr(?: |$)"),
    _Vpc,
)
