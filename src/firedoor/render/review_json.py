"""A regular review as the JSON contract ``firedoor/review/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.review.telling import time_text
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import gap_documents, object_document

if TYPE_CHECKING:
    from firedoor.model.review import Item, KnownItem, NetworkReview, RbacReview, RegularReview, SinceLast

SCHEMA = "firedoor/review/v1"


def review_document(review: RegularReview) -> dict[str, object]:
    """Return the document; what was not looked at is null."""
    return {
        "schema": SCHEMA,
        "time": review.time,
        "days": review.days,
        "namespace": review.scope,
        "parts": [str(each) for each in review.parts],
        "network": _network(review.network),
        "rbac": None if review.rbac is None else _rbac(review.rbac),
        "drift": None if review.drift is None else {"against": review.drift.against, "notes": list(review.drift.notes)},
        "items": [_item(each) for each in review.items],
        "undecided": [_item(each) for each in review.undecided],
        "since": None if review.since is None else _since(review.since),
        "gaps": gap_documents(review.gaps),
        "cni": review.cni,
    }


def review_json(review: RegularReview) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(review_document(review))


def _network(found: NetworkReview) -> dict[str, object]:
    period, rules, proof = found.period, found.rules, found.proof
    return {
        "period": {
            "first": time_text(period.first) if period.last else None,
            "last": time_text(period.last) if period.last else None,
            "edges": period.edges,
            "connections": period.connections,
            "enough": period.is_enough,
        },
        "rules": {
            "total": rules.total,
            "used": rules.used,
            "possiblyUsed": rules.possibly,
            "unused": rules.unused,
            "notKnown": rules.unknown,
        },
        "proof": {"connections": proof.connections, "accepted": proof.accepted, "kept": proof.kept},
        "notes": list(found.notes),
    }


def _rbac(found: RbacReview) -> dict[str, object]:
    log = found.log
    period = {"first": log.first or None, "last": log.last or None, "requests": log.requests}
    return {"period": {**period, "enough": found.is_enough}, "checked": found.checked}


def _item(item: Item) -> dict[str, object]:
    return {
        "kind": str(item.kind),
        "object": object_document(item.object),
        "path": item.path,
        "source": item.source,
        "message": item.message,
        "evidence": list(item.evidence),
        "proposal": item.proposal,
        "manifest": item.manifest,
        "fingerprint": item.fingerprint,
    }


def _since(since: SinceLast) -> dict[str, object]:
    return {
        "report": since.report,
        "time": since.time,
        "new": list(since.new),
        "unchanged": list(since.unchanged),
        "gone": [_known(each) for each in since.gone],
    }


def _known(item: KnownItem) -> dict[str, object]:
    return {
        "kind": str(item.kind),
        "object": object_document(item.object),
        "path": item.path,
        "source": item.source,
        "message": item.message,
        "fingerprint": item.fingerprint,
    }
