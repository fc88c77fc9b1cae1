"""
In which order policies are written, so that no state between cuts what may pass before and after.

One wave for each namespace, those of the whole cluster last. Within a wave the steps
are tried by a rule: first what denies nothing by itself, then what denies, then what
is deleted, and of that what denies first. The first step is taken whose state the
engine proves to cut nothing. Where there is none, a bridge is tried: a NetworkPolicy
that lets everything pass from and to the pods that are being isolated. It is used only
if the engine proves that it opens nothing that is closed both before and after.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.model.rollout import Action, Cut, Ordering, Step, Wave
from firedoor.usecases.apply_states import States

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.rollout import Interruption, Manifest
    from firedoor.model.snapshot import Snapshot

    TryOut = Callable[[Manifest], Step]

BRIDGE = "firedoor-bridge"
_DENIALS = {("action", "Deny"), ("action", "DENY")}
_DENYING_FIELDS = frozenset({"ingressDeny", "egressDeny"})
_DIRECTIONS = (["Ingress", "Egress"], ["Ingress"], ["Egress"])


def by_rule(steps: Sequence[Step]) -> tuple[Wave, ...]:
    """Return the waves, each in the order of the rule alone."""
    return tuple(
        Wave(namespace, tuple(each for each in sorted(steps, key=_rule) if each.ref.namespace == namespace))
        for namespace in _namespaces(steps)
    )


def ordered(snapshot: Snapshot, steps: Sequence[Step], cni: CniProfile, try_out: TryOut) -> Ordering:
    """Return the order of steps; `try_out` makes a step of a bridge."""
    if not steps:
        return Ordering()
    states = States(snapshot, steps, cni)
    if not states.is_affordable:
        return Ordering(by_rule(steps), is_judged=False)
    found = _Search(states, try_out).search(by_rule(steps))
    if found.cuts and any(not each.ref.namespace for each in steps):
        # What the whole cluster is allowed may be what keeps a connection when a namespace is isolated.
        waves = by_rule(steps)
        opening = tuple(each for each in waves[-1].steps if _denies(each) == 0 and each.action is not Action.DELETE)
        rest = tuple(each for each in waves[-1].steps if each not in opening)
        other = _Search(states, try_out).search((Wave("", opening), *waves[:-1], Wave("", rest)))
        found = min(found, other, key=lambda each: len(each.cuts))
    return msgspec.structs.replace(found, states=states.judged)


class _Search:
    def __init__(self, states: States, try_out: TryOut) -> None:
        self._states = states
        self._try_out = try_out
        self._done: list[Step] = []
        self._cuts: list[Cut] = []
        self._is_judged = True

    def search(self, waves: Sequence[Wave]) -> Ordering:
        """Return the best order that is found of waves, in their order."""
        self._left = sum(len(each.steps) for each in waves)
        found = tuple(Wave(each.namespace, tuple(self._wave(each.steps))) for each in waves if each.steps)
        return Ordering(found, self._is_judged, 0, tuple(self._cuts))

    def _wave(self, steps: Sequence[Step]) -> Iterator[Step]:
        waiting = list(steps)
        while waiting:
            step = self._without_cut(waiting)
            if step is None:
                bridged = self._bridged(waiting)
                if bridged:
                    self._done += bridged
                    self._left -= len(waiting)
                    yield from bridged
                    return
                step = waiting[0]
                found = self._judge(step)
                if found:
                    self._cuts.append(Cut(step.ref, found))
            waiting.remove(step)
            self._done.append(step)
            self._left -= 1
            yield step

    def _without_cut(self, waiting: Sequence[Step]) -> Step | None:
        """Return the first step that surely cuts nothing."""
        return next((each for each in waiting if self._judge(each) == ()), None)

    def _judge(self, step: Step) -> tuple[Interruption, ...] | None:
        """Return what is cut once one more step is done, nothing if it is the last; None if that is not judged."""
        if self._left == 1:
            return ()
        if not self._states.is_affordable:
            self._is_judged = False
            return None
        return self._states.cuts([*self._done, step])

    def _bridged(self, waiting: Sequence[Step]) -> list[Step]:
        """Return the steps of a wave between the making and the removing of a bridge; none where there is no bridge."""
        for manifest in _bridges(waiting):
            if not self._states.is_affordable:
                break
            bridge = msgspec.structs.replace(self._try_out(manifest), is_bridge=True)
            if bridge.rejection or bridge.action is not Action.CREATE:
                break
            if self._states.cuts([*self._done, bridge]) or self._states.opens([*self._done, bridge]):
                continue
            found = self._across(bridge, waiting)
            if found:
                return found
        return []

    def _across(self, bridge: Step, waiting: Sequence[Step]) -> list[Step]:
        rest, found = list(waiting), [bridge]
        while rest:
            step = next((each for each in rest if self._holds([*self._done, *found, each])), None)
            if step is None:
                return []
            rest.remove(step)
            found.append(step)
        removal = Step(bridge.ref, Action.DELETE, bridge.after, is_bridge=True)
        is_last = self._left == len(waiting)
        if not is_last and self._states.cuts([*self._done, *found, removal]):
            return []
        return [*found, removal]

    def _holds(self, done: Sequence[Step]) -> bool:
        return self._states.is_affordable and not self._states.cuts(done) and not self._states.opens(done)


def _namespaces(steps: Sequence[Step]) -> list[str]:
    return sorted({each.ref.namespace for each in steps}, key=lambda each: (not each, each))


def _rule(step: Step) -> tuple[int, int, str, str]:
    denies = _denies(step)
    if step.action is Action.DELETE:
        return 1, -denies, step.ref.kind, step.ref.name
    return 0, denies, step.ref.kind, step.ref.name


def _denies(step: Step) -> int:
    """Return 0 for an object whose rules let pass, 1 for one that denies by name, 2 for one without rules."""
    manifest = step.manifest or step.after or step.before or {}
    specs = [each for each in (manifest.get("spec"), *(manifest.get("specs") or ())) if isinstance(each, dict)]
    if any(_has_denial(each) for each in specs):
        return 1
    return 0 if any(each.get(name) for each in specs for name in ("ingress", "egress", "rules")) else 2


def _has_denial(value: Any) -> bool:
    if isinstance(value, dict):
        return any(
            (key in _DENYING_FIELDS and bool(each))
            or (isinstance(each, str) and (key, each) in _DENIALS)
            or _has_denial(each)
            for key, each in value.items()
        )
    return isinstance(value, list) and any(_has_denial(each) for each in value)


def _bridges(waiting: Sequence[Step]) -> Iterator[Manifest]:
    """Yield the policies that may serve as a bridge: for all pods of the namespace, and for those of each policy."""
    own = [each for each in waiting if each.ref.kind == "NetworkPolicy" and each.action is not Action.DELETE]
    selectors: list[Any] = [{}]
    for each in own:
        selector = (each.after or {}).get("spec", {}).get("podSelector")
        if each.ref.api_version == "networking.k8s.io/v1" and selector not in selectors:
            selectors.append(selector)
    for selector, directions in product(selectors if own and own[0].ref.namespace else (), _DIRECTIONS):
        rules: Manifest = {each.lower(): [{}] for each in directions}
        yield {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": BRIDGE, "namespace": own[0].ref.namespace},
            "spec": {"podSelector": selector, "policyTypes": list(directions), **rules},
        }
