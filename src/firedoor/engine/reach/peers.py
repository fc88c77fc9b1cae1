"""
Peers of rules as sets of columns: profiles first, then external classes.

Every set is a sorted array of column numbers, kept once however many rules use it.
A set has two sides: the columns that surely match, and those that may, because an
address that decides is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.selectors import LabelAxis, SelectorIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.profiles import Profile
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import IPBlock, NetworkPolicyPeer


@dataclass(frozen=True, slots=True)
class Peers:
    """The columns that a rule's peers surely match, and those that they may match."""

    sure: NDArray[np.int32]
    maybe: NDArray[np.int32]


class PeerIndex:
    """Finds the columns of any peer, each distinct one once."""

    def __init__(
        self,
        profiles: Sequence[Profile],
        namespaces: Mapping[str, Mapping[str, str]],
        axes: tuple[LabelAxis, LabelAxis],
        addresses: AddressAxis,
        cni: CniProfile,
    ) -> None:
        """Index `profiles`; `namespaces` maps names to labels; `axes` are those of pods and of namespaces."""
        self._profiles = profiles
        self._addresses = addresses
        self._cni = cni
        names = sorted(namespaces)
        self._numbers = {name: number for number, name in enumerate(names)}
        numbers = [self._numbers.get(each.namespace, -1) for each in profiles]
        self._namespace_of = np.asarray(numbers, dtype=np.int32)
        self._host = np.asarray([each.host_network for each in profiles], dtype=bool)
        self._pods = SelectorIndex(axes[0], [each.labels for each in profiles])
        self._namespaces = SelectorIndex(axes[1], [axes[1].reduce(namespaces[name]) for name in names])
        self._found: dict[tuple[str, object], Peers] = {}
        self.everyone = np.arange(len(profiles) + addresses.size, dtype=np.int32)
        """All columns: what a rule without peers matches."""

    def selected(self, namespace: str, selector: LabelSelector) -> NDArray[np.int32]:
        """Return the profiles that a policy in `namespace` with the pod selector applies to."""
        return self._columns(self._in_namespace(namespace) & self._pods.mask(selector))

    def of_rule(self, namespace: str, peers: Iterable[NetworkPolicyPeer]) -> Peers:
        """Return the union of the peers of one rule of a policy in `namespace`; without peers it is everyone."""
        found = [self._of_peer(namespace, peer) for peer in peers]
        if not found:
            return Peers(self.everyone, _NOTHING)
        if len(found) == 1:
            return found[0]
        sure = np.unique(np.concatenate([each.sure for each in found]))
        maybe = np.setdiff1d(np.concatenate([each.maybe for each in found]), sure)
        return Peers(sure, maybe)

    def _of_peer(self, namespace: str, peer: NetworkPolicyPeer) -> Peers:
        key = (
            "" if peer.namespace_selector is not None or peer.ip_block is not None else namespace,
            _hashable(peer),
        )
        found = self._found.get(key)
        if found is None:
            found = self._block(peer.ip_block) if peer.ip_block is not None else self._pods_of(namespace, peer)
            self._found[key] = found
        return found

    def _pods_of(self, namespace: str, peer: NetworkPolicyPeer) -> Peers:
        if peer.namespace_selector is None:
            inside = self._in_namespace(namespace)
        else:
            inside = self._namespaces.mask(peer.namespace_selector)[self._namespace_of]
        if peer.pod_selector is not None:
            inside = inside & self._pods.mask(peer.pod_selector)
        return Peers(self._columns(inside), _NOTHING)

    def _in_namespace(self, namespace: str) -> NDArray[np.bool_]:
        inside: NDArray[np.bool_] = self._namespace_of == self._numbers.get(namespace, _NO_NAMESPACE)
        return inside

    def _columns(self, mask: NDArray[np.bool_]) -> NDArray[np.int32]:
        return np.flatnonzero(mask & ~self._host).astype(np.int32)

    def _block(self, each: IPBlock) -> Peers:
        inside = self._addresses.externals_of(each)
        covers = self._addresses.covers_ipv4(each)
        members = set(inside.tolist())
        sure: list[int] = []
        maybe: list[int] = []
        for column, profile in enumerate(self._profiles):
            counts = self._cni.ipblock_matches_nodes if profile.host_network else self._cni.ipblock_matches_pods
            if not counts:
                continue
            if profile.externals is None:
                (sure if covers else maybe).append(column)
            elif not members.isdisjoint(profile.externals):
                sure.append(column)
        externals = inside + len(self._profiles)
        return Peers(np.concatenate([np.asarray(sure, dtype=np.int32), externals]), np.asarray(maybe, dtype=np.int32))


_NO_NAMESPACE = -2
"""Differs from the -1 of host-network profiles, which live in no namespace as far as policies see."""

_NOTHING = np.zeros(0, dtype=np.int32)


def _hashable(peer: NetworkPolicyPeer) -> object:
    if peer.ip_block is not None:
        return peer.ip_block
    pods, namespaces = peer.pod_selector, peer.namespace_selector
    return (
        None if pods is None else pods.requirements,
        None if namespaces is None else namespaces.requirements,
    )
