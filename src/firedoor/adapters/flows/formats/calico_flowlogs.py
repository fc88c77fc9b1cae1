"""
Flow logs of Calico Enterprise and Calico Cloud: ``flows.log``, and the same as Elasticsearch exports it.

Source: tigera/docs, calico-enterprise flow log data types; projectcalico/calico felix/collector/flowlog.
"""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with
from firedoor.adapters.flows.formats.times import SECOND, since_epoch
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_DIRECTIONS = {"src": "egress", "dst": "ingress"}
_VERDICTS = {"allow": FlowVerdict.ALLOWED, "deny": FlowVerdict.DENIED}
_ENTRY = 4  # index, tier, policy, action; newer versions add the rule
_STAGED = "staged:"


def _read(line: bytes) -> Iterable[Told]:
    flow = read_object(line)
    if "_source" in flow:
        flow = flow.inner("_source")
    if "source_type" not in flow or "action" not in flow:
        raise MalformedLine("source_type and action are not in it: no flow log of Calico")
    return (_record(flow),)


def _record(flow: Fields) -> FlowRecord:
    destination = _end(flow, "dest")
    service = _service(flow)
    verdict, policies = _verdict(flow)
    return FlowRecord(
        start=since_epoch(flow["start_time"], SECOND, "start_time"),
        end=since_epoch(flow["end_time"], SECOND, "end_time"),
        source=_end(flow, "source"),
        destination=destination if service is None else service,
        translated=None if service is None else destination,
        protocol=of_family(protocol(flow["proto"], "proto"), destination.address),
        verdict=verdict,
        direction=_DIRECTIONS.get(flow.text("reporter"), ""),
        is_reply=False,
        node=flow.known("host"),
        connections=_connections(flow),
        packets=whole(flow["packets_in"], "packets_in") + whole(flow["packets_out"], "packets_out"),
        octets=whole(flow["bytes_in"], "bytes_in") + whole(flow["bytes_out"], "bytes_out"),
        policies=policies,
    )


def _connections(flow: Fields) -> int:
    return whole(flow["num_flows_started"], "num_flows_started") or whole(flow["num_flows"], "num_flows") or 1


def _end(flow: Fields, side: str) -> FlowEnd:
    where = address(flow.known(f"{side}_ip"), f"{side}_ip")
    number = 0 if flow[f"{side}_port"] in {"-", ""} else port(flow[f"{side}_port"], f"{side}_port")
    name = flow.known(f"{side}_name") or flow.known(f"{side}_name_aggr")
    labels = tuple(flow.inner(f"{side}_labels").texts("labels"))
    namespace = flow.known(f"{side}_namespace")
    domains = tuple(flow.texts(f"{side}_domains"))
    kind = flow.text(f"{side}_type")
    if kind == "wep":
        return FlowEnd(where, number, namespace, name, labels=labels, names=domains, role="pod")
    if kind == "hep":
        return FlowEnd(where, number, workload=f"HostEndpoint/{name}", labels=labels, names=domains, role="node")
    if kind == "ns":
        return FlowEnd(where, number, namespace, "", f"NetworkSet/{name}", labels, domains, "external")
    # A private address that Calico does not know may be a node, so that only "pub" is outside for sure.
    return FlowEnd(where, number, names=domains, role="external" if name == "pub" else "")


def _service(flow: Fields) -> FlowEnd | None:
    name = flow.known("dest_service_name")
    if not name:
        return None
    number = flow["dest_service_port_num"]
    if number is None and type(flow["dest_service_port"]) is int:
        number = flow["dest_service_port"]
    return FlowEnd(
        port=port(number, "dest_service_port_num"),
        namespace=flow.known("dest_service_namespace"),
        workload=f"Service/{name}",
        role="service",
    )


def _verdict(flow: Fields) -> tuple[FlowVerdict, tuple[str, ...]]:
    action = flow.text("action")
    verdict = _VERDICTS.get(action, FlowVerdict.OTHER)
    traces = flow.inner("policies")
    staged = _deciding(traces, ("pending_policies", "all_policies"), "deny", staged=True)
    if verdict is FlowVerdict.ALLOWED and staged:
        return FlowVerdict.AUDITED, staged
    listed = ("enforced_policies",) if "enforced_policies" in traces else ("all_policies",)
    return verdict, _deciding(traces, listed, action, staged=False)


def _deciding(traces: Fields, lists: tuple[str, ...], action: str, *, staged: bool) -> tuple[str, ...]:
    found = []
    for name in lists:
        for entry in traces.texts(name):
            parts = entry.split("|")
            if len(parts) < _ENTRY:
                raise MalformedLine(f"policies.{name} has an entry without index, tier, policy and action")
            if parts[3].startswith(action) and (_STAGED in parts[2]) == staged:
                found.append(parts[2])
    return tuple(dict.fromkeys(found))


CALICO_FLOWLOGS = guarded(
    "calico-flowlogs",
    "Calico Enterprise and Cloud flow logs",
    json_with((b'"source_name_aggr"', b'"dest_type"')),
    lambda: JsonLines(_read),
)
