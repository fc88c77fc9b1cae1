"""A cluster's reachability in numbers, as the JSON contract ``firedoor/summary/v1``."""

from __future__ import annotations

from firedoor.model.summary import ReachSummary, Side
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import object_document

SCHEMA = "firedoor/summary/v1"


def summary_document(summary: ReachSummary) -> dict[str, object]:
    """Return the document."""
    pairs = summary.pairs
    return {
        "schema": SCHEMA,
        "pods": summary.pods,
        "workloads": summary.workloads,
        "namespaces": summary.namespaces,
        "policies": dict(summary.policies),
        "pairs": {
            "total": pairs.total,
            "all_traffic": pairs.all,
            "some_traffic": pairs.some,
            "unknown": pairs.unknown,
            "none": pairs.none,
        },
        "ingress": _side(summary.ingress),
        "egress": _side(summary.egress),
        "gaps": [
            {"source": gap.source, "reason": gap.reason, "object": object_document(gap.object)} for gap in summary.gaps
        ],
        "cni": summary.cni,
    }


def summary_json(summary: ReachSummary) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(summary_document(summary))


def _side(side: Side) -> dict[str, object]:
    return {
        "unrestricted": side.unrestricted,
        "outside_some": side.outside_some,
        "outside_all": side.outside_all,
    }
