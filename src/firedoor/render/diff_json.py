"""A difference as the JSON contract ``firedoor/diff/v1``."""

from __future__ import annotations

from firedoor.model.connections import PeerEnd
from firedoor.model.difference import ChangeKind, ConnectionChange, Difference, PodChange, Presence, TrafficChange
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import gap_documents, object_document, traffic_document

SCHEMA = "firedoor/diff/v1"


def diff_document(difference: Difference) -> dict[str, object]:
    """Return the document, changes in the order that matters most first."""
    return {
        "schema": SCHEMA,
        "old": difference.old,
        "new": difference.new,
        "summary": {kind.value: difference.count(kind) for kind in ChangeKind},
        "changes": [_change(each) for each in difference.connections],
        "policies": [
            {"change": each.change, "object": object_document(each.object), "fields": list(each.fields)}
            for each in difference.policies
        ],
        "gaps": {"old": gap_documents(difference.old_gaps), "new": gap_documents(difference.new_gaps)},
        "cni": difference.cni,
    }


def diff_json(difference: Difference) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(diff_document(difference))


def end_document(end: PeerEnd) -> dict[str, object]:
    """Return an end as ``firedoor/reach/v1`` has it."""
    if end.workload is None:
        return {"ips": end.ips} if end.ips else {"domain": end.domain}
    ref = end.workload
    workload: dict[str, object] = {"workload": f"{ref.namespace}/{ref.name}", "kind": ref.kind}
    return {"pod": f"{ref.namespace}/{end.pod}", **workload} if end.pod else workload


def _change(each: ConnectionChange) -> dict[str, object]:
    document: dict[str, object] = {
        "change": each.kind.value,
        "src": _end(each.src, each.src_presence),
        "dst": _end(each.dst, each.dst_presence),
        "old": {"traffic": traffic_document(each.old), "unknown": traffic_document(each.old_unknown)},
        "new": {"traffic": traffic_document(each.new), "unknown": traffic_document(each.new_unknown)},
        **_traffic(each.change),
    }
    return {**document, "details": [_detail(one) for one in each.details]} if each.details else document


def _end(end: PeerEnd, presence: Presence) -> dict[str, object]:
    document = end_document(end)
    return document if presence is Presence.KEPT else {**document, "presence": presence.value}


def _traffic(change: TrafficChange) -> dict[str, object]:
    return {
        "gained": traffic_document(change.gained),
        "lost": traffic_document(change.lost),
        "becameUnknown": traffic_document(change.unsettled),
        "becameAccepted": traffic_document(change.opened),
        "becameDenied": traffic_document(change.closed),
    }


def _detail(each: PodChange) -> dict[str, object]:
    document: dict[str, object] = {
        "src_pods": list(each.src_pods),
        "dst_pods": list(each.dst_pods),
        **_traffic(each.change),
    }
    return {**document, "where": each.where} if each.where else document
