"""Workloads: how many meet a level of the Pod Security Standards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firedoor.engine.pod_security import LATEST, Level
from firedoor.engine.score.unread import RUNNING, unread
from firedoor.model.score import Measure, MeasureId, Unit

if TYPE_CHECKING:
    from firedoor.engine.pod_security.survey import Survey
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot

_LEVELS = {Level.BASELINE: MeasureId.PSS_BASELINE, Level.RESTRICTED: MeasureId.PSS_RESTRICTED}
_CAPITAL = re.compile(r"(?=[A-Z])|_")


def pod_security(snapshot: Snapshot, survey: Survey, level: Level) -> Measure:
    """
    Return how many workloads meet a level.

    One is unknown where its live pods have nothing of what is wrong with its template.
    """
    if not snapshot.has_pod_details:
        return Measure(_LEVELS[level], reason="the security contexts of pods are not known")
    units = [_workload(survey, ref, level) for ref in survey.workloads]
    return Measure(_LEVELS[level], (*units, *unread(snapshot.gaps, RUNNING)))


def _workload(survey: Survey, ref: ObjectRef, level: Level) -> Unit:
    obstacles = survey.obstacles(ref, level, LATEST)
    if not obstacles:
        return Unit(ref.namespace, ref, 1, 1)
    faults = [each for own in obstacles.values() for each in own]
    is_unknown = not any(each.is_confirmed for each in faults)
    what = "; ".join(dict.fromkeys(each.fault.words for each in faults))
    return Unit(ref.namespace, ref, 1, 0, int(is_unknown), what, tuple(map(check_of, obstacles)), faults[0].source)


def check_of(control: str) -> str:
    """Return the check that finds violations of a control: ``pss-host-ports`` for ``hostPorts``."""
    return f"pss-{_CAPITAL.sub('-', control).lower()}"
