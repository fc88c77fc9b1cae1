"""Whom the peers of Cilium's rules stand for, under one guise."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.engine.reach.dialects.calico.vocabulary import SERVICE_ACCOUNT, host_cidr
from firedoor.engine.reach.dialects.cilium.guises import WHOLE_CLUSTER
from firedoor.engine.reach.dialects.cilium.labelled import LabelledAddresses
from firedoor.engine.reach.dialects.cilium.vocabulary import (
    blocks_of,
    pattern_of,
    services_of,
    serving_addresses,
    slices_of,
)
from firedoor.engine.reach.domains import any_matches
from firedoor.engine.reach.matches import Match
from firedoor.model.cilium_peers import (
    CidrGroupPeer,
    CidrPeer,
    EndpointPeer,
    EntityPeer,
    FqdnPeer,
    NodePeer,
    ServicePeer,
)
from firedoor.model.cilium_selector import CLUSTER_LABEL, NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL
from firedoor.model.cilium_selector_parsing import ANY, K8S, NODE, RESERVED, split_key
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement
from firedoor.model.networkpolicy import IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.dialects.cilium.guises import Ground, Guise
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.cilium_peers import CiliumPeer
    from firedoor.model.cilium_selector import CiliumSelector, Requirements
    from firedoor.model.typed_policies import TypedPolicies

CLUSTER_NAME = "default"
"""How Cilium calls a cluster unless it is told otherwise (the agent's option ``cluster-name``)."""


class PeerFinder:
    """Finds the columns that peers stand for."""

    def __init__(self, scene: Scene, typed: TypedPolicies, ground: Ground, guise: Guise) -> None:
        """Look at the peers of a scene in a guise."""
        self._scene = scene
        self._typed = typed
        self._ground = ground
        self._guise = guise
        self._marks = list(self._marked())
        self._labelled = LabelledAddresses(scene, typed.cidr_groups, self._marks, self.pods, self._blocks)
        self._nobody = Match.known(np.zeros(scene.index.size, dtype=bool))

    def find(self, peers: Sequence[CiliumPeer], *, has_ports: bool) -> Match:
        """
        Return whom the peers of one rule stand for.

        Cilium puts pods and addresses in the place of services. Where they lead to none,
        a rule with ports is for anyone, as one without peers is.
        """
        if not any(isinstance(each, ServicePeer) for each in peers):
            return reduce(or_, (self._of(each) for each in peers), self._nobody)
        found = [each for peer in peers if isinstance(peer, ServicePeer) for each in self._backends(peer)]
        matched = reduce(or_, (match for match, _ in found), self._nobody)
        if has_ports and not any(is_there for _, is_there in found):
            anyone = Match.known(np.ones(self._scene.index.size, dtype=bool))
            return anyone if all(is_there is False for _, is_there in found) else matched | anyone.doubted()
        return matched

    def pods(self, selector: CiliumSelector) -> NDArray[np.bool_]:
        """Return which profiles are pods that a selector selects."""
        index = self._scene.index
        found = index.pods(LabelSelector(match_expressions=selector.labels))
        names, accounts = selector.namespace_names, selector.service_accounts
        if names:
            found = found & index.in_named_namespaces(lambda name: _hold(names, {NAMESPACE_LABEL: name}))
        if selector.namespace_labels:
            found = found & index.in_namespaces(LabelSelector(match_expressions=selector.namespace_labels))
        if accounts:
            number = self._scene.trait(SERVICE_ACCOUNT)
            found = found & index.trait(number, lambda name: _hold(accounts, {SERVICE_ACCOUNT_LABEL: name}))
        is_possible = _hold(selector.clusters, {CLUSTER_LABEL: CLUSTER_NAME})
        return found & (is_possible and _hold((*selector.reserved, *selector.others), {}))

    def _of(self, peer: CiliumPeer) -> Match:
        match peer:
            case EndpointPeer(selector):
                return self._endpoints(selector)
            case EntityPeer(name):
                return self._entity(name)
            case CidrGroupPeer(selector=LabelSelector()):
                return self._labelled.find(peer) & self._addresses()
            case CidrPeer() | CidrGroupPeer():
                return self._blocks(blocks_of(peer, self._typed)) & ~self._excepted(peer)
            case FqdnPeer():
                pattern = pattern_of(peer)
                return Match.of(self._scene.index.domain(lambda name: any_matches((pattern,), name)))
            case NodePeer(selector):
                return self._other_nodes(selector)
            case _:
                return self._addresses().doubted()

    def _marked(self) -> Iterator[tuple[dict[str, str], NDArray[np.bool_]]]:
        """Yield what Cilium marks by reserved labels: the marks, and the columns that have them."""
        ground, guise = self._ground, self._guise
        servers = ground.api_server.upper if guise.api_server else ground.api_server.lower
        is_v6 = ground.is_v6 | (ground.is_name & (guise.version == Family.V6))
        kinds = (
            (("host" if guise.own_node else "remote-node",), ground.is_node),
            (("world", "world-ipv4"), ground.is_world & ~is_v6),
            (("world", "world-ipv6"), ground.is_world & is_v6),
        )
        for names, columns in kinds:
            yield dict.fromkeys(names, ""), columns & ~servers
            yield dict.fromkeys((*names, "kube-apiserver"), ""), columns & servers

    def _entity(self, name: str) -> Match:
        ground = self._ground
        if name == "all":
            return Match.known(np.ones(self._scene.index.size, dtype=bool))
        wanted = {"host", "remote-node", "kube-apiserver"} if name in WHOLE_CLUSTER else {name}
        found = ground.is_pod & (name in WHOLE_CLUSTER)
        for marks, columns in self._marks:
            if not wanted.isdisjoint(marks):
                found = found | columns
        return Match.known(found)

    def _endpoints(self, selector: CiliumSelector) -> Match:
        """Return whom a selector finds: without a reserved label only pods, for Cilium adds that they are its own."""
        found = self._scene.index.match(self.pods(selector)).lower
        if selector.reserved:
            requirements = selector.written.requirements
            for marks, columns in self._marks:
                if all(_holds_of_marks(each, marks) for each in requirements):
                    found = found | columns
        return Match.known(found)

    def _other_nodes(self, selector: CiliumSelector) -> Match:
        lower, upper = np.zeros(self._scene.index.size, dtype=bool), np.zeros(self._scene.index.size, dtype=bool)
        for marks, columns in () if self._guise.own_node else self._marks:
            for column in np.flatnonzero(columns & self._ground.is_node).tolist():
                labels = self._ground.node_labels(column, self._guise)
                answers = [_holds_of_node(each, marks, labels) for each in selector.written.requirements]
                lower[column] = all(each is True for each in answers)
                upper[column] = all(each is not False for each in answers)
        return Match(lower, upper)

    def _addresses(self) -> Match:
        """Return what blocks can match at all: pods and nodes where Cilium is told to (``policy-cidr-match-mode``)."""
        ground, cni = self._ground, self._scene.cni
        return Match.known(
            ground.is_world | (ground.is_pod & cni.ipblock_matches_pods) | (ground.is_node & cni.ipblock_matches_nodes)
        )

    def _blocks(self, blocks: Iterable[IPBlock]) -> Match:
        """Return what has an address in a block; a name may have any, a pod or node of unknown address too."""
        return self._scene.index.inside(list(blocks), Family.V4) & self._addresses()

    def _excepted(self, peer: CidrPeer | CidrGroupPeer) -> Match:
        """
        Return the pods of which an address is in an ``except``, where blocks match pods.

        The addresses of a pod are labels of one identity, and an ``except`` asks for the lack of one.
        """
        if not (peer.excepts and self._scene.cni.ipblock_matches_pods):
            return self._nobody
        inside = self._scene.index.inside([IPBlock(each) for each in peer.excepts], Family.V4)
        return inside & Match.known(self._ground.is_pod)

    def _backends(self, peer: ServicePeer) -> Iterator[tuple[Match, bool | None]]:
        """Yield what each service leads to, and whether that is anything at all; None where it is not known."""
        index, snapshot = self._scene.index, self._scene.snapshot
        for service in services_of(peer, snapshot):
            namespace = service.metadata.namespace
            if service.spec.selector:
                selected = index.in_namespace(namespace) & index.pods(LabelSelector(service.spec.selector))
                yield index.match(selected), True
                continue
            slices = slices_of(snapshot, namespace, service.metadata.name)
            if not slices:
                yield self._addresses().doubted(), None
                continue
            addresses = serving_addresses(slices)
            yield self._blocks(IPBlock(host_cidr(each)) for each in addresses), bool(addresses)


def _hold(requirements: Requirements, labels: Mapping[str, str]) -> bool:
    return all(each.matches(labels) for each in requirements)


def _holds_of_marks(requirement: LabelSelectorRequirement, marks: Mapping[str, str]) -> bool:
    """Return whether a requirement, its key as it is written, holds of something that has only reserved labels."""
    source, key = split_key(requirement.key)
    bare = LabelSelectorRequirement(key, requirement.operator, requirement.values)
    return bare.matches(marks if source in {ANY, RESERVED} else {})


def _holds_of_node(
    requirement: LabelSelectorRequirement, marks: Mapping[str, str], labels: Mapping[str, str] | None
) -> bool | None:
    """Return whether a requirement, its key as it is written, holds of another node; None where that is not known."""
    source, key = split_key(requirement.key)
    bare = LabelSelectorRequirement(key, requirement.operator, requirement.values)
    fixed = {
        ANY: {**marks, CLUSTER_LABEL: CLUSTER_NAME},
        K8S: {CLUSTER_LABEL: CLUSTER_NAME},
        RESERVED: marks,
    }.get(source, {})
    if key in fixed or source not in {ANY, NODE}:
        return bare.matches(fixed)
    return None if labels is None else bare.matches(labels)
