"""Policies that are only observed before they are enforced: as which objects, and what they would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.errors import UsageError
from firedoor.model.flows import FlowVerdict
from firedoor.model.preview import Fate, Foresight
from firedoor.model.rollout import Action, Cut, Ordering, Step, Wave
from firedoor.model.rollout_contents import field_changes
from firedoor.model.staging import CALICO, STAGED, staged_form, unobservable
from firedoor.model.staging_in_place import CILIUM, asks_of_requests, is_staged_in_place, left_out
from firedoor.usecases.apply_gates import concerns
from firedoor.usecases.apply_states import States
from firedoor.usecases.preview import replayed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.flows import FlowEdge
    from firedoor.model.rollout import Manifest
    from firedoor.model.snapshot import Snapshot

    TryOut = Callable[[Manifest], Step]


def refuse_unobservable(manifests: Sequence[Manifest]) -> None:
    """Raise ``UsageError`` where a policy has no form that is only observed."""
    for ref, reason, remedy in unobservable(manifests):
        raise UsageError(f"{ref} cannot be observed before it is enforced: {reason}", remedy=remedy)


def with_stage(ordering: Ordering, try_out: TryOut) -> Ordering:
    """
    Return the waves with one before them that stages what they enforce.

    Each ends with the removal of what was staged for it, unless that has the name of the policy itself: then the policy
    takes its place. Raises ``UsageError`` where the cluster has such a staged policy already.
    """
    staged: list[Step] = []
    waves: list[Wave] = []
    for wave in ordering.waves:
        steps: list[Step] = []
        gone: list[Step] = []
        for each in wave.steps:
            stage = _staged(each, try_out)
            steps.append(each if stage is None else _after(each, stage))
            if stage is not None:
                staged.append(stage)
                if stage.ref != each.ref:
                    gone.append(Step(stage.ref, Action.DELETE, stage.after, is_stage=True))
        waves.append(msgspec.structs.replace(wave, steps=(*steps, *gone)))
    staged.sort(key=lambda each: (each.ref.namespace, each.ref))
    return msgspec.structs.replace(ordering, waves=(Wave("", tuple(staged), is_stage=True), *waves))


def _staged(step: Step, try_out: TryOut) -> Step | None:
    """Return the step that stages what another one enforces; None where there is nothing to be staged."""
    if step.is_bridge or step.manifest is None or _is_in_force(step):
        return None
    form = staged_form(step.manifest)
    if form is None:
        return None
    found = try_out(form)
    if found.before is not None:
        raise UsageError(
            f"{found.ref} is there already, and to observe would be to replace it",
            remedy="delete it once nobody needs it any more, or leave --observe out",
        )
    return msgspec.structs.replace(found, is_stage=True)


def _is_in_force(step: Step) -> bool:
    """Return whether to stage a policy would be to take what is there under its name out of force."""
    return step.before is not None and is_staged_in_place(step.ref)


def _after(step: Step, stage: Step) -> Step:
    """Return a step as it is once another one has staged it."""
    if stage.ref != step.ref or stage.after is None or step.after is None:
        return step
    fields = field_changes(stage.after, step.after)
    return msgspec.structs.replace(step, action=Action.CHANGE, before=stage.after, fields=fields)


def judged_stage(ordering: Ordering, snapshot: Snapshot, cni: CniProfile) -> Ordering:
    """
    Return the waves with what the policies change that are staged under their own names, in each state on the way.

    Such a form decides nothing by itself: but ``Pass`` skips the rest of its tier, and what it allows may be what other
    policies deny. In large clusters only the state with all of them is judged.

    Raises ``UsageError`` where the engine cannot tell.
    """
    stage = [each for each in ordering.waves[0].steps if is_staged_in_place(each.ref)]
    steps = [each for wave in ordering.waves[1:] for each in wave.steps if not each.is_stage]
    if not stage or any(each.rejection for each in (*stage, *steps)):
        return ordering
    _refuse_requests(snapshot, stage)
    states = States(snapshot, steps, cni)
    opens, cuts = [], []
    for number in range(1, len(stage) + 1) if states.is_affordable else [len(stage)]:
        opened, cut = states.disturbs(stage[:number])
        opens.append(Cut(stage[number - 1].ref, opened))
        cuts.append(Cut(stage[number - 1].ref, cut))
    for number in range(1, len(steps)):
        if not states.is_affordable:
            ordering = msgspec.structs.replace(ordering, is_judged=False)
            break
        done = [*stage, *steps[:number]]
        opens.append(Cut(steps[number - 1].ref, states.opened(done)))
        # Where something is cut without a stage, that is told already, and a person may want it.
        cuts.append(Cut(steps[number - 1].ref, () if ordering.cuts else states.cuts(done)))
    return msgspec.structs.replace(
        ordering,
        states=ordering.states + states.judged,
        stage_opens=tuple(each for each in opens if each.interruptions),
        stage_cuts=tuple(each for each in cuts if each.interruptions),
    )


def _refuse_requests(snapshot: Snapshot, stage: Sequence[Step]) -> None:
    """Raise ``UsageError`` where what Cilium is to allow meanwhile may take away what others ask of requests."""
    asking = sorted(
        str(each.ref)
        for each in snapshot.policy_objects
        if each.group == CILIUM and asks_of_requests(each.spec, each.specs)
    )
    own = [each.ref for each in stage if each.ref.kind.startswith("Cilium")]
    if asking and own:
        raise UsageError(
            f"{own[0]} cannot be staged beside {', '.join(asking)}: where one policy allows a port and another "
            "one asks something of its requests, all requests pass",
            remedy="leave --observe out; `firedoor preview` replays what was seen without a change",
        )


def stage_notes(snapshot: Snapshot, steps: Sequence[Step]) -> Iterator[str]:
    """Yield what is not observed of some steps, and what else would be taken for them."""
    for each in steps:
        if each.action is Action.DELETE:
            yield f"{each.ref} is deleted, and that has no form that is only observed: the engine alone judges it"
        elif _is_in_force(each):
            yield (
                f"{each.ref} is there already and stays in force as it is until its turn: it has no other name to be "
                "staged under, so the engine alone judges its change"
            )
        elif each.manifest is not None and staged_form(each.manifest) is None:
            yield f"{each.ref} is not observed: what is staged meets it as it is now"
        elif each.manifest is not None and (rules := left_out(each.manifest)):
            yield f"{each.ref} is staged without its {' and its '.join(rules)}: these would be in force, or be refused"
    staged = [each.ref for each in steps if is_staged_in_place(each.ref) and each.manifest and not _is_in_force(each)]
    if any(each.kind.startswith("Cilium") for each in staged):
        yield (
            "what is staged for Cilium isolates nothing only where its agent has enable-non-default-deny-policies on, "
            "as it has by default"
        )
    others = sorted(
        str(each.ref) for each in snapshot.policy_objects if each.group == CALICO and each.kind.startswith(STAGED)
    )
    if others:
        yield f"what {', '.join(others)} would deny counts as well: flows do not tell which staged policy it was"


def foreseen(
    snapshot: Snapshot, steps: Sequence[Step], cni: CniProfile, edges: Sequence[FlowEdge], since: int
) -> Foresight:
    """
    Return what some steps would cut of what was seen since a time, by the engine and by what staged policies denied.

    ``AUDITED`` is what the network plugin let through and told to be denied by a staged policy.
    """
    seen = [each for each in edges if each.last >= since]
    states = States(snapshot, steps, cni)
    found = replayed(states.old, states.new, seen)
    # What a plugin denies in audit mode is denied by a policy in force, not by one of a kind that is staged in place.
    namespaces = {each.ref.namespace for each in steps if not is_staged_in_place(each.ref)}
    audited = [
        each
        for each in seen
        if each.verdict is FlowVerdict.AUDITED and any(concerns(each, namespace) for namespace in namespaces)
    ]
    # Those of which the engine says the same are among what breaks.
    alone = tuple(each for each in audited if not replayed(states.old, states.new, [each]).broken)
    fates = [each.fate for each in found.changes]
    return Foresight(
        len(seen),
        tuple(each for each in found.changes if each.fate is Fate.BREAKS),
        alone,
        fates.count(Fate.UNKNOWN),
    )
