"""What applying policies would do to a live cluster, object by object, and what the engine says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from firedoor.errors import NothingInScopeError
from firedoor.model.decoding import api_group
from firedoor.model.difference import Difference, PolicyChange
from firedoor.model.flows import FlowEdge
from firedoor.model.journal import ProbeGate, Record
from firedoor.model.rollout import Action, ApplyPlan, Ordering, Outcome, Step
from firedoor.model.rollout_contents import MANAGER, content, field_changes, is_ours, marked, ref_of
from firedoor.usecases.apply_observing import judged_stage, stage_notes, with_stage
from firedoor.usecases.apply_order import by_rule, ordered
from firedoor.usecases.apply_states import States, with_steps
from firedoor.usecases.diff import diff
from firedoor.usecases.preview import replayed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.interfaces import LivePolicies
    from firedoor.model.places import ObjectRef
    from firedoor.model.preview import Preview
    from firedoor.model.rollout import Manifest, PolicyRef
    from firedoor.model.snapshot import Snapshot

_NAMES = ("the cluster as it is", "the cluster with the policies")
_TRIED = {
    "pods": "after each wave connections are tried between pods that are made for that and removed again",
    "exec": "after each wave connections are tried by commands in the pods",
    "debug": "after each wave connections are tried from containers that are added to pods and stay until these end",
}
_WORDS = {Action.CREATE: "added", Action.CHANGE: "changed", Action.DELETE: "removed"}


class ApplyQuestion(Struct, frozen=True):
    """
    How to plan: the id of the apply, and whether fields of other managers are taken over.

    `edges` are connections that were seen, None where nobody said which. What the policies would do is looked on for
    `observe` seconds before any is enforced, and after each wave connections are tried as `probes` says.
    """

    id: str
    force: bool = False
    edges: Iterable[FlowEdge] | None = None
    observe: float = 0.0
    probes: ProbeGate | None = None


def plan_apply(
    manifests: Sequence[Manifest],
    stale: Iterable[PolicyRef],
    live: LivePolicies,
    snapshot: Snapshot,
    cni: CniProfile,
    asked: ApplyQuestion,
) -> ApplyPlan:
    """
    Return what would be done to make the cluster hold `manifests`, and to delete those of `stale` that are ours.

    Nothing is changed.
    """
    tried = [_step(each, live, asked.id) for each in manifests]
    deleted, notes = _deletions(stale, live)
    steps = [*(each for each in tried if each.action is not Action.UNCHANGED), *deleted]
    unchanged = tuple(sorted((each for each in tried if each.action is Action.UNCHANGED), key=lambda each: each.ref))
    judged = [each for each in steps if not each.rejection]
    if len(judged) < len(steps):
        ordering = Ordering(by_rule(steps), is_judged=False)
    else:
        ordering = ordered(snapshot, steps, cni, partial(_step, live=live, apply=asked.id))
    notes += [note for each in steps for note in _kept_fields(each)]
    if asked.observe and steps:
        ordering = judged_stage(with_stage(ordering, partial(_step, live=live, apply=asked.id)), snapshot, cni)
        notes += stage_notes(snapshot, steps)
    if asked.probes is not None and steps:
        notes.append(_TRIED[asked.probes.mode])
    return ApplyPlan(
        asked.id,
        live.server,
        ordering,
        unchanged,
        _difference(snapshot, judged, cni),
        None if asked.edges is None else _preview(snapshot, judged, cni, asked.edges),
        asked.force,
        tuple(notes),
        asked.observe,
    )


def stale_objects(records: Iterable[Record], paths: Sequence[str], manifests: Sequence[Manifest]) -> set[PolicyRef]:
    """Return what earlier applies of the same paths applied, and what is not in `manifests` any more."""
    here = {_identity(ref_of(each)) for each in manifests}
    applied = (each for each in records if each.outcome is Outcome.APPLIED and each.begin.paths == tuple(paths))
    return {ref for record in applied for ref in record.begin.objects if _identity(ref) not in here}


def _identity(ref: PolicyRef) -> tuple[str, ObjectRef]:
    return api_group(ref.api_version), ref.object


def _step(manifest: Manifest, live: LivePolicies, apply: str) -> Step:
    """Return what the server says of a manifest: what it would become, and who objects."""
    ref, sent = ref_of(manifest), marked(manifest, apply)
    before = live.get(ref)
    trial = live.try_out(sent, force=False)
    conflicts = trial.conflicts
    if conflicts:
        trial = live.try_out(sent, force=True)
    after = content(trial.after)
    action = Action.CREATE if before is None else Action.CHANGE
    fields = () if before is None or after is None else field_changes(before, after)
    if before is not None and after is not None and not fields:
        action = Action.UNCHANGED
    return Step(ref, action, before, after, sent, fields, conflicts, trial.rejection)


def _kept_fields(step: Step) -> Iterator[str]:
    """Yield what an object keeps because others own it: server-side apply removes no field that it never wrote."""
    if step.manifest is not None:
        before, sent, after = (set((each or {}).get("spec") or {}) for each in (step.before, step.manifest, step.after))
        kept = sorted((before & after) - sent)
        if kept:
            yield f"{step.ref} keeps {', '.join(f'spec.{each}' for each in kept)}, which the manifest does not have"


def _deletions(stale: Iterable[PolicyRef], live: LivePolicies) -> tuple[list[Step], list[str]]:
    found: list[Step] = []
    notes: list[str] = []
    for ref in sorted(stale):
        before = live.get(ref)
        if before is None:
            continue
        if is_ours(before):
            found.append(Step(ref, Action.DELETE, before))
        else:
            notes.append(f"{ref} is kept: it was applied before, and no longer has the label of {MANAGER}")
    return found, notes


def _difference(snapshot: Snapshot, steps: Sequence[Step], cni: CniProfile) -> Difference:
    policies = [
        PolicyChange(each.ref.object, _WORDS[each.action], tuple(field.path for field in each.fields)) for each in steps
    ]
    changed = with_steps(snapshot, steps)
    try:
        return diff((snapshot, changed), _NAMES, cni, policies)
    except NothingInScopeError:
        # Policies may come before the pods.
        return Difference(*_NAMES, (), tuple(sorted(policies)), snapshot.gaps, changed.gaps, cni.name)


def _preview(snapshot: Snapshot, steps: Sequence[Step], cni: CniProfile, edges: Iterable[FlowEdge]) -> Preview:
    states = States(snapshot, steps, cni)
    found = replayed(states.old, states.new, edges)
    return msgspec.structs.replace(found, gaps=states.new.snapshot.gaps)
