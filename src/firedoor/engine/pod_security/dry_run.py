"""Which level each namespace could enforce today, and which workloads stand in the way of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.levels import Level
from firedoor.engine.pod_security.registry import BY_ID
from firedoor.model.pod_security_answers import NamespaceStanding, Obstacle, ObstructingWorkload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.survey import Survey
    from firedoor.engine.pod_security.versions import Version
    from firedoor.model.places import ObjectRef


def standings(survey: Survey, version: Version) -> Iterator[NamespaceStanding]:
    """Yield the namespaces that exist or that something lives in, by name."""
    for name in sorted({*survey.namespaces, *survey.inhabited}):
        _, enforced = survey.namespaces.get(name, (None, None))
        workloads = survey.inhabited.get(name, [])
        found = [_obstructing(survey, ref, version) for ref in workloads]
        yield NamespaceStanding(
            name,
            enforced is not None,
            enforced.label if enforced is not None else None,
            enforced.version_label if enforced is not None else None,
            survey.namespace_meets(name, version).value,
            len(workloads),
            tuple(each for each in found if each.obstacles),
        )


def _obstructing(survey: Survey, ref: ObjectRef, version: Version) -> ObstructingWorkload:
    """Return a workload with the controls of the baseline that it violates, then those that come with restricted."""
    baseline = survey.obstacles(ref, Level.BASELINE, version)
    restricted = survey.obstacles(ref, Level.RESTRICTED, version)
    obstacles = tuple(
        Obstacle(
            BY_ID[control].level.value,
            control,
            tuple(f"{each.source}: {each.fault.words}" for each in faults),
        )
        for control, faults in (baseline | restricted).items()
    )
    return ObstructingWorkload(ref, survey.meets(ref, version).value, obstacles)
