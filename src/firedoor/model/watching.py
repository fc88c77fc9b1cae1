"""A cluster that is watched, in numbers."""

from __future__ import annotations

from msgspec import Struct, field

from firedoor.model.events import EventKind
from firedoor.model.findings import Severity


class FlowCounts(Struct, gc=False):
    """
    What flows told in one turn.

    `denied` counts connections by the policy that denies them now, as ``Kind namespace/name``; empty where none is
    known to. `unattributed` are connections with an end that is nobody's that is known, `malformed` lines, `lost` what
    sources say they could not tell.
    """

    denied: dict[str, int] = field(default_factory=dict)
    connections: int = 0
    unattributed: int = 0
    malformed: int = 0
    lost: int = 0


class Gauge(Struct, frozen=True, gc=False):
    """
    What a watch sees at one instant.

    `isolation` counts pods by the directions in which policies isolate them: ``both``, ``ingress``, ``egress``,
    ``none``, ``host``. `findings` counts by check and severity, `events` what this turn told of by kind and severity.
    `lag` is how many seconds the first of the changes waited, `seconds` how long it took to judge them. `failing` are
    lists that cannot be followed. `captured_at` is RFC 3339. `flows` is None where none are followed. `baselines` says
    by namespace and name whether a baseline holds, None where that is not known; it is None where none are judged.
    """

    captured_at: str
    pods: int
    policies: int
    gaps: int
    isolation: dict[str, int]
    findings: dict[tuple[str, Severity], int]
    events: dict[tuple[EventKind, Severity], int]
    exposures: int
    failing: int
    changes: int
    lag: float
    seconds: float
    flows: FlowCounts | None = None
    baselines: dict[tuple[str, str], bool | None] | None = None
