"""The network of a cluster that is watched, kept up to date: of what did not change nothing is computed again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.difference import differences, unlike
from firedoor.engine.reach.succession import Anew, successor
from firedoor.engine.reach.unseen import OpenNetwork
from firedoor.model.contents import ConfigMap, TokenSecret
from firedoor.model.gateways import ControllerClass, Gateway, ReferenceGrant, VirtualService
from firedoor.model.monitors import Monitor, Scraper
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.rbac import Role, RoleBinding, ServiceAccount
from firedoor.model.server_calls import ServerCaller
from firedoor.model.services import EndpointSlice, GatewayRoute, IngressRoute, Service
from firedoor.model.volumes import PersistentVolume, PersistentVolumeClaim
from firedoor.model.workloads import Namespace, Pod, Workload
from firedoor.model.zero_trust import ZeroTrustBaseline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.network import Network
    from firedoor.model.difference import ConnectionChange
    from firedoor.model.feed import ObjectChange
    from firedoor.model.members import Member
    from firedoor.model.places import Gap, ObjectRef
    from firedoor.model.snapshot import Snapshot

_ALWAYS_ASIDE = (Role, RoleBinding, PersistentVolume, PersistentVolumeClaim, ConfigMap, TokenSecret, ZeroTrustBaseline)
_MOSTLY_ASIDE = (
    Service,
    EndpointSlice,
    IngressRoute,
    GatewayRoute,
    Gateway,
    ControllerClass,
    VirtualService,
    ReferenceGrant,
    ServiceAccount,
    Monitor,
    Scraper,
    ServerCaller,
)
"""What policies of other kinds than NetworkPolicy may ask about, and NetworkPolicies do not."""


class WatchedNetwork:
    """
    A network that goes from one state of a cluster to the next, and tells what that changes.

    Pods, workloads and NetworkPolicies are exchanged where nothing was compiled with something else in mind. Where
    all must be compiled, what is compared is still only what the changes can have touched, if that is known.
    """

    def __init__(self, snapshot: Snapshot, cni: CniProfile) -> None:
        """Compile the first state."""
        self._cni = cni
        self.network = OpenNetwork(snapshot, cni)
        self.anew: Anew | None = None
        """Why all was compiled with the last state; None where it was not, or had to be from the start."""
        self.compared: frozenset[ObjectRef] | None = frozenset()
        """The workloads that were compared with all others at the last state; None where all were with all."""

    def take(self, snapshot: Snapshot, changes: Sequence[ObjectChange] | None) -> Iterable[ConnectionChange] | None:
        """
        Go on to another state, and return what is different between workloads and with the outside.

        `changes` are all that lead there; None where they are not known. Return None where every workload has pods as
        before, on whatever nodes, and no policy changed that applies to any.
        """
        old = self.network
        changed = None if changes is None else _Changed.of(changes)
        has_others = any(each.policy_objects or each.mesh_configs for each in (old.snapshot, snapshot))
        if changed is None or not changed.is_local(has_others=has_others):
            self.anew, self.network, self.compared = None, OpenNetwork(snapshot, self._cni), None
            return differences(old, self.network)
        found = Anew.NAMESPACE if changed.spaces else successor(old, snapshot, changed.policies, changed.homes)
        if isinstance(found, Anew):
            self.anew, self.network = found, OpenNetwork(snapshot, self._cni)
        else:
            self.anew, self.network = None, found
        new = self.network
        # These concern everybody.
        if old.families != new.families or _scoped(old.snapshot) != _scoped(snapshot) or _tells_nodes(old, new):
            self.compared = None
            return differences(old, new)
        has_same_words = self.anew is None or not (changed.policies or changed.spaces)
        touched = set(unlike(old, new, changed.homes, has_same_words=has_same_words))
        touched.update(_living(old, changed.spaces), _living(new, changed.spaces))
        if self._cni.enforced:
            touched.update(changed.selected(old), changed.selected(new))
        self.compared = frozenset(touched)
        return differences(old, new, among=touched) if touched else None


class _Changed:
    """What changed, by what it is."""

    def __init__(self) -> None:
        self.policies: dict[ObjectRef, NetworkPolicy | None] = {}
        self.homes: set[str] = set()
        """The namespaces in which pods or workloads changed."""
        self.spaces: set[str] = set()
        """The namespaces that changed themselves."""
        self._written: dict[str, list[NetworkPolicy]] = defaultdict(list)
        """NetworkPolicies as they were and as they are, by namespace."""
        self._others: set[type] = set()

    @classmethod
    def of(cls, changes: Iterable[ObjectChange]) -> _Changed:
        found = cls()
        for each in changes:
            found.add(each)
        return found

    def add(self, change: ObjectChange) -> None:
        some = change.after or change.before
        if isinstance(some, NetworkPolicy):
            self.policies[change.ref] = change.after if isinstance(change.after, NetworkPolicy) else None
            written = (each for each in (change.before, change.after) if isinstance(each, NetworkPolicy))
            self._written[change.ref.namespace] += written
        elif isinstance(some, (Pod, Workload)):
            self.homes.add(change.ref.namespace)
        elif isinstance(some, Namespace):
            self.spaces.add(change.ref.name)
        elif some is not None:
            self._others.add(type(some))

    def is_local(self, *, has_others: bool) -> bool:
        """
        Return whether verdicts changed at most on pods of namespaces or under NetworkPolicies that are known here.

        `has_others` says that there are policies of other kinds, or settings of them.
        """
        aside = _ALWAYS_ASIDE if has_others else (*_ALWAYS_ASIDE, *_MOSTLY_ASIDE)
        return all(issubclass(each, aside) for each in self._others) and not (has_others and self.spaces)

    def selected(self, network: OpenNetwork) -> Iterator[ObjectRef]:
        """Yield the workloads to which the changed policies apply, or did."""
        for namespace, policies in self._written.items():
            for member in _members(network, namespace):
                if not member.host_network and any(each.selects(namespace, member.labels) for each in policies):
                    yield member.workload


def _living(network: OpenNetwork, namespaces: Iterable[str]) -> Iterator[ObjectRef]:
    return (member.workload for namespace in namespaces for member in _members(network, namespace))


def _members(network: OpenNetwork, namespace: str) -> Sequence[Member]:
    first, last = network.living(namespace)
    return network.members[first:last]


def _scoped(snapshot: Snapshot) -> list[Gap]:
    return [each for each in snapshot.gaps if each.scope is not None]


def _tells_nodes(*networks: Network) -> bool:
    return any(each.tells_own_nodes for each in networks)
