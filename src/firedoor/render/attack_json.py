"""Attack paths as the JSON contracts ``firedoor/attack-paths/v1`` and ``firedoor/attack-ranking/v1``."""

from __future__ import annotations

from firedoor.engine.attack.techniques import BY_ID
from firedoor.model.attack import AttackPaths, AttackStep, Change, Ranking, Standing
from firedoor.render.attack_words import change_text
from firedoor.render.reach_json import gap_documents, object_document

SCHEMA = "firedoor/attack-paths/v1"
RANKING_SCHEMA = "firedoor/attack-ranking/v1"


def attack_paths_document(paths: AttackPaths) -> dict[str, object]:
    """Return the document: each path as a list of steps, and the changes that close them."""
    cut = paths.cut
    return {
        "schema": SCHEMA,
        "from": paths.source,
        "to": paths.target,
        "maxSteps": paths.bound,
        "more": paths.is_cut_short,
        "possible": paths.is_possible,
        "paths": [{"length": len(path.steps), "steps": list(map(_step, path.steps))} for path in paths.paths],
        "cut": None
        if cut is None
        else {
            "changes": None if cut.changes is None else list(map(_change, cut.changes)),
            "least": cut.is_least,
            "single": [{**_change(change), "breaks": number} for change, number in cut.breaks],
        },
        "notes": list(paths.notes),
        "gaps": gap_documents(paths.gaps),
        "cni": paths.cni,
    }


def attack_ranking_document(ranking: Ranking) -> dict[str, object]:
    """Return the document: what follows from the compromise of each workload, worst first."""
    return {
        "schema": RANKING_SCHEMA,
        "possible": ranking.is_possible,
        "total": {
            "workloads": ranking.workloads,
            "pods": ranking.pods,
            "nodes": ranking.nodes,
            "identities": ranking.identities,
            "secretNamespaces": ranking.namespaces,
        },
        "rows": [
            {
                "workload": object_document(row.workload),
                "fromInternet": row.from_internet,
                "toClusterAdmin": row.to_admin,
                "workloads": row.workloads,
                "pods": row.pods,
                "nodes": row.nodes,
                "identities": row.identities,
                "secretNamespaces": row.secrets,
            }
            for row in ranking.rows
        ],
        "notes": list(ranking.notes),
        "gaps": gap_documents(ranking.gaps),
        "cni": ranking.cni,
    }


def _step(step: AttackStep) -> dict[str, object]:
    technique = BY_ID[step.technique]
    return {
        "from": _standing(step.source),
        "to": _standing(step.target),
        "technique": technique.id,
        "does": technique.does,
        "mitre": technique.mitre,
        "possible": step.is_possible,
        "evidence": [{"text": fact.text, "place": fact.place} for fact in step.evidence],
        "stoppedBy": [list(map(_change, option)) for option in step.changes],
    }


def _standing(standing: Standing) -> dict[str, object]:
    return {
        "id": str(standing),
        "kind": standing.kind.value,
        "namespace": standing.namespace,
        "name": standing.name,
        "detail": standing.detail,
    }


def _change(change: Change) -> dict[str, object]:
    return {"kind": change.kind.value, "object": object_document(change.object), "text": change_text(change)}
