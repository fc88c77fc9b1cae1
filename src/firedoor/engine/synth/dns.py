"""The pods that answer the cluster's names, and who has to ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.exposure.services import ServiceIndex
from firedoor.engine.reach.network import Network
from firedoor.engine.synth.gathering import Gathering
from firedoor.model.generation import Basis, Evidence, Need, Party
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import ObjectRef, Place
from firedoor.model.workloads import Container, ContainerPort, Pod, PodSpec

if TYPE_CHECKING:
    from firedoor.model.snapshot import Snapshot

HOME = "kube-system"
_SERVICES = (("kube-system", "kube-dns"), ("kube-system", "coredns"), ("openshift-dns", "dns-default"))
_APPS = ("kube-dns", "coredns")
_PROTOCOLS = ("UDP", "TCP")
_WHY = "names are resolved before connections are made"
ASSUMED = Place("(assumed)")
"""Where a pod stands that the source does not hold."""

_ASSUMED = Pod(
    ObjectMeta("cluster-dns", HOME, {"k8s-app": "kube-dns"}),
    PodSpec(
        (
            Container(
                "dns",
                ports=(ContainerPort(53, "dns", "UDP"), ContainerPort(53, "dns-tcp", "TCP")),
            ),
        )
    ),
    place=ASSUMED,
)

Resolvers = dict[ObjectRef, set[tuple[str, int]]]
"""Workloads that answer, and on which ports."""


def with_resolvers(snapshot: Snapshot, network: Network) -> tuple[Snapshot, Network, Resolvers, tuple[str, ...]]:
    """
    Return a snapshot as one that has DNS pods, its network, the pods that answer, and what to know about them.

    They are those that the DNS Service of the cluster selects (``kube-system/kube-dns``), or carry ``k8s-app`` of
    one. Where there is none, one is assumed with the label that every usual installation has.
    """
    found = _resolvers(network)
    if found:
        return snapshot, network, found, ()
    assumed = msgspec.structs.replace(snapshot, pods=(*snapshot.pods, _ASSUMED))
    note = (
        f"the source holds no DNS pods: they are taken to be in namespace {HOME}, labelled k8s-app=kube-dns, "
        "and to listen on port 53"
    )
    network = Network(assumed, network.cni)
    return assumed, network, _resolvers(network), (note,)


def with_dns(basis: Basis, resolvers: Resolvers) -> Basis:
    """Return the basis with DNS for every workload that opens connections; what was seen of it stays as it is."""
    gathering = Gathering()
    asking: dict[ObjectRef, None] = {}
    for need in basis.needs:
        gathering.add(need.source, need.destination, need.protocol, (need.first, need.last), need.evidence)
        workload = need.source.workload
        if workload is not None and workload not in resolvers and not _is_address_alone(need):
            asking[workload] = None
    known = {(each.source, each.destination, each.protocol, each.first) for each in basis.needs}
    for workload in asking:
        for resolver, ports in resolvers.items():
            for protocol, port in sorted(ports):
                if (Party(workload), Party(resolver), protocol, port) not in known:
                    gathering.add(Party(workload), Party(resolver), protocol, (port, port), (Evidence(_WHY),))
    return msgspec.structs.replace(basis, needs=gathering.needs())


def _is_address_alone(need: Need) -> bool:
    """Return whether a need is about an address without a name, which nobody has to ask for."""
    return need.destination.workload is None and not need.destination.domain


def _resolvers(network: Network) -> Resolvers:
    index = ServiceIndex(network)
    found: Resolvers = {}
    for name in _SERVICES:
        service = index.services.get(name)
        for port in service.spec.ports if service is not None else ():
            assert service is not None  # noqa: S101 - as the line above says
            is_dns = port.port == 53 and port.protocol in _PROTOCOLS  # noqa: PLR2004 - DNS
            targets = index.targets(service, port) if is_dns else ()
            for pod, target in ((each.end, each) for each in targets if isinstance(each.end, int)):
                found.setdefault(network.members[pod].workload, set()).add((target.protocol, target.port))
    if found:
        return dict(sorted(found.items()))
    for member in network.members:
        if member.namespace == HOME and member.labels.get("k8s-app") in _APPS:
            named = {(protocol, port) for name, protocol, port in member.ports if name in {"dns", "dns-tcp"}}
            found.setdefault(member.workload, set()).update(named or {(each, 53) for each in _PROTOCOLS})
    return dict(sorted(found.items()))
