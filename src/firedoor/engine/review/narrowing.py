"""A rule of a NetworkPolicy without the peers and ports that nobody used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec.structs import replace

from firedoor.engine.reach.dialects.networkpolicy import peers_of, ports_of
from firedoor.model.flows import PeerKind
from firedoor.model.labels import EVERYTHING, NAMESPACE_NAME_LABEL, LabelSelector
from firedoor.model.networkpolicy import Direction, NetworkPolicyPeer, NetworkPolicyPort

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.review.matching import Matcher, Rows
    from firedoor.engine.review.observed import Observed
    from firedoor.model.networkpolicy import EgressRule, IngressRule, NetworkPolicy
    from firedoor.model.places import ObjectRef

MOST_NAMED = 10
"""More ports or workloads than that stand for no single one: the rule stays as wide there as it is written."""

_DNS, _DNS_LONG = NetworkPolicyPort("UDP", 53), NetworkPolicyPort("TCP", 53)
"""Names are asked for over UDP, and over TCP once an answer is too long for that, which may be never so far."""

_OF_ONE_POD = frozenset(
    {
        "pod-template-hash",
        "pod-template-generation",
        "controller-revision-hash",
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
    }
)
"""Labels that controllers give to some pods of a workload, or anew with every change of it."""


class Narrowing:
    """Finds the narrower rule for what was used of one."""

    def __init__(self, observed: Observed, matcher: Matcher) -> None:
        """Collect which workloads there are in each column, and the labels that each has."""
        self._observed = observed
        self._matcher = matcher
        network = observed.network
        self._workloads: list[set[ObjectRef]] = [set() for _ in network.profiles]
        self._labels: dict[ObjectRef, dict[str, str]] = {}
        for member, column in zip(network.members, network.profile_of, strict=True):
            self._workloads[column].add(member.workload)
            known = self._labels.get(member.workload, member.labels)
            self._labels[member.workload] = dict(known.items() & member.labels.items())

    def narrowed(
        self, policy: NetworkPolicy, direction: Direction, rule: IngressRule | EgressRule, matched: Rows
    ) -> IngressRule | EgressRule:
        """
        Return the rule with what was used of it: within the old one, and matching all that the old one matched.

        What may have been used counts as used. `matched` are the rows that the rule matched.
        """
        rows = matched.maybe
        return replace(rule, peers=self._peers(policy, direction, rule, rows), ports=self._kept(rule, rows))

    def _kept(self, rule: IngressRule | EgressRule, rows: NDArray[np.int64]) -> tuple[NetworkPolicyPort, ...]:
        observed = self._observed
        if (observed.atoms[rows] == observed.off_axis).any():
            return rule.ports
        if not rule.ports:
            return _exact(self._used(rows)) or ()
        resolves = (_DNS.protocol, _DNS.port) in self._used(rows)
        kept: dict[NetworkPolicyPort, None] = {}
        for port in rule.ports:
            test = ports_of((port,), observed.network.axis)
            used = rows[self._matcher.ports(rows, test).maybe]
            is_one = isinstance(port.port, str) or (port.port is not None and port.end_port in {None, port.port})
            exact = None if is_one else _exact(self._used(used))
            is_used = len(used) or (port == _DNS_LONG and _DNS in rule.ports and resolves)
            kept.update(dict.fromkeys(exact if exact is not None else (port,) if is_used else ()))
        return tuple(kept) or rule.ports

    def _used(self, rows: NDArray[np.int64]) -> set[tuple[str, int]]:
        edges = self._observed.edges
        return {(edges[each].protocol, edges[each].port) for each in np.unique(self._observed.edge[rows]).tolist()}

    def _peers(
        self, policy: NetworkPolicy, direction: Direction, rule: IngressRule | EgressRule, rows: NDArray[np.int64]
    ) -> tuple[NetworkPolicyPeer, ...]:
        network = self._observed.network
        if not rule.peers:
            everyone = network.index.is_pod
            return self._by_workload(NetworkPolicyPeer(None, EVERYTHING), policy, direction, everyone, rows) or ()
        by_key: dict[str, NetworkPolicyPeer] = {}
        for peer in rule.peers:
            found = peers_of(policy.metadata.namespace, (peer,), network.index, network.cni)
            used = rows[self._matcher.peers(direction, rows, found).maybe]
            if not len(used):
                continue
            one_by_one: tuple[NetworkPolicyPeer, ...] = ()
            if peer.ip_block is None:
                mask = np.zeros(network.index.first_external, dtype=bool)
                mask[found.sure[found.sure < network.index.first_external]] = True
                one_by_one = self._by_workload(peer, policy, direction, mask, used)
            for each in one_by_one or (peer,):
                by_key.setdefault(str(each), each)
        return tuple(by_key.values()) or rule.peers

    def _by_workload(
        self,
        peer: NetworkPolicyPeer,
        policy: NetworkPolicy,
        direction: Direction,
        mask: NDArray[np.bool_],
        rows: NDArray[np.int64],
    ) -> tuple[NetworkPolicyPeer, ...]:
        """Return a peer for each workload that used one, where fewer did than it matches and each can be told."""
        meant = set().union(*(self._workloads[each] for each in np.flatnonzero(mask).tolist()))
        used: dict[ObjectRef, None] = {}
        for number in np.unique(self._observed.edge[rows]).tolist():
            edge = self._observed.edges[number]
            end = edge.source if direction is Direction.INGRESS else edge.destination
            ref = self._observed.ends.workload(end) if end.kind is PeerKind.WORKLOAD else None
            if ref is None or ref not in meant:
                return ()
            used[ref] = None
        if len(used) >= len(meant) or len(used) > MOST_NAMED:
            return ()
        found = [self._peer(peer, policy, ref) for ref in sorted(used)]
        return tuple(each for each in found if each is not None) if None not in found else ()

    def _peer(self, peer: NetworkPolicyPeer, policy: NetworkPolicy, ref: ObjectRef) -> NetworkPolicyPeer | None:
        """Return the part of a peer that is one workload; None where it has no labels to tell it by."""
        labels = {key: value for key, value in sorted(self._labels[ref].items()) if key not in _OF_ONE_POD}
        if not labels:
            return None
        pods = _also(peer.pod_selector, labels)
        if peer.namespace_selector is None:
            return NetworkPolicyPeer(pods)
        if peer.namespace_selector.is_empty and ref.namespace == policy.metadata.namespace:
            return NetworkPolicyPeer(pods)
        return NetworkPolicyPeer(pods, _also(peer.namespace_selector, {NAMESPACE_NAME_LABEL: ref.namespace}))


def _also(selector: LabelSelector | None, labels: dict[str, str]) -> LabelSelector:
    """Return a selector of what has these labels too."""
    if selector is None:
        return LabelSelector(labels)
    return LabelSelector({**labels, **selector.match_labels}, selector.match_expressions)


def _exact(used: Iterable[tuple[str, int]]) -> tuple[NetworkPolicyPort, ...] | None:
    """Return ports one by one, sorted; None where there are too many."""
    found = sorted(set(used))
    return tuple(NetworkPolicyPort(*each) for each in found) if len(found) <= MOST_NAMED else None
