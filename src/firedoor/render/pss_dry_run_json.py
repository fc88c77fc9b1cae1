"""Which level each namespace could enforce, as the JSON contract ``firedoor/pss-dry-run/v1``."""

from __future__ import annotations

from firedoor.model.pod_security_answers import NamespaceStanding, ObstructingWorkload, PodSecurityDryRun
from firedoor.render.reach_json import object_document

SCHEMA = "firedoor/pss-dry-run/v1"


def pss_dry_run_document(found: PodSecurityDryRun) -> dict[str, object]:
    """Return the document."""
    return {
        "schema": SCHEMA,
        "version": found.version,
        "effectiveVersion": found.effective_version,
        "namespaces": [_namespace(each) for each in found.namespaces],
        "gaps": [
            {"source": gap.source, "reason": gap.reason, "object": object_document(gap.object)} for gap in found.gaps
        ],
    }


def _namespace(each: NamespaceStanding) -> dict[str, object]:
    return {
        "namespace": each.namespace,
        "known": each.is_known,
        "enforce": each.enforce,
        "enforceVersion": each.enforce_version,
        "meets": each.meets,
        "workloads": each.workloads,
        "obstructing": [_workload(workload) for workload in each.obstructing],
    }


def _workload(each: ObstructingWorkload) -> dict[str, object]:
    return {
        "object": object_document(each.workload),
        "meets": each.meets,
        "obstacles": [
            {"level": obstacle.level, "control": obstacle.control, "faults": list(obstacle.faults)}
            for obstacle in each.obstacles
        ],
    }
