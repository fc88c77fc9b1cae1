"""Results of intents as the JSON contract ``firedoor/assert/v1``."""

from __future__ import annotations

import msgspec

from firedoor.model.intents import IntentResult, Verification, Violation
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import gap_documents, traffic_document

SCHEMA = "firedoor/assert/v1"


def assert_document(verification: Verification) -> dict[str, object]:
    """Return the document, intents in the order of the file."""
    total = len(verification.results)
    return {
        "schema": SCHEMA,
        "holds": not verification.failed,
        "summary": {
            "intents": total,
            "hold": total - verification.failed - verification.excepted,
            "fail": verification.failed,
            "excepted": verification.excepted,
        },
        "intents": [_result(each) for each in verification.results],
        "gaps": gap_documents(verification.gaps),
        "cni": verification.cni,
    }


def assert_json(verification: Verification) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(assert_document(verification))


def _result(each: IntentResult) -> dict[str, object]:
    return {
        "name": each.intent.name,
        "demand": each.intent.kind.value,
        "source": each.intent.place,
        "holds": each.holds,
        "excepted": each.excepted,
        "problems": list(each.problems),
        "violations": [_violation(one) for one in each.violations],
        "more": each.more,
    }


def _violation(each: Violation) -> dict[str, object]:
    return {
        "src": each.source,
        "dst": each.destination,
        "traffic": traffic_document(each.traffic),
        "unknown": traffic_document(each.unknown),
        **({} if each.icmp is None else {"icmp": msgspec.to_builtins(each.icmp)}),
        "example": {
            "protocol": each.protocol,
            "port": each.port,
            "verdict": each.verdict.value,
            "egress": msgspec.to_builtins(each.egress),
            "ingress": msgspec.to_builtins(each.ingress),
        },
    }
