"""What could not be read, as things of which nobody can tell how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.places import GapKind, ObjectRef
from firedoor.model.score import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.places import Gap

RUNNING = frozenset(
    {
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "PodTemplate",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
    }
)
"""The kinds that make pods, or are pods."""

_HIDING = frozenset({GapKind.REJECTED, GapKind.UNREADABLE, GapKind.TEMPLATE, GapKind.FORBIDDEN})


def unread(gaps: Iterable[Gap], kinds: frozenset[str]) -> Iterator[Unit]:
    """Yield one unit for each gap that hides, or may hide, objects of some kinds: what it hides counts as one."""
    for gap in gaps:
        if gap.kind in _HIDING and (gap.object is None or gap.object.kind in kinds):
            about = gap.object or ObjectRef("Gap", "", gap.source)
            yield Unit(about.namespace, about, 1, 0, 1, f"not read: {gap.reason}", (), gap.source)
