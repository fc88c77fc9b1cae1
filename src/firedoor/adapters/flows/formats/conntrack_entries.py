"""One entry of connection tracking: the tuple as the client opened it, and the one of the answers."""

from __future__ import annotations

import re

from msgspec import Struct

from firedoor.adapters.flows.formats.contract import MalformedLine
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.times import short
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_LEAD = re.compile(r"(?:ipv[46]\s+\d+\s+)?([a-z][\w-]*)\s+\d+\s+(?:\d+\s+)?([A-Z_0-9]+\s+)?(?=\[|src=)", re.ASCII)
_PAIR = re.compile(r"(?<!\w)(\w+)=(\S+)", re.ASCII)
OVS = re.compile(r"(\w+),orig=\(([^)]*)\),reply=\(([^)]*)\)(.*)", re.ASCII)
_STATE = re.compile(r"state=([A-Z_0-9]+)", re.ASCII)
_ATTEMPTS = frozenset({"SYN_SENT", "SYN_SENT2", "COOKIE_WAIT", "CLOSED", "NONE", ""})
_ONE_WAY = re.compile(r"\[UNREPLIED\]")


class Entry(Struct, frozen=True, gc=False):
    """An entry; `is_established` says that it is answered, and for TCP that the handshake is over."""

    protocol: str
    source: FlowEnd
    destination: FlowEnd
    translated: FlowEnd | None
    is_answered: bool
    is_established: bool
    packets: int
    octets: int

    @property
    def key(self) -> tuple[str, ...]:
        """Return what identifies the connection while it lives."""
        ends = (self.source, self.destination)
        return (self.protocol, *(each.address for each in ends), *(str(each.port) for each in ends))

    def record(self, moment: int) -> FlowRecord:
        """Return the record of it."""
        return FlowRecord(
            start=moment,
            end=moment,
            source=self.source,
            destination=self.destination,
            protocol=self.protocol,
            verdict=FlowVerdict.ALLOWED if self.is_answered else FlowVerdict.OTHER,
            is_reply=False,
            translated=self.translated,
            packets=self.packets,
            octets=self.octets,
        )


def read_entry(text: str) -> Entry:
    """Return the entry of a line of conntrack, without what an event has before it."""
    lead = _LEAD.match(text)
    if lead is None:
        raise MalformedLine(f"no entry of conntrack: expected protocol, number and tuples: {short(text)}")
    tuples: list[dict[str, str]] = []
    for name, value in _PAIR.findall(text[lead.end() :]):
        if name == "src":
            tuples.append({})
        if tuples:
            tuples[-1].setdefault(name, value)
    if len(tuples) != 2 or "dst" not in tuples[0] or "dst" not in tuples[1]:  # noqa: PLR2004 - both directions
        raise MalformedLine("src and dst are not there twice, for both directions; the line may be cut")
    if ("sport" in tuples[0]) != ("sport" in tuples[1]):
        raise MalformedLine("only one of the directions has ports; the line may be cut")
    is_answered = _ONE_WAY.search(text) is None
    state = (lead[2] or "").strip()
    return _entry(lead[1], tuples[0], tuples[1], is_answered, is_answered and state in {"", "ESTABLISHED"})


def read_ovs(text: str) -> Entry:
    """Return the entry of a line of ``ovs-appctl dpctl/dump-conntrack``."""
    match = OVS.fullmatch(text)
    if match is None:
        raise MalformedLine(f"the entry of OVS is cut: {short(text)}")
    orig, reply = (dict(part.partition("=")[::2] for part in match[index].split(",")) for index in (2, 3))
    state = _STATE.search(match[4])
    is_answered = "SEEN_REPLY" in match[4] or (state[1] if state else "") not in _ATTEMPTS
    if "src" not in orig or "dst" not in orig or "src" not in reply or "dst" not in reply:
        raise MalformedLine("orig or reply has no src or no dst")
    return _entry(match[1], orig, reply, is_answered, is_answered)


def _entry(name: str, orig: dict[str, str], reply: dict[str, str], is_answered: bool, is_established: bool) -> Entry:  # noqa: FBT001 - two facts of the entry
    destination = FlowEnd(address(orig["dst"], "dst"), port(orig.get("dport"), "dport"))
    behind = FlowEnd(address(reply["src"], "reply src"), port(reply.get("sport"), "reply sport"))
    return Entry(
        protocol=of_family("" if name == "unknown" else protocol(name, "the protocol"), destination.address),
        source=FlowEnd(address(orig["src"], "src"), port(orig.get("sport"), "sport")),
        destination=destination,
        translated=behind if behind != destination else None,
        is_answered=is_answered,
        is_established=is_established,
        packets=whole(orig.get("packets"), "packets") + whole(reply.get("packets"), "packets"),
        octets=whole(orig.get("bytes"), "bytes") + whole(reply.get("bytes"), "bytes"),
    )
