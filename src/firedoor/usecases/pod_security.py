"""Which level of the Pod Security Standards each namespace could enforce today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security import Version
from firedoor.engine.pod_security.dry_run import standings
from firedoor.engine.pod_security.survey import Survey
from firedoor.errors import NothingInScopeError
from firedoor.model.pod_security_answers import PodSecurityDryRun

if TYPE_CHECKING:
    from firedoor.model.snapshot import Snapshot


def pss_dry_run(snapshot: Snapshot, version: Version, namespace: str = "") -> PodSecurityDryRun:
    """
    Return how every namespace stands to the levels, or that one alone.

    Raises ``NothingInScopeError`` when the snapshot holds no namespace that could be
    judged, not that one, or no security contexts.
    """
    if not snapshot.has_pod_details:
        raise NothingInScopeError(
            "an older firedoor saved this snapshot, without the security contexts of pods",
            remedy="save the snapshot again",
        )
    survey = Survey(snapshot, snapshot.origin.server_version)
    found = tuple(each for each in standings(survey, version) if namespace in {"", each.namespace})
    if not found:
        what = f"namespace {namespace}" if namespace else "no namespace, pod or workload"
        raise NothingInScopeError(
            f"{what} was {'not ' if namespace else ''}found", remedy="check the path, or the context of the cluster"
        )
    gaps = snapshot.gaps
    if namespace:
        gaps = tuple(gap for gap in gaps if gap.object is None or gap.object.namespace in {"", namespace})
    effective = str(Version(version.effective(survey.server_minor)))
    return PodSecurityDryRun(str(version), effective, found, gaps)
