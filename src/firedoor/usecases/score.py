"""How far a cluster is on the way to zero trust, now or over several states of it."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from firedoor.engine.rbac_least.usage import Usage
from firedoor.engine.reach.network import Network
from firedoor.engine.score import Evidence, scorecard
from firedoor.engine.synth.basis_flows import basis_from_flows
from firedoor.errors import NothingInScopeError
from firedoor.model.score import Moment
from firedoor.usecases.networks import network_of_all
from firedoor.usecases.rbac_minimize import names_in_roles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.rbac_least.usage import Tally
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.score.connections import UsedConnection
    from firedoor.interfaces import AuditSource, Progress
    from firedoor.model.flows import FlowEdge
    from firedoor.model.generation import Party
    from firedoor.model.places import ObjectRef
    from firedoor.model.score import Score
    from firedoor.model.snapshot import Snapshot


def score(
    snapshot: Snapshot,
    cni: CniProfile,
    namespace: str = "",
    requests: Tally | None = None,
    edges: Iterable[FlowEdge] | None = None,
) -> Score:
    """
    Return the scorecard of a snapshot; of the namespaces only the one that is asked about, if one is.

    `requests` are those that audit logs have, `edges` the connections that were seen. Raises
    ``NothingInScopeError`` where the snapshot holds nothing that could be judged, or nothing of
    the namespace.
    """
    network = network_of_all(snapshot, cni, namespace)
    used = None if edges is None else tuple(_used(network, edges))
    return scorecard(network, Evidence(used, requests)).of(namespace)


def _used(network: Network, edges: Iterable[FlowEdge]) -> Iterator[UsedConnection]:
    """Yield the allowed connections between ends that are still there, once for each way in which their pods behave."""
    pods: dict[ObjectRef, dict[int, int]] = {}
    for position, profile in enumerate(network.profile_of):
        pods.setdefault(network.members[position].workload, {}).setdefault(profile, position)

    def ends(party: Party) -> Iterable[int | str]:
        if party.workload is not None:
            return pods[party.workload].values()
        return (each.partition("/")[0] for each in party.blocks)

    for need in basis_from_flows(network, edges).needs:
        for source, destination in product(ends(need.source), list(ends(need.destination))):
            if source != destination:
                yield source, destination, need.protocol, need.first


def logged(snapshot: Snapshot, log: AuditSource, progress: Progress) -> Tally:
    """Return the requests of audit logs that were allowed; raises ``NothingInScopeError`` where there is none."""
    usage = Usage(kept_names=names_in_roles(snapshot))
    usage.read(log.events(progress))
    if not usage.summary().requests:
        raise NothingInScopeError(
            "the audit logs hold no request, and everything would count as unused", remedy="check the log"
        )
    return usage.allowed


def trend(states: Iterable[tuple[str, Snapshot]], cni: CniProfile) -> tuple[Moment, ...]:
    """Return the scorecards of several states, in the order that they are given in."""
    return tuple(Moment(name, score(snapshot, cni)) for name, snapshot in states)
