"""
Audit log of access control lists of OVN-Kubernetes: ``acl-audit-log.log``, or what ovn-controller prints.

Every logged packet is a line, those of established connections as well. Source: ovn-kubernetes
go-controller/pkg/libovsdb/util/acl.go and docs/features/network-security-controls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import ignore
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.sniffing import lines_like
from firedoor.adapters.flows.formats.times import short, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_LINE = re.compile(
    r'([^|]+)\|\d+\|acl_log\([^)]*\)\|\w+\|name=(?:"([^"]*)"|([^,]*)), verdict=(\w+), severity=\w+'
    r"(?:, direction=([\w-]+))?: (\w+),(.*)",
    re.ASCII,
)
_OTHER = re.compile(r"\d{4}-[^|]+\|\d+\|[^|]+\|\w+\|", re.ASCII)
_VERDICTS = {"allow": FlowVerdict.ALLOWED, "drop": FlowVerdict.DENIED, "reject": FlowVerdict.DENIED}
_DIRECTIONS = {"from-lport": "egress", "to-lport": "ingress"}
_KINDS = {"ANP": "AdminNetworkPolicy", "BANP": "BaselineAdminNetworkPolicy"}
_LONGEST_NAME = 63
_UNNAMED_PROTOCOLS = frozenset({"ip", "ipv6"})


class _Acl:
    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode().strip()
        if not text:
            return ()
        if "|acl_log(" not in text:
            if _OTHER.match(text):
                return ignore("another line of ovn-controller")
            raise MalformedLine("no line of OVN: expected time|number|acl_log(...)|level|name=...")
        match = _LINE.fullmatch(text)
        if match is None:
            raise MalformedLine(f"the line of acl_log is cut, or of another form: {short(text[-40:])}")
        return (_record(match),)

    def finish(self) -> Iterable[Told]:
        return ()


def _record(match: re.Match[str]) -> FlowRecord:
    when, quoted, bare, verdict, direction, packet, rest = match.groups()
    found = dict(part.partition("=")[::2] for part in rest.split(","))
    source = address(found.get("nw_src") or found.get("ipv6_src"), "nw_src")
    destination = address(found.get("nw_dst") or found.get("ipv6_dst"), "nw_dst")
    if not source or not destination:
        raise MalformedLine("nw_src or nw_dst is missing")
    moment = stamp(when, "the time")
    name = "" if packet in _UNNAMED_PROTOCOLS else protocol(packet, "the protocol")
    return FlowRecord(
        start=moment,
        end=moment,
        source=FlowEnd(source, port(found.get("tp_src"), "tp_src")),
        destination=FlowEnd(destination, port(found.get("tp_dst"), "tp_dst")),
        protocol=of_family(name, destination),
        verdict=_VERDICTS.get(verdict, FlowVerdict.OTHER),
        direction=_DIRECTIONS.get(direction or "", ""),
        is_reply=_is_reply(found.get("tcp_flags", "")),
        packets=1,
        policies=_policies(quoted or bare or ""),
    )


def _is_reply(flags: str) -> bool | None:
    told = flags.split("|")
    if "syn" not in told:
        return None
    return "ack" in told


def _policies(name: str) -> tuple[str, ...]:
    """Return the policy that a name like ``NP:shop:web:Ingress:0`` names; the default of a namespace is none."""
    parts = name.split(":")
    is_whole = len(name) < _LONGEST_NAME
    match parts:
        case ["NP", _, "Ingress" | "Egress"] if is_whole:
            return ()
        case ["NP", namespace, policy, "Ingress" | "Egress", *_]:
            return (f"NetworkPolicy/{namespace}/{policy}",)
        case ["ANP" | "BANP" as kind, policy, "Ingress" | "Egress", *_]:
            return (f"{_KINDS[kind]}/{policy}",)
        case ["EF", namespace, *_]:
            return (f"EgressFirewall/{namespace}",)
    return (name,) if name and name != "<unnamed>" else ()


OVN_ACL = guarded("ovn-acl", "OVN-Kubernetes ACL audit log", lines_like(rb"\|acl_log\("), _Acl)
