"""What audit logs told, in the words that people read."""

from __future__ import annotations

from collections.abc import Iterator

from firedoor.model.audit import AuditSummary
from firedoor.model.least_access import LeastAccess, LeastProof, LeastRoles
from firedoor.render.rbac_words import count_text, subject_text

_SKIPS = {
    "unreadable": "could not be read",
    "stage": "came before the decision",
    "unauthenticated": "came from nobody authenticated",
    "constrained": "impersonated by a constrained verb, which is not worked out",
}


def log_text(log: AuditSummary) -> str:
    """Return how many requests were read, and from when to when."""
    span = f" from {log.first} to {log.last}" if log.first else ""
    return f"{count_text(log.requests, 'request')} in the audit log{span}"


def skipped_texts(log: AuditSummary) -> Iterator[str]:
    """Yield what was left out of the log, and the first of what could not be read."""
    for kind, count in sorted(log.skipped.items()):
        yield f"{count_text(count, 'event')} {_SKIPS[kind]}"
    if log.undecided:
        yield f"{count_text(log.undecided, 'request')} without a decision, from which nothing is concluded"
    for each in log.faults:
        yield f"{each.place}: {each.reason}"
    rest = log.skipped.get("unreadable", 0) - len(log.faults)
    if rest > 0:
        yield f"and {rest} more that could not be read"


def least_notes(found: LeastAccess) -> Iterator[str]:
    """Yield who is left out and why, what is missing, and what of the log could not be used."""
    for subject, reason in found.exempt:
        yield f"left out: {subject_text(subject)}, {reason}"
    if found.others:
        count = sum(number for _, number in found.others)
        yield f"left out: {count_text(count, 'request')} of {count_text(len(found.others), 'other subject')}"
    for text in (*found.notes, *skipped_texts(found.log)):
        yield f"note: {text}"
    if found.gaps:
        yield f"note: {count_text(len(found.gaps), 'gap')} in what was read of the cluster"


def requests_text(found: LeastRoles) -> str:
    """Return the requests of a subject: allowed, denied, and those that everybody may make."""
    parts = [count_text(found.allowed, "request")]
    if found.denied:
        parts.append(f"{found.denied} denied and not granted")
    if found.common:
        parts.append(f"{found.common} that everybody may make")
    if found.inexpressible:
        parts.append(f"{len(found.inexpressible)} that no rule permits alone")
    return ", ".join(parts)


def proof_text(proof: LeastProof) -> str:
    """Return what the authorizer says of the roles."""
    return (
        f"the roles allow {proof.allowed} of {count_text(proof.requests, 'different request')}, "
        f"and {proof.needed} of their {count_text(proof.parts, 'part')} cannot be taken away"
    )
