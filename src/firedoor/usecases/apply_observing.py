"""Policies that are only observed before they are enforced: as which objects, and what they would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.errors import UsageError
from firedoor.model.flows import FlowVerdict
from firedoor.model.preview import Fate, Foresight
from firedoor.model.rollout import Action, Ordering, Step, Wave
from firedoor.model.rollout_contents import ref_of
from firedoor.model.staging import CALICO, STAGED, decides_nothing, staged_form, unobservable
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
    for ref, reason, remedy in unobservable(map(ref_of, manifests)):
        raise UsageError(f"{ref} cannot be observed before it is enforced: {reason}", remedy=remedy)


def with_stage(ordering: Ordering, try_out: TryOut) -> Ordering:
    """
    Return the waves with one before them that stages what they enforce; each ends with the removal of its own.

    Raises ``UsageError`` where the cluster has such a staged policy already.
    """
    staged: list[Step] = []
    waves: list[Wave] = []
    for wave in ordering.waves:
        own = [step for each in wave.steps if (step := _staged(each, try_out)) is not None]
        gone = [Step(each.ref, Action.DELETE, each.after, is_stage=True) for each in own]
        staged += own
        waves.append(msgspec.structs.replace(wave, steps=(*wave.steps, *gone)))
    staged.sort(key=lambda each: (each.ref.namespace, each.ref))
    return msgspec.structs.replace(ordering, waves=(Wave("", tuple(staged), is_stage=True), *waves))


def _staged(step: Step, try_out: TryOut) -> Step | None:
    """Return the step that stages what another one enforces; None where there is nothing to be staged."""
    if step.is_bridge or step.manifest is None:
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


def stage_notes(snapshot: Snapshot, steps: Sequence[Step]) -> Iterator[str]:
    """Yield what is not observed of some steps, and what else would be taken for them."""
    for each in steps:
        if each.action is Action.DELETE:
            yield f"{each.ref} is deleted, and that has no form that is only observed: the engine alone judges it"
        elif decides_nothing(each.ref):
            yield f"{each.ref} is not observed: what is staged meets it as it is now"
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
    namespaces = {each.ref.namespace for each in steps}
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
