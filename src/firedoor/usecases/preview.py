"""Which connections that were seen a change of policies would break, and which it would open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.network import Network
from firedoor.engine.synth.asking import Asker
from firedoor.engine.synth.basis_flows import basis_from_flows
from firedoor.engine.synth.groups import GroupIndex
from firedoor.model.flows import FlowVerdict
from firedoor.model.generation import Need, Party
from firedoor.model.preview import Fate, Preview, Replayed
from firedoor.model.verdicts import Verdict
from firedoor.usecases.generate import with_policies, without_policies
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.flows import FlowEdge
    from firedoor.model.snapshot import Snapshot

_ORDER = list(Fate)


def preview(
    snapshot: Snapshot,
    proposed: Snapshot,
    edges: Iterable[FlowEdge],
    cni: CniProfile,
    namespace: str = "",
    *,
    replace: bool = False,
) -> Preview:
    """
    Return what becomes of connections with the policies of `proposed`, beside or (`replace`) instead of those now.

    With `namespace` it is about connections that have an end in it. Raises ``NothingInScopeError`` where there is
    no pod.
    """
    now = network_of(snapshot, cni)
    then = Network(with_policies(without_policies(snapshot) if replace else snapshot, proposed), cni)
    return replayed(now, then, edges, namespace)


def replayed(now: Network, then: Network, edges: Iterable[FlowEdge], namespace: str = "") -> Preview:
    """Return what becomes of connections from one network to another that has the same pods."""
    seen: dict[FlowVerdict, list[FlowEdge]] = {each: [] for each in FlowVerdict}
    for edge in edges:
        seen[edge.verdict].append(edge)
    allowed = basis_from_flows(now, [*seen[FlowVerdict.ALLOWED], *_as_allowed(seen[FlowVerdict.AUDITED])])
    denied = basis_from_flows(now, _as_allowed(seen[FlowVerdict.DENIED]))
    judged = [
        (need, was_allowed)
        for basis, was_allowed in ((allowed, True), (denied, False))
        for need in basis.needs
        if not namespace or namespace in {_namespace(need.source), _namespace(need.destination)}
    ]
    found = fates(now, then, judged)
    changes = [each for each in found if each.fate is not Fate.STAYS]
    changes.sort(key=lambda each: (_ORDER.index(each.fate), -each.count, each.source, each.destination, each.port))
    return Preview(
        tuple(changes),
        len(found) - len(changes),
        (*allowed.left_out, *denied.left_out, *basis_from_flows(now, seen[FlowVerdict.OTHER]).left_out),
        then.snapshot.gaps,
        now.cni.name,
    )


def fates(now: Network, then: Network, judged: Sequence[tuple[Need, bool]]) -> list[Replayed]:
    """
    Return what becomes of needs, each with whether it was allowed when it was seen.

    Both networks have the same members; a need has one piece of evidence.
    """
    groups = GroupIndex(now)
    askers = [Asker(each, groups, domains=True) for each in (now, then)]
    needs = [need for need, _ in judged]
    verdicts = zip(*(each.verdicts(needs) for each in askers), strict=True)
    return [
        _replayed(need, *pair, was_allowed=was_allowed)
        for (need, was_allowed), pair in zip(judged, verdicts, strict=True)
    ]


def _as_allowed(edges: Iterable[FlowEdge]) -> list[FlowEdge]:
    return [msgspec.structs.replace(each, verdict=FlowVerdict.ALLOWED) for each in edges]


def _namespace(party: Party) -> str:
    return party.workload.namespace if party.workload is not None else ""


def _replayed(need: Need, now: Verdict, then: Verdict, *, was_allowed: bool) -> Replayed:
    (evidence,) = need.evidence
    return Replayed(
        str(need.source),
        str(need.destination),
        need.protocol,
        need.first,
        _fate(now, then, was_allowed=was_allowed),
        now,
        then,
        evidence.count,
        evidence.first,
        evidence.last,
    )


def _fate(now: Verdict, then: Verdict, *, was_allowed: bool) -> Fate:
    if then is Verdict.ACCEPTED:
        return Fate.STAYS if was_allowed and now is not Verdict.DENIED else Fate.OPENS
    if not was_allowed:
        return Fate.STAYS
    if then is Verdict.UNKNOWN:
        return Fate.UNKNOWN
    return Fate.STAYS if now is Verdict.DENIED else Fate.BREAKS
