"""The measures put together: by tenet of NIST SP 800-207, and by namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.pod_security import Level
from firedoor.engine.posture import Context
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.score.connections import Connections
from firedoor.engine.score.identities import least_privilege, used_permissions
from firedoor.engine.score.logging import audit_log
from firedoor.engine.score.mesh import mesh_mtls
from firedoor.engine.score.pods import pod_security
from firedoor.model.networkpolicy import Direction
from firedoor.model.score import MeasureId, NamespaceScore, Score, TenetScore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.rbac_least.usage import Tally
    from firedoor.engine.reach.network import Network
    from firedoor.engine.score.connections import UsedConnection
    from firedoor.model.score import Measure

TENETS: dict[str, tuple[MeasureId, ...]] = {
    "1": (),
    "2": (MeasureId.DEFAULT_DENY_INGRESS, MeasureId.DEFAULT_DENY_EGRESS, MeasureId.MESH_MTLS),
    "3": (MeasureId.CONNECTIONS_IN, MeasureId.LEAST_PRIVILEGE, MeasureId.USED_PERMISSIONS),
    "4": (),
    "5": (MeasureId.PSS_BASELINE, MeasureId.PSS_RESTRICTED),
    "6": (MeasureId.USED_CONNECTIONS,),
    "7": (MeasureId.AUDIT_LOG,),
}
"""The measures of each tenet."""

_SILENT = {
    "1": "whether the cluster's objects are all resources that there are cannot be seen in them",
    "4": "policies of a cluster decide by labels and accounts, and not by how a client behaves at the moment",
}
_OF_CLUSTER = frozenset({MeasureId.AUDIT_LOG, MeasureId.USED_PERMISSIONS})


class Evidence(NamedTuple):
    """What is known of what happened: connections that were seen, and requests to the API; None where nothing is."""

    connections: Sequence[UsedConnection] | None = None
    requests: Tally | None = None


def scorecard(network: Network, evidence: Evidence = Evidence()) -> Score:  # noqa: B008 - it never changes
    """Return the scorecard of a network and the cluster around it."""
    snapshot = network.snapshot
    found = {each.id: each for each in _measures(network, evidence)}
    tenets = tuple(
        TenetScore(tenet, tuple(found[each] for each in names), _SILENT.get(tenet, ""))
        for tenet, names in TENETS.items()
    )
    local = [each for each in found.values() if each.id not in _OF_CLUSTER]
    names = sorted({unit.namespace for each in local for unit in each.units if unit.namespace})
    parted = [each.by_namespace(names) for each in local]
    namespaces = tuple(NamespaceScore(name, tuple(each[name] for each in parted)) for name in names)
    return Score(tenets, namespaces, snapshot.gaps, network.cni.name, snapshot.origin.captured_at)


def _measures(network: Network, evidence: Evidence) -> tuple[Measure, ...]:
    snapshot = network.snapshot
    connections = Connections(network)
    context = Context(snapshot, network, server_version=snapshot.origin.server_version)
    authorizer = Authorizer(snapshot)
    survey = context.pod_security
    return (
        connections.closed(Direction.INGRESS),
        connections.closed(Direction.EGRESS),
        connections.default_deny(Direction.INGRESS),
        connections.default_deny(Direction.EGRESS),
        mesh_mtls(context),
        least_privilege(authorizer),
        used_permissions(authorizer, evidence.requests),
        pod_security(snapshot, survey, Level.BASELINE),
        pod_security(snapshot, survey, Level.RESTRICTED),
        connections.used(evidence.connections),
        audit_log(context),
    )
