"""What would be applied as a folder that can be committed: one file for each object, in the order of the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.rollout_contents import APPLY
from firedoor.render.commented_yaml import commented_yaml

if TYPE_CHECKING:
    from firedoor.model.rollout import ApplyPlan, Manifest, Step

MARK = "# Written by `firedoor apply --export`."
"""How every file begins that the command writes, and that it may therefore replace."""


def apply_files(plan: ApplyPlan) -> dict[str, str]:
    """
    Return the text of each file by its path, in a folder for each namespace where names sort in the order of the steps.

    Objects that are unchanged are in it too, before the others; bridges, what is only observed, and deletions are not.
    """
    steps = [*plan.unchanged, *(each for each in plan.steps if not (each.is_bridge or each.is_stage))]
    kept = [(each, each.manifest) for each in steps if each.manifest is not None]
    return {
        _path(number, each): f"{MARK}\n{commented_yaml(_plain(manifest), {})}"
        for number, (each, manifest) in enumerate(kept, 1)
    }


def _path(number: int, step: Step) -> str:
    ref = step.ref
    return f"{ref.namespace or 'cluster-wide'}/{number:03}-{ref.kind.lower()}-{ref.name.replace('/', '-')}.yaml"


def _plain(manifest: Manifest) -> Manifest:
    """Return a manifest without the mark of an apply, which a file cannot know."""
    metadata = dict(manifest["metadata"])
    annotations = {key: each for key, each in metadata.pop("annotations", {}).items() if key != APPLY}
    if annotations:
        metadata["annotations"] = annotations
    rest = {key: each for key, each in manifest.items() if key not in {"apiVersion", "kind", "metadata"}}
    return {"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": metadata, **rest}
