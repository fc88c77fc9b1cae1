"""Connectivity as the JSON contract ``firedoor/reach/v1``."""

from __future__ import annotations

from collections.abc import Iterable

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd, PodDetail
from firedoor.model.places import Gap, ObjectRef
from firedoor.render.json_text import json_text

SCHEMA = "firedoor/reach/v1"


def reach_document(connectivity: Connectivity) -> dict[str, object]:
    """Return the document; pairs without sure traffic stand only under ``unknown``."""
    pairs = connectivity.connections
    return {
        "schema": SCHEMA,
        "connections": [_connection(pair, pair.traffic) for pair in pairs if pair.traffic],
        "unknown": [_connection(pair, pair.unknown, unknown=True) for pair in pairs if pair.unknown],
        "gaps": gap_documents(connectivity.gaps),
        "cni": connectivity.cni,
    }


def reach_json(connectivity: Connectivity) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(reach_document(connectivity))


def traffic_document(traffic: Traffic) -> list[dict[str, object]]:
    """Return the ranges of a traffic as objects with ``protocol``, ``from`` and ``to``."""
    return [{"protocol": protocol, "from": first, "to": last} for protocol, first, last in traffic]


def object_document(ref: ObjectRef | None) -> dict[str, object] | None:
    """Return kind, namespace and name of an object, or None."""
    return ref_document(ref) if ref is not None else None


def ref_document(ref: ObjectRef) -> dict[str, object]:
    """Return kind, namespace and name of an object."""
    return {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name}


def gap_documents(gaps: Iterable[Gap]) -> list[dict[str, object]]:
    """Return what could not be understood, where and of which object."""
    return [{"source": gap.source, "reason": gap.reason, "object": object_document(gap.object)} for gap in gaps]


def _connection(pair: PeerConnection, traffic: Traffic, *, unknown: bool = False) -> dict[str, object]:
    document: dict[str, object] = {
        "src": _end(pair.src),
        "dst": _end(pair.dst),
        "traffic": traffic_document(traffic),
    }
    details = []
    for each in pair.details:
        passing = each.unknown if unknown else each.traffic
        if passing:
            details.append(_detail(each, passing))
    if details:
        document["details"] = details
    if pair.demands and not unknown:
        document["requests"] = [
            {"traffic": traffic_document(each.traffic), "requests": each.requests} for each in pair.demands
        ]
    return document


def _detail(detail: PodDetail, traffic: Traffic) -> dict[str, object]:
    return {
        "src_pods": list(detail.src_pods),
        "dst_pods": list(detail.dst_pods),
        "traffic": traffic_document(traffic),
    }


def _end(end: PeerEnd) -> dict[str, object]:
    if end.workload is None:
        return {"ips": end.ips} if end.ips else {"domain": end.domain}
    ref = end.workload
    workload: dict[str, object] = {"workload": f"{ref.namespace}/{ref.name}", "kind": ref.kind}
    return {"pod": f"{ref.namespace}/{end.pod}", **workload} if end.pod else workload
