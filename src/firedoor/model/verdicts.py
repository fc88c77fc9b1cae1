"""What the engine concludes about one connection, and because of what."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """The conclusion; `UNKNOWN` when something that decides could not be evaluated."""

    ACCEPTED = "accepted"
    DENIED = "denied"
    UNKNOWN = "unknown"


def both(egress: Verdict, ingress: Verdict) -> Verdict:
    """Return the verdict of a connection: either end may deny, and both must accept."""
    if Verdict.DENIED in (egress, ingress):
        return Verdict.DENIED
    return Verdict.UNKNOWN if Verdict.UNKNOWN in (egress, ingress) else Verdict.ACCEPTED


class Reason(Struct, frozen=True, gc=False):
    """
    One rule or circumstance that decided, or came close.

    `policy` is ``namespace/name`` (``name`` for cluster-wide kinds) and empty for
    circumstances (no policy selects the pod); `kind` is the policy's; `rule` is the
    path in the policy, as in ``spec.egress[0]``; `source` its ``file:line``; `detail`
    says it in words.
    """

    policy: str = ""
    rule: str = ""
    source: str = ""
    detail: str = ""
    kind: str = ""
