"""Generated policies as a JSON document; its shape is documented in ``docs/reference/json.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.generation_yaml import policy_yaml
from firedoor.render.reach_json import gap_documents, object_document, traffic_document

SCHEMA = "firedoor/generation/v1"

if TYPE_CHECKING:
    from firedoor.model.generation import GeneratedPolicy, Generation, LeftOut, Need, OpenPair


def generation_document(found: Generation) -> dict[str, object]:
    """Return everything that was made and proved as plain values."""
    proof, over = found.proof, found.overpermission
    return {
        "schema": SCHEMA,
        "kind": str(found.kind),
        "policies": [_policy(each) for each in found.policies],
        "needs": [_need(each) for each in found.needs],
        "proof": {
            "holds": proof.holds,
            "needed": proof.needed,
            "denied": list(proof.denied),
            "opened": [_pair(each) for each in proof.opened],
            "parts": proof.parts,
            "removable": list(proof.removable),
            "refused": list(proof.refused),
        },
        "overpermission": {"before": over.before, "after": over.after, "pairs": [_pair(each) for each in over.pairs]},
        "unattributed": [left_document(each) for each in found.left_out],
        "notes": list(found.notes),
        "gaps": gap_documents(found.gaps),
        "cni": found.cni,
    }


def _policy(policy: GeneratedPolicy) -> dict[str, object]:
    return {
        "name": policy.name,
        "namespace": policy.namespace,
        "order": policy.order,
        "workloads": [object_document(each) for each in policy.workloads],
        "manifest": policy.document,
        "yaml": policy_yaml(policy),
    }


def _need(need: Need) -> dict[str, object]:
    return {
        "source": str(need.source),
        "destination": str(need.destination),
        "protocol": need.protocol,
        "from": need.first,
        "to": need.last,
        "evidence": [
            {"text": each.text, "place": each.place, "count": each.count, "first": each.first, "last": each.last}
            for each in need.evidence
        ],
    }


def _pair(pair: OpenPair) -> dict[str, object]:
    return {"source": pair.source, "destination": pair.destination, "traffic": traffic_document(pair.traffic)}


def left_document(left: LeftOut) -> dict[str, object]:
    """Return what no policy is made for."""
    return {"what": left.what, "why": left.why, "count": left.count, "first": left.first, "last": left.last}
