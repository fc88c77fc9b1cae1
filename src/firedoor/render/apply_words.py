"""What is applied, and what is said against it, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.model.rollout import Action
from firedoor.render.words import count_text, end_text, traffic_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rollout import ApplyPlan, Interruption, Ordering, Step, Wave

_LONGEST = 120


def wave_text(wave: Wave) -> str:
    """Return where the steps of a wave are."""
    if wave.is_stage:
        return "Only observed, before anything is enforced"
    return f"Namespace {wave.namespace}" if wave.namespace else "The whole cluster"


def step_lines(step: Step) -> Iterator[str]:
    """Yield what is done to an object, field by field, and what is said against it."""
    bridge = " (lets pass for a moment what would be cut between two of these steps)" if step.is_bridge else ""
    stage = " (what it shows is in force now)" if step.is_stage and step.action is Action.DELETE else ""
    yield f"{step.action:<7} {step.ref}{bridge}{stage}"
    for each in step.fields:
        yield f"        {each.path}: {_value(each.old)} -> {_value(each.new)}"
    for conflict in step.conflicts:
        yield f"        conflict: {conflict.field} belongs to {conflict.manager}"
    if step.rejection:
        yield f"        refused by the server: {step.rejection}"


def order_text(ordering: Ordering) -> str:
    """Return what is known of the states between."""
    if not ordering.is_judged:
        return "the states between the steps were not judged: the order follows the rule alone"
    if ordering.cuts:
        cut = sum(len(each.interruptions) for each in ordering.cuts)
        return f"no order was found that cuts nothing on the way: {count_text(cut, 'connection')} would be cut"
    if ordering.stage_opens or ordering.stage_cuts:
        return "what is staged would not leave everything as it is"
    return "no state between the steps cuts what passes before and after"


def cut_lines(ordering: Ordering) -> Iterator[str]:
    """Yield what is cut after which step, and what the staged policies change."""
    for what, cuts in (
        ("", ordering.cuts),
        (", which is staged, opens", ordering.stage_opens),
        (", which is staged, cuts", ordering.stage_cuts),
    ):
        for cut in cuts:
            yield f"after {cut.after}{what}:"
            for each in cut.interruptions:
                yield f"  {interruption_text(each)}"


def interruption_text(each: Interruption) -> str:
    """Return the ends and the traffic."""
    return f"{end_text(each.source)} -> {end_text(each.destination)} {traffic_text(each.traffic)}"


def refusal_texts(plan: ApplyPlan, *, allow_breaking: bool) -> list[str]:
    """Return why a plan is not carried out; none where nothing is said against it."""
    found = []
    if plan.rejected:
        found.append(f"the server refuses {_names(plan.rejected)}")
    kinds = {each.ref.kind for each in plan.rejected if each.is_stage}
    if any(each.startswith("Staged") for each in kinds):
        found.append("--observe needs a cluster that serves the staged policies of Calico (projectcalico.org/v3)")
    if any(each.startswith("Cilium") for each in kinds):
        found.append("--observe needs a Cilium whose policies have enableDefaultDeny (1.16)")
    found += _disturbed(plan.ordering)
    if plan.in_conflict:
        found.append(
            f"fields of {_names(plan.in_conflict)} belong to other managers; --force-conflicts takes them over"
        )
    if not allow_breaking and plan.breaks:
        if plan.preview is not None and plan.preview.broken:
            found.append(
                f"{count_text(plan.preview.broken, 'seen connection')} would break; "
                "--allow-breaking applies all the same"
            )
        if plan.ordering.cuts:
            found.append(
                "connections that pass before and after would be cut on the way; --allow-breaking applies all the same"
            )
    return found


def _disturbed(ordering: Ordering) -> Iterator[str]:
    """Yield what the staged policies change though they should change nothing."""
    for verb, cuts in (("open", ordering.stage_opens), ("cut", ordering.stage_cuts)):
        if cuts:
            count = sum(len(each.interruptions) for each in cuts)
            yield (
                f"what is staged would {verb} {count_text(count, 'connection')}, first after {cuts[0].after} "
                f"{interruption_text(cuts[0].interruptions[0])}; leave --observe out"
            )


def _names(steps: tuple[Step, ...]) -> str:
    return ", ".join(str(each.ref) for each in steps)


def _value(value: object) -> str:
    if value is None:
        return "none"
    text = visible(msgspec.json.encode(value).decode())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
