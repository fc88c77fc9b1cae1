"""The network that a question is about: that of the cluster, or a secondary one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.network import Network
from firedoor.engine.reach.secondary import networks
from firedoor.errors import NothingInScopeError
from firedoor.usecases.ends import require_namespace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.icmp import IcmpMessage
    from firedoor.model.snapshot import Snapshot


def network_of(
    snapshot: Snapshot,
    cni: CniProfile,
    name: str = "",
    icmp: IcmpMessage | None = None,
    domains: Iterable[str] = (),
) -> Network:
    """
    Return the network of the cluster, or the secondary network called ``namespace/name``.

    It can tell of `icmp` and of `domains` besides.

    Raises ``NothingInScopeError`` where nobody is on it.
    """
    if name:
        known = sorted(networks(snapshot))
        if name not in known:
            instead = f"write one of {', '.join(known)}" if known else "leave --network out: there is none"
            raise NothingInScopeError(f"no pod is attached to a secondary network {name}", remedy=instead)
    found = Network(snapshot, cni, network=name, icmp=icmp, domains=domains)
    if not found.members:
        raise NothingInScopeError(
            "no pod or workload was found", remedy="check the path, or the context of the cluster"
        )
    return found


def network_of_all(snapshot: Snapshot, cni: CniProfile, namespace: str) -> Network:
    """
    Return the network of the cluster for judgements on all kinds of objects; nobody need be on it.

    Raises ``NothingInScopeError`` where nothing at all was read, or (`namespace` not empty) nothing of that namespace.
    """
    if not (snapshot.has_objects or snapshot.gaps):
        raise NothingInScopeError(
            "no Kubernetes object was found", remedy="check the path, or the context of the cluster"
        )
    network = Network(snapshot, cni)
    if namespace:
        require_namespace(network, namespace)
    return network
