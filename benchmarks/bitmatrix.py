"""
A verifier that keeps one bit for each pair of pods, to measure against.

The way of Kano (Li et al., 2019): each policy has a set of pods that it selects and
a set that it allows, both as bits; the allowed bits are put into the row of every
selected pod. Ports and addresses are ignored, so that it answers less than the engine
(`portbits` answers as much). It is given every help that numpy has to offer: sets are
bit operations, and rows are filled many at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from benchmarks import floor

Bits = NDArray[np.uint8]
_BLOCK = 1024


class LabelIndex:
    """Which pods have a label, as bits; the labels are their own, or those of their namespaces."""

    def __init__(self, labels: Iterable[dict[str, str]], size: int) -> None:
        self._size = size
        self._positions: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        self._bits: dict[tuple[str, str | None], Bits] = {}
        for position, each in enumerate(labels):
            for key, value in each.items():
                self._positions[key, value].append(position)
                self._positions[key, None].append(position)

    def everyone(self) -> Bits:
        """Return all pods."""
        return np.packbits(np.ones(self._size, dtype=bool))

    def bits(self, key: str, value: str | None) -> Bits:
        """Return the pods that have a label, with any value when it is None."""
        found = self._bits.get((key, value))
        if found is None:
            mask = np.zeros(self._size, dtype=bool)
            mask[self._positions.get((key, value), [])] = True
            found = self._bits[key, value] = np.packbits(mask)
        return found

    def selected(self, selector: floor.Selector) -> Bits:
        """Return the pods that a selector matches."""
        found = self.everyone()
        for key, value in selector.match_labels.items():
            found &= self.bits(key, value)
        for each in selector.match_expressions:
            if each.operator in {"Exists", "DoesNotExist"}:
                named = self.bits(each.key, None)
            else:
                named = np.bitwise_or.reduce([self.bits(each.key, value) for value in each.values])
            found &= named if each.operator in {"In", "Exists"} else ~named
        return found


class BitMatrix:
    """Who may connect to whom on any port at all."""

    def __init__(self, cluster: floor.Cluster) -> None:
        """Build both matrices and their conjunction; pods on the network of their node are left out."""
        self.pods = pods_of(cluster)
        size = len(self.pods)
        names = {each.metadata.name: each.metadata.labels for each in cluster.of(floor.Namespace)}
        self._own = LabelIndex((each.metadata.labels for each in self.pods), size)
        self._namespace = LabelIndex((names[each.metadata.namespace] for each in self.pods), size)
        self._home = LabelIndex(({"": each.metadata.namespace} for each in self.pods), size)
        policies: list[floor.NetworkPolicy] = cluster.of(floor.NetworkPolicy)
        ingress = self._direction(policies, "Ingress")
        egress = self._direction(policies, "Egress")
        _and_transposed(egress, ingress, size)
        self.matrix = egress
        """Bit (source, destination), rows packed."""

    def count(self) -> int:
        """Return how many pairs of pods may connect, a pod with itself included."""
        return int(np.bitwise_count(self.matrix).sum())

    def _direction(self, policies: list[floor.NetworkPolicy], direction: str) -> Bits:
        everyone = self._own.everyone()
        size = len(self.pods)
        matrix = np.broadcast_to(everyone, (size, len(everyone))).copy()
        isolated = np.zeros(size, dtype=bool)
        for policy in policies:
            if not isolates(policy, direction):
                continue
            home = self._home.bits("", policy.metadata.namespace)
            bits = self._own.selected(policy.spec.pod_selector) & home
            selected = np.flatnonzero(np.unpackbits(bits, count=size))
            fresh = selected[~isolated[selected]]
            matrix[fresh] = 0
            isolated[fresh] = True
            matrix[selected] |= self._allowed(policy, direction, home)
        return matrix

    def _allowed(self, policy: floor.NetworkPolicy, direction: str, home: Bits) -> Bits:
        found = np.zeros_like(home)
        for rule in policy.spec.ingress if direction == "Ingress" else policy.spec.egress:
            peers = rule.sources if direction == "Ingress" else rule.destinations
            if not peers:
                return self._own.everyone()
            for peer in peers:
                if peer.ip_block is None:
                    found |= self._peer(peer, home)
        return found

    def _peer(self, peer: floor.Peer, home: Bits) -> Bits:
        namespaces = home if peer.namespace_selector is None else self._namespace.selected(peer.namespace_selector)
        return namespaces if peer.pod_selector is None else namespaces & self._own.selected(peer.pod_selector)


def pods_of(cluster: floor.Cluster) -> list[floor.Pod]:
    """Return the pods that run on the network of pods."""
    pods: list[floor.Pod] = cluster.of(floor.Pod)
    return [each for each in pods if each.status.phase == "Running" and not each.spec.host_network]


def isolates(policy: floor.NetworkPolicy, direction: str) -> bool:
    """Return whether the pods that a policy selects accept in a direction only what rules name."""
    if policy.spec.policy_types:
        return direction in policy.spec.policy_types
    return direction == "Ingress" or bool(policy.spec.egress)


def _and_transposed(first: Bits, second: Bits, size: int) -> None:
    """Put ``first & second.T`` into `first`, a block of columns at a time."""
    for start in range(0, size, _BLOCK):
        # Rows of the second matrix are columns of the first.
        block = np.unpackbits(second[start : start + _BLOCK], axis=1, count=size)
        columns = np.packbits(block.T, axis=1)
        first[:, start // 8 : start // 8 + columns.shape[1]] &= columns
