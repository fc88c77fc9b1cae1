"""Least roles as a JSON contract: ``firedoor/rbac-minimize/v1``."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from firedoor.model.audit import AuditSummary
from firedoor.model.least_access import CountedRequest, HeldNow, LeastAccess, LeastRoles
from firedoor.model.places import Gap
from firedoor.render.least_yaml import manifests, rule_fields
from firedoor.render.rbac_json import subject_document

LEAST_SCHEMA = "firedoor/rbac-minimize/v1"


def least_document(found: LeastAccess) -> dict[str, object]:
    """Return the document: `held` is null where no roles were read to compare with."""
    return {
        "schema": LEAST_SCHEMA,
        "log": log_document(found.log),
        "subjects": [_least(each) for each in found.subjects],
        "others": [{**subject_document(subject), "requests": count} for subject, count in found.others],
        "exempt": [{**subject_document(subject), "reason": reason} for subject, reason in found.exempt],
        "notes": list(found.notes),
        "gaps": gaps_document(found.gaps),
    }


def log_document(log: AuditSummary) -> dict[str, object]:
    """Return what was read of audit logs, and what was left out."""
    return {
        "requests": log.requests,
        "first": log.first or None,
        "last": log.last or None,
        "undecided": log.undecided,
        "skipped": dict(sorted(log.skipped.items())),
        "faults": [{"source": each.place, "reason": each.reason} for each in log.faults],
    }


def gaps_document(gaps: Iterable[Gap]) -> list[dict[str, object]]:
    """Return what could not be read of the cluster."""
    return [{"source": each.source, "reason": each.reason} for each in gaps]


def _least(found: LeastRoles) -> dict[str, object]:
    proof = found.proof
    return {
        "subject": subject_document(found.subject),
        "requests": {"allowed": found.allowed, "denied": found.denied, "common": found.common},
        "objects": list(manifests(found)),
        "proof": {
            "holds": proof.holds,
            "requests": proof.requests,
            "allowed": proof.allowed,
            "parts": proof.parts,
            "needed": proof.needed,
        },
        "denied": _counted(found.refused),
        "inexpressible": _counted(found.inexpressible),
        "also_asked": list(found.also_asked),
        "held": _held(found.held) if found.held is not None else None,
    }


def _held(held: HeldNow) -> dict[str, object]:
    return {
        "rules": held.rules,
        "taken_away": [
            {"namespace": scoped.namespace, **rule_fields(rule)} for scoped in held.taken_away for rule in scoped.rules
        ],
        "beyond": _counted(held.beyond),
    }


def _counted(requests: Iterable[CountedRequest]) -> list[dict[str, object]]:
    return [{**msgspec.to_builtins(each.request), "count": each.count} for each in requests]
