"""
Flows of Calico's Goldmane: the emitter's JSON, its stream, protojson of the gRPC API, and Whisker's REST answers.

They have no addresses and no pods, but names of sets of pods (``cart-6b9d4-*``). One record is
many connections. Source: projectcalico/calico goldmane/proto/api.proto, goldmane/pkg/emitter,
whisker-backend/pkg/apis/v1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, each_of
from firedoor.adapters.flows.formats.fields import port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with
from firedoor.adapters.flows.formats.times import SECOND, since_epoch, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_ACTIONS = ("", "Allow", "Deny", "Pass")
_REPORTERS = ("", "Src", "Dst")
_TYPES = ("", "WorkloadEndpoint", "HostEndpoint", "NetworkSet", "Network")
_KINDS = (
    "",
    "CalicoNetworkPolicy",
    "GlobalNetworkPolicy",
    "StagedNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
    "NetworkPolicy",
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
    "Profile",
    "EndOfTier",
    "ClusterNetworkPolicy",
)
_DIRECTIONS = {"Src": "egress", "Dst": "ingress"}
_DENY, _ALLOW = "Deny", "Allow"
_UPPER = re.compile(r"(?<=[a-z0-9])([A-Z])")


def _read(line: bytes) -> Iterable[Told]:
    return _told(read_object(line))


def _told(found: Fields) -> Iterable[Told]:
    name = next((each for each in ("flows", "items") if each in found), "")
    if name:
        return each_of(found.indices(name), lambda index: _told(found.element(name, index)))
    flow = found.inner("flow") if "flow" in found else found
    if "Key" in flow:
        return (_record(_snake(flow.inner("Key")), _snake(flow)),)
    if "action" in flow and "reporter" in flow:
        return (_record(flow, flow),)
    raise MalformedLine("neither Key nor action and reporter are in it: no flow of Goldmane or Whisker")


def _record(key: Fields, flow: Fields) -> FlowRecord:
    name = protocol(key.known("proto") or key.known("protocol"), "proto")
    number = port(key["dest_port"], "dest_port")
    destination = _end(key, flow, "dest", number)
    service = _service(key)
    verdict, policies = _verdict(key)
    return FlowRecord(
        start=_time(flow, "start_time"),
        end=_time(flow, "end_time"),
        source=_end(key, flow, "source", 0),
        destination=destination if service is None else service,
        translated=None if service is None else destination,
        protocol=name,
        verdict=verdict,
        direction=_DIRECTIONS.get(_enum(key, "reporter", _REPORTERS), ""),
        is_reply=False,
        connections=_connections(flow),
        packets=whole(flow["packets_in"], "packets_in") + whole(flow["packets_out"], "packets_out"),
        octets=whole(flow["bytes_in"], "bytes_in") + whole(flow["bytes_out"], "bytes_out"),
        policies=policies,
    )


def _connections(flow: Fields) -> int:
    """Return the connections that began; those that only went on, where none began."""
    for name in ("num_connections_started", "num_connections_live", "num_connections_completed"):
        if found := whole(flow[name], name):
            return found
    return 1


def _end(key: Fields, flow: Fields, side: str, number: int) -> FlowEnd:
    name, kind = key.known(f"{side}_name"), _enum(key, f"{side}_type", _TYPES)
    namespace, labels = key.known(f"{side}_namespace"), _labels(flow, f"{side}_labels")
    if kind == "NetworkSet":
        return FlowEnd(port=number, namespace=namespace, workload=f"NetworkSet/{name}", labels=labels, role="external")
    if kind == "Network" or (not kind and name in {"pub", "pvt"}):
        # A private address that Calico does not know may be a node, so that only "pub" is outside for sure.
        return FlowEnd(port=number, role="external" if name == "pub" else "")
    if kind == "HostEndpoint":
        return FlowEnd(port=number, workload=f"HostEndpoint/{name}", labels=labels, role="node")
    return FlowEnd(port=number, namespace=namespace, pod=name, labels=labels, role="pod" if namespace and name else "")


def _labels(flow: Fields, name: str) -> tuple[str, ...]:
    if isinstance(flow[name], str):
        return tuple(each for part in flow.text(name).split("|") if (each := part.strip()) and each != "-")
    return tuple(flow.texts(name))


def _service(key: Fields) -> FlowEnd | None:
    name = key.known("dest_service_name")
    if not name:
        return None
    return FlowEnd(
        port=port(key["dest_service_port"], "dest_service_port"),
        namespace=key.known("dest_service_namespace"),
        workload=f"Service/{name}",
        role="service",
    )


def _verdict(key: Fields) -> tuple[FlowVerdict, tuple[str, ...]]:
    action = _enum(key, "action", _ACTIONS)
    traces = key.inner("policies")
    pending = _deciding(traces, "pending", _DENY) if action == _ALLOW else ()
    if pending:
        return FlowVerdict.AUDITED, pending
    if action == _ALLOW:
        return FlowVerdict.ALLOWED, _deciding(traces, "enforced", _ALLOW)
    if action == _DENY:
        return FlowVerdict.DENIED, _deciding(traces, "enforced", _DENY)
    return FlowVerdict.OTHER, ()


def _deciding(traces: Fields, stage: str, action: str) -> tuple[str, ...]:
    """Return the policies of a trace that took an action; where a tier ended, the one that made it deny."""
    found = []
    name = f"{stage}_policies" if f"{stage}_policies" in traces else stage
    for hit in traces.objects(name):
        each = _snake(hit)
        if _enum(each, "action", _ACTIONS) != action:
            continue
        kind = _enum(each, "kind", _KINDS)
        if kind == "EndOfTier" and "trigger" in each:
            each = _snake(each.inner("trigger"))
            kind = _enum(each, "kind", _KINDS)
        found.append("/".join(part for part in (kind, each.text("namespace"), each.text("name")) if part))
    return tuple(found)


def _time(flow: Fields, name: str) -> int:
    value = flow[name]
    if isinstance(value, str) and not value.isdigit():
        return stamp(value, name)
    if value is None:
        raise MalformedLine(f"{name} is missing")
    return since_epoch(value, SECOND, name)


def _enum(found: Fields, name: str, names: tuple[str, ...]) -> str:
    value = found[name]
    if isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else ""
    return found.text(name)


def _snake(found: Fields) -> Fields:
    """Return the object with the names of the proto file, where protojson wrote them in camel case."""
    values: dict[str, Any] = {_snake_name(name): value for name, value in found.values.items()}
    return Fields(values, found.path)


@lru_cache(maxsize=1024)
def _snake_name(name: str) -> str:
    return _UPPER.sub(lambda match: "_" + match[1].lower(), name)


CALICO_GOLDMANE = guarded(
    "calico-goldmane",
    "Calico flows of Goldmane (emitter, stream, gRPC) and Whisker",
    json_with(
        (b'"Key"', b'"reporter"'),
        (b'"Key"', b'"source_name'),
        (b'"source_name"', b'"dest_name"', b'"protocol"', b'"reporter"'),
    ),
    lambda: JsonLines(_read),
)
