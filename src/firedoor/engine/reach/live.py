"""
A network that follows a changing cluster: one NetworkPolicy or one pod at a time.

A policy that names nothing new concerns the profiles that it selects and nothing else:
their programs are made anew, all rows but theirs stay. A pod is a member of a
profile, and joins or leaves it. Whatever does not fit into what was compiled makes
the network be compiled anew; the answers are the same either way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.dialects.istio.vocabulary import is_needed
from firedoor.engine.reach.succession import Anew, knows_words
from firedoor.engine.reach.unseen import OpenNetwork
from firedoor.model.population import Register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.engine.reach.matrix import Change
    from firedoor.engine.reach.values import Value
    from firedoor.model.networkpolicy import Direction, NetworkPolicy
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.verdicts import Verdict
    from firedoor.model.workloads import Pod

MOST_UNSEEN = 256
"""So many profiles may be unseen at once before it pays to compile anew."""


@dataclass(frozen=True, slots=True)
class Update:
    """
    What one change came to.

    `anew` says why everything was compiled anew; profiles then have other numbers, and
    the rest is empty. Otherwise `changes` are the profiles whose programs changed, and
    `unseen` the profiles without rows on which a changed policy may act besides.
    """

    anew: Anew | None = None
    changes: Mapping[Direction, tuple[Change, ...]] = field(default_factory=dict)
    unseen: tuple[int, ...] = ()

    @property
    def is_incremental(self) -> bool:
        """Whether only what changed was compiled."""
        return self.anew is None


class LiveNetwork:
    """
    The `network` of a cluster of which pods and NetworkPolicies change.

    Names are unique per kind and namespace, as they are in a cluster. Positions of
    members shift when pods come and go; `position` tells that of a pod.
    """

    def __init__(self, snapshot: Snapshot, cni: CniProfile = SPEC) -> None:
        """Compile `snapshot` as a cluster with `cni` enforces it."""
        self._cni = cni
        self._base = snapshot
        self._pods = {(pod.metadata.namespace, pod.metadata.name): pod for pod in snapshot.pods}
        self._policies = {policy.ref: policy for policy in snapshot.network_policies}
        self._register = Register(snapshot)
        self._compile(snapshot)

    @property
    def snapshot(self) -> Snapshot:
        """The cluster as it is now."""
        return self.network.snapshot

    def position(self, namespace: str, name: str) -> int | None:
        """Return the position of a pod in ``network.members``; None if it is not there or takes no part."""
        pod = self._pods.get((namespace, name))
        if pod is None:
            return None
        members = self.network.members
        run = range(*self.network.run(self._register.workload(pod)))
        return next((each for each in run if members[each].name == name and not members[each].is_template), None)

    def value(self, source: int | str, destination: int | str) -> Value:
        """Return what is accepted from `source` to `destination`, as `Network.value` does."""
        return self.network.value(source, destination)

    def verdict(self, source: int | str, destination: int | str, protocol: str, port: int) -> Verdict:
        """Return the verdict on one connection."""
        return self.network.verdict(source, destination, protocol, port)

    def set_policy(self, policy: NetworkPolicy) -> Update:
        """Add a policy, or change the one of that name."""
        self._policies[policy.ref] = policy
        return self._policy_changed(policy.ref, policy, self._obstacle(policy))

    def remove_policy(self, ref: ObjectRef) -> Update:
        """Remove a policy; one that is not there changes nothing."""
        if self._policies.pop(ref, None) is None:
            return Update()
        return self._policy_changed(ref, None, self._closed)

    def set_pod(self, pod: Pod) -> Update:
        """Add a pod, or change the one of that name."""
        metadata = pod.metadata
        return self._pod_changed(metadata.namespace, metadata.name, pod)

    def remove_pod(self, namespace: str, name: str) -> Update:
        """Remove a pod; one that is not there changes nothing."""
        return self._pod_changed(namespace, name, None) if (namespace, name) in self._pods else Update()

    def _compile(self, snapshot: Snapshot) -> None:
        self.network = network = OpenNetwork(snapshot, self._cni)
        typed = network.typed
        self._closed = Anew.OTHER_APIS if typed.calico or typed.cilium else None

    def _current(self) -> Snapshot:
        pods, policies = tuple(self._pods.values()), tuple(self._policies.values())
        return msgspec.structs.replace(self._base, pods=pods, network_policies=policies)

    def _compile_anew(self, reason: Anew) -> Update:
        self._compile(self._current())
        return Update(reason)

    def _obstacle(self, policy: NetworkPolicy) -> Anew | None:
        """Return why a policy cannot be compiled on its own."""
        if policy.metadata.namespace not in self.network.namespaces:
            return Anew.NAMESPACE
        if not self._cni.enforced or self._closed:
            return self._closed
        if not knows_words(self.network, policy):
            return Anew.VOCABULARY
        return Anew.LEFT_OVER if self.network.is_littered else None

    def _policy_changed(self, ref: ObjectRef, policy: NetworkPolicy | None, obstacle: Anew | None) -> Update:
        network = self.network
        if obstacle:
            return self._compile_anew(obstacle)
        network.outdate(self._current)
        if not self._cni.enforced:
            return Update()
        changes = network.follow(ref, policy)
        namespace = ref.namespace
        return Update(
            None, changes, tuple(n for n, each in network.unseen.items() if each.profile.namespace == namespace)
        )

    def _pod_changed(self, namespace: str, name: str, pod: Pod | None) -> Update:
        network = self.network
        old = self._pods.pop((namespace, name), None) if pod is None else self._pods.get((namespace, name))
        if pod is not None:
            self._pods[namespace, name] = pod
        network.outdate(self._current)
        if self._closed or is_needed(network.typed):
            return self._compile_anew(Anew.OTHER_APIS)
        if namespace not in network.namespaces:
            return self._compile_anew(Anew.NAMESPACE)
        for ref in dict.fromkeys(self._register.workload(each) for each in (old, pod) if each is not None):
            if not self._enlist(ref, name, pod):
                return self._compile_anew(Anew.PORTS)
        return self._compile_anew(Anew.UNSEEN) if len(network.unseen) > MOST_UNSEEN else Update()

    def _enlist(self, ref: ObjectRef, name: str, pod: Pod | None) -> bool:
        """Exchange the members of a workload of which one pod changed; return False where that cannot be done."""
        network, register = self.network, self._register
        first, last = network.run(ref)
        kept = [each for each in network.members[first:last] if not each.is_template and each.name != name]
        member = register.member(pod) if pod is not None and register.workload(pod) == ref else None
        more = [member] if member is not None else [] if kept else register.expected(ref)
        if not network.knows_ports(more):
            return False
        network.exchange(first, last, sorted((*kept, *more), key=attrgetter("name")))
        return True
