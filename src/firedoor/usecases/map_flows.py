"""Connections that were seen, on the map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.synth.asking import Asker
from firedoor.engine.synth.basis_flows import basis_from_flows
from firedoor.engine.synth.groups import GroupIndex
from firedoor.model.connection_map import OUTSIDE, SeenConnection
from firedoor.model.flows import FlowVerdict
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.network import Network
    from firedoor.model.flows import FlowEdge
    from firedoor.model.generation import Need, Party
    from firedoor.model.places import ObjectRef

_LET_THROUGH = frozenset({FlowVerdict.ALLOWED, FlowVerdict.AUDITED})


def place_id(ref: ObjectRef) -> str:
    """Return the id of a workload on the map."""
    return f"{ref.namespace}/{ref.kind}/{ref.name}"


def seen_connections(network: Network, edges: Iterable[FlowEdge]) -> tuple[tuple[SeenConnection, ...], int]:
    """Return the connections that were seen, and how many kinds of them have ends that are not known here."""
    known = [each for each in edges if each.verdict in {*_LET_THROUGH, FlowVerdict.DENIED}]
    if not known:
        return (), 0
    asker = Asker(network, GroupIndex(network), domains=True)
    found: list[SeenConnection] = []
    unplaced = 0
    for was_allowed in (True, False):
        chosen = [
            msgspec.structs.replace(each, verdict=FlowVerdict.ALLOWED)
            for each in known
            if (each.verdict in _LET_THROUGH) is was_allowed
        ]
        basis = basis_from_flows(network, chosen)
        unplaced += len(basis.left_out)
        verdicts = asker.verdicts(basis.needs)
        found += [
            _seen(need, verdict, was_allowed=was_allowed) for need, verdict in zip(basis.needs, verdicts, strict=True)
        ]
    return tuple(found), unplaced


def _seen(need: Need, verdict: Verdict, *, was_allowed: bool) -> SeenConnection:
    if need.source.node and verdict is Verdict.DENIED:
        # A node always reaches the pods that run on it, and flows do not tell where the pod ran.
        verdict = Verdict.UNKNOWN
    outside = next((each for each in (need.source, need.destination) if each.workload is None), None)
    return SeenConnection(
        _place(need.source),
        _place(need.destination),
        need.protocol,
        need.first,
        was_allowed,
        verdict,
        sum(each.count for each in need.evidence),
        max(each.last for each in need.evidence),
        "" if outside is None else str(outside),
    )


def _place(party: Party) -> str:
    return OUTSIDE if party.workload is None else place_id(party.workload)
