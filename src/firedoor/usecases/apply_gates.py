"""What must hold after a wave of an apply, before the next one is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.errors import FiredoorError
from firedoor.model.flow_reading import FlowQuestion
from firedoor.model.flows import FlowVerdict
from firedoor.model.review import DAY
from firedoor.model.staging_in_place import is_staged_in_place, why_not_taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.interfaces import LivePolicies, Surroundings
    from firedoor.model.flows import FlowEdge, FlowPeer
    from firedoor.model.journal import Gates, Record
    from firedoor.model.preview import Foresight
    from firedoor.model.rollout import Wave

_MOST_TOLD = 3


class GateError(FiredoorError):
    """What must hold after a wave does not."""


def require_gates(record: Record, wave: Wave, began: int, live: LivePolicies, around: Surroundings) -> None:
    """Return when everything holds that must hold after a wave that began then; raises ``GateError``."""
    if wave.is_stage:
        _observe(record, wave, began, live, around)
        return
    gates, where = record.begin.gates, wave.namespace or "the whole cluster"
    if gates.soak:
        around.tell(f"waiting {gates.soak:g} s after {where}")
        around.wait(gates.soak)
    now = live.ready(wave.namespace)
    for name, count in sorted(record.begin.ready.get(wave.namespace, {}).items()):
        if now.get(name, 0) < count:
            raise GateError(f"{name} has {now.get(name, 0)} ready pods after {where}, and had {count} before")
    if gates.most_denied is not None:
        _require_few_denied(gates, gates.most_denied, wave, began, around)
    if gates.probes is not None:
        why = around.verify(gates.probes, gates.cni, [each for each in wave.steps if not each.is_stage])
        if why:
            raise GateError(f"after {where} {why}")
    if gates.check:
        why = around.check(gates.check, gates.check_timeout)
        if why:
            raise GateError(f"the check after {where} does not hold: {why}")


def _observe(record: Record, wave: Wave, began: int, live: LivePolicies, around: Surroundings) -> None:
    """Look on while nothing is enforced yet, and see what would be cut."""
    gates = record.begin.gates
    around.tell(f"observing for {gates.observe:g} s what the policies would do")
    around.wait(gates.observe)
    for each in wave.steps:
        if is_staged_in_place(each.ref) and (why := why_not_taken(live.get(each.ref))):
            raise GateError(f"the network plugin has not taken {each.ref}: {why}")
    found = around.foresee(gates, [each for each in record.steps if not each.is_stage], began)
    if not found.seen:
        raise GateError(
            "the store has no flow that was seen while the policies were only observed, so that nothing can be said: "
            "import into it meanwhile, and observe for longer than flows take to arrive"
        )
    if found.cut > (gates.most_denied or 0):
        raise GateError(f"by {found.seen} connections that were seen meanwhile, {_cut(found)}")
    unsure = f", {found.unsure} cannot be decided" if found.unsure else ""
    around.tell(f"{found.seen} connections were seen, {found.cut} would be cut{unsure}")


def _cut(found: Foresight) -> str:
    parts = []
    if found.breaking:
        ends = [f"{each.source} -> {each.destination} {each.protocol}/{each.port}" for each in found.breaking]
        parts.append(_listed(ends, ("would break", "would break")))
    if found.staged:
        ends = [_edge(each) for each in found.staged]
        parts.append(_listed(ends, ("is", "are")) + " denied by a staged policy")
    return " and ".join(parts)


def _require_few_denied(gates: Gates, most: int, wave: Wave, began: int, around: Surroundings) -> None:
    asked = FlowQuestion(gates.cluster, verdicts=(FlowVerdict.DENIED,), since=began - DAY)
    edges = around.denied(gates.store, asked)
    # What was denied before the wave has another reason.
    new = [each for each in edges if each.first >= began and concerns(each, wave.namespace)]
    if len(new) > most:
        told = _listed([_edge(each) for each in new], ("is", "are"))
        raise GateError(f"{told} denied after {wave.namespace or 'the whole cluster'}, and not in the day before")


def concerns(edge: FlowEdge, namespace: str) -> bool:
    """Return whether an end of an edge is in a namespace; an empty one stands for all."""
    return not namespace or namespace in {edge.source.namespace, edge.destination.namespace}


def _listed(ends: Sequence[str], verbs: tuple[str, str]) -> str:
    """Return connections in words, the first of them by name, and the verb that goes with so many."""
    more = len(ends) - _MOST_TOLD
    told = ", ".join(ends[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
    return f"{told} {verbs[len(ends) > 1]}"


def _edge(edge: FlowEdge) -> str:
    return f"{_peer(edge.source)} -> {_peer(edge.destination)} {edge.protocol}/{edge.port}"


def _peer(peer: FlowPeer) -> str:
    return f"{peer.namespace}/{peer.name}" if peer.namespace else peer.name or peer.address
