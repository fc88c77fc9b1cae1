"""
Flows of netobserv (Network Observability): JSON lines of its exporters, of Kafka, and of ``logcli -o jsonl``.

They are of packets at interfaces and have no verdict: TCP that was answered was let through, the
rest says nothing. Source: netobserv/network-observability-operator docs/flows-format.adoc.
"""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, ignore
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with
from firedoor.adapters.flows.formats.times import since_epoch
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_MILLISECOND = 1_000_000
_DIRECTIONS = {"0": "ingress", "1": "egress"}
_ROLES = {"Pod": "pod", "Node": "node", "Service": "service"}
_SYN, _SYN_ACK = 0x2, 0x100
_ANSWERED = 0x10 | _SYN_ACK | 0x200  # ACK, SYN+ACK, FIN+ACK: only who was answered sends the first
_NAMED = ("Node", "Service")


def _read(line: bytes) -> Iterable[Told]:
    flow = read_object(line)
    if "line" in flow and "labels" in flow:
        # Loki keeps namespaces and owners as labels of the stream, outside of the line.
        flow = Fields({**flow.inner("labels").values, **read_object(flow.text("line")).values})
    if flow["Duplicate"] in {True, "true"}:
        return ignore("the same packets at another interface")
    if "SrcAddr" not in flow or "DstAddr" not in flow:
        if "TimeFlowStartMs" in flow:
            return ignore("a packet without an IP address")
        raise MalformedLine("SrcAddr or DstAddr is missing: no flow of netobserv")
    return (_record(flow),)


def _record(flow: Fields) -> FlowRecord:
    flags = whole(flow["Flags"], "Flags") if not isinstance(flow["Flags"], list) else 0
    direction = _DIRECTIONS.get(str(flow["FlowDirection"]), "")
    destination = _end(flow, "Dst")
    verdict, policies = _verdict(flow, flags)
    return FlowRecord(
        start=since_epoch(flow["TimeFlowStartMs"], _MILLISECOND, "TimeFlowStartMs"),
        end=since_epoch(flow["TimeFlowEndMs"], _MILLISECOND, "TimeFlowEndMs"),
        source=_end(flow, "Src"),
        destination=destination,
        protocol=of_family(protocol(flow["Proto"], "Proto"), destination.address),
        verdict=verdict,
        direction=direction,
        is_reply=True if flags & _SYN_ACK else False if flags & _SYN else None,
        translated=_translated(flow),
        node=flow.text({"ingress": "DstK8S_HostName", "egress": "SrcK8S_HostName"}.get(direction, "")),
        packets=whole(flow["Packets"], "Packets"),
        octets=whole(flow["Bytes"], "Bytes"),
        sampling=whole(flow["Sampling"], "Sampling") or 1,
        policies=policies,
    )


def _end(flow: Fields, side: str) -> FlowEnd:
    kind, name = flow.text(f"{side}K8S_Type"), flow.text(f"{side}K8S_Name")
    owner_kind, owner = flow.text(f"{side}K8S_OwnerType"), flow.text(f"{side}K8S_OwnerName")
    workload = f"{kind}/{name}" if kind in _NAMED and name else f"{owner_kind}/{owner}" if owner_kind and owner else ""
    return FlowEnd(
        address=address(flow.text(f"{side}Addr"), f"{side}Addr"),
        port=port(flow[f"{side}Port"], f"{side}Port"),
        namespace=flow.text(f"{side}K8S_Namespace"),
        pod=name if kind == "Pod" else "",
        workload=workload,
        role=_ROLES.get(kind, ""),
    )


def _translated(flow: Fields) -> FlowEnd | None:
    where = address(flow.text("XlatDstAddr"), "XlatDstAddr")
    number = port(flow["XlatDstPort"], "XlatDstPort")
    return FlowEnd(where, number) if where else None


def _verdict(flow: Fields, flags: int) -> tuple[FlowVerdict, tuple[str, ...]]:
    events = flow["NetworkEvents"]
    if isinstance(events, list) and any(isinstance(each, dict) for each in events):
        found = [each for each in flow.objects("NetworkEvents") if each.text("Feature") == "acl"]
        for action, verdict in (("drop", FlowVerdict.DENIED), ("reject", FlowVerdict.DENIED)):
            if dropping := [each for each in found if each.text("Action") == action]:
                return verdict, tuple(_policy(each) for each in dropping)
        if found:
            return FlowVerdict.ALLOWED, tuple(_policy(each) for each in found)
    return (FlowVerdict.ALLOWED if flags & _ANSWERED else FlowVerdict.OTHER), ()


def _policy(event: Fields) -> str:
    return "/".join(part for part in (event.text("Type"), event.text("Namespace"), event.text("Name")) if part)


NETOBSERV = guarded(
    "netobserv",
    "netobserv flows (Network Observability)",
    json_with((b"SrcAddr", b"DstAddr", b"TimeFlowStartMs"), (b"SrcAddr", b"DstAddr", b"K8S_FlowLayer")),
    lambda: JsonLines(_read),
)
