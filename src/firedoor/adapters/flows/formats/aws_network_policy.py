"""
Verdicts of the AWS VPC CNI's network policy agent: its log on the node, and its events in CloudWatch.

Four shapes of text are in use, and CloudWatch wraps them: as events of the API, of a
subscription, or with the time before the message. Source: aws/aws-network-policy-agent
pkg/ebpf/events/events.go and its history, issue 390 of the same repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, each_of, ignore
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import lines_like
from firedoor.adapters.flows.formats.times import SECOND, short, since_epoch, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_SENTENCE = re.compile(
    r"Flow Info:\s+Src IP: (\S+) Src Port: (\d+) Dest IP: (\S+) Dest Port: (\d+) "
    r"Proto:? (.+?) Verdict:? ([^\s,]+)(?:,? Direction:? ([^\s,]+))?(?:,? Tier:? (\S+))?",
    re.ASCII,
)
_EVENT = re.compile(r"(?:(\d{4}-\S+)\s+(?:\S+\s+)?)?(Node: .*)", re.ASCII)
_MILLISECOND = 1_000_000
_VERDICTS = {"ACCEPT": FlowVerdict.ALLOWED, "DENY": FlowVerdict.DENIED}
_UNKNOWN_PROTOCOLS = frozenset({"UNKNOWN", "RESERVED", "ANY PROTOCOL"})
_GONE = "EXPIRED/DELETED"


class _Agent:
    def __init__(self) -> None:
        self._json = JsonLines(_read)

    def parse(self, line: bytes, number: int) -> Iterable[Told]:
        event = _EVENT.fullmatch(line.decode().strip())
        if event is None:
            return self._json.parse(line, number)
        if event[1] is None:
            raise MalformedLine("the event has no time; export it with timestamps, or as JSON of aws logs")
        return _semicolons(event[2], stamp(event[1], "the time"))

    def finish(self) -> Iterable[Told]:
        return self._json.finish()


def _read(line: bytes) -> Iterable[Told]:
    found = read_object(line)
    name = next((each for each in ("events", "logEvents") if each in found), "")
    if name:
        return each_of(found.indices(name), lambda index: _event(found.element(name, index)))
    if "message" in found and "timestamp" in found:
        return _event(found)
    return _log(found)


def _event(event: Fields) -> Iterable[Told]:
    message = event.text("message").strip()
    if message.startswith("{"):
        return _log(read_object(message))
    if message.startswith("Node: "):
        return _semicolons(message, since_epoch(event["timestamp"], _MILLISECOND, event.field("timestamp")))
    return ignore("another message of the log group")


def _log(found: Fields) -> Iterable[Told]:
    message = found["msg"]
    if not isinstance(message, str):
        raise MalformedLine("msg is missing: no line of the network policy agent")
    if not message.startswith("Flow Info:"):
        return ignore("another line of the agent")
    when = found["ts"]
    moment = stamp(when, "ts") if isinstance(when, str) else since_epoch(when, SECOND, "ts")
    if "Src IP" in found:
        source, destination = found.text("Src IP"), found.text("Dest IP")
        parts = (source, found["Src Port"], destination, found["Dest Port"])
        return _record(moment, parts, found.text("Proto"), found.text("Verdict"))
    match = _SENTENCE.fullmatch(message.rstrip())
    if match is None:
        raise MalformedLine(f"the sentence after Flow Info has another form: {short(message[11:])}")
    return _record(moment, (match[1], match[2], match[3], match[4]), match[5], match[6], match[7] or "")


def _semicolons(message: str, moment: int) -> Iterable[Told]:
    found = dict(part.partition(": ")[::2] for part in message.split(";"))
    if "SIP" not in found or "DIP" not in found or "PolicyVerdict" not in found:
        raise MalformedLine("SIP, DIP or PolicyVerdict is missing")
    parts = (found["SIP"], found.get("SPORT"), found["DIP"], found.get("DPORT"))
    return _record(moment, parts, found.get("PROTOCOL", ""), found["PolicyVerdict"], node=found.get("Node", ""))


def _record(
    moment: int,
    parts: tuple[str, object, str, object],
    protocol_name: str,
    verdict: str,
    direction: str = "",
    *,
    node: str = "",
) -> Iterable[Told]:
    if verdict == _GONE:
        return ignore("an entry of connection tracking that went")
    if verdict not in _VERDICTS:
        raise MalformedLine(f"the verdict is neither ACCEPT, DENY nor EXPIRED/DELETED: {short(verdict)}")
    source, source_port, destination, destination_port = parts
    end = FlowEnd(address(destination, "Dest IP"), port(destination_port, "Dest Port"))
    name = "" if protocol_name in _UNKNOWN_PROTOCOLS else protocol(protocol_name, "Proto")
    return (
        FlowRecord(
            start=moment,
            end=moment,
            source=FlowEnd(address(source, "Src IP"), port(source_port, "Src Port")),
            destination=end,
            protocol=of_family(name, end.address),
            verdict=_VERDICTS[verdict],
            direction=direction if direction in {"ingress", "egress"} else "",
            node=node,
        ),
    )


AWS_NETWORK_POLICY = guarded(
    "aws-network-policy",
    "AWS VPC CNI network policy agent (node log, CloudWatch)",
    lines_like(rb'"msg":"Flow Info:|Node: [^;]*;SIP: |"caller":"(?:events/|ebpf|controllers/|rpc/)'),
    _Agent,
)
