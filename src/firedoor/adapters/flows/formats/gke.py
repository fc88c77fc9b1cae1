"""
Network policy logs of GKE Dataplane V2: entries of Cloud Logging, and the files on the nodes.

Source: the test data of Google's anetd policy logger, and the documentation of network policy logging.
"""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, ignore
from firedoor.adapters.flows.formats.fields import address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.objects import Fields, read_object
from firedoor.adapters.flows.formats.sniffing import json_with
from firedoor.adapters.flows.formats.times import short, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_VERDICTS = {"allow": FlowVerdict.ALLOWED, "deny": FlowVerdict.DENIED}


def _read(line: bytes) -> Iterable[Told]:
    entry = read_object(line)
    payload = entry.inner("jsonPayload") if "jsonPayload" in entry else entry
    if "connection" not in payload:
        if "logName" in entry:
            return ignore("an entry of another log")
        raise MalformedLine("connection is missing: no entry of policy-action")
    return (_record(payload, entry),)


def _record(payload: Fields, entry: Fields) -> FlowRecord:
    connection = payload.inner("connection")
    disposition = payload.text("disposition")
    if disposition not in _VERDICTS:
        raise MalformedLine(f"disposition is neither allow nor deny: {short(disposition)}")
    when = stamp(payload.text("timestamp") or entry.text("timestamp"), "timestamp")
    destination = _end(payload.inner("dest"), connection, "dest")
    direction = connection.text("direction").lower()
    return FlowRecord(
        start=when,
        end=when,
        source=_end(payload.inner("src"), connection, "src"),
        destination=destination,
        protocol=of_family(protocol(connection["protocol"], "connection.protocol"), destination.address),
        verdict=_VERDICTS[disposition],
        direction=direction if direction in {"ingress", "egress"} else "",
        is_reply=False,
        node=payload.text("node_name"),
        connections=whole(payload["count"], "count") or 1,
        policies=tuple(_policy(each) for each in payload.objects("policies")),
    )


def _end(peer: Fields, connection: Fields, side: str) -> FlowEnd:
    pod = peer.text("pod_name")
    kind, name = peer.text("workload_kind"), peer.text("workload_name")
    return FlowEnd(
        address=address(connection.text(f"{side}_ip"), f"connection.{side}_ip"),
        port=port(connection[f"{side}_port"], f"connection.{side}_port"),
        namespace=peer.text("pod_namespace") or peer.text("namespace"),
        pod=pod,
        workload=f"{kind}/{name}" if kind and name else "",
        role="pod" if pod else "",
    )


def _policy(found: Fields) -> str:
    parts = (found.text("kind"), found.text("namespace"), found.text("name"))
    return "/".join(part for part in parts if part)


GKE = guarded(
    "gke-policy-action",
    "GKE Dataplane V2 network policy logs",
    json_with((b'"connection"', b'"disposition"'), (b"policy-action", b'"jsonPayload"')),
    lambda: JsonLines(_read),
)
