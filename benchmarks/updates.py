"""Single changes to a cluster: how long until the new answer is there."""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from statistics import quantiles

import msgspec

from firedoor.engine.reach.live import LiveNetwork, Update
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Pod

Figures = dict[str, float | str]

POLICY, KNOWN, UNSEEN = "policy", "known", "unseen"
_PEERS = 4
"""A changed pod is asked about with so many others, both ways."""
_CHECKED = 500


class Updates:
    """Changes to a cluster, drawn at random, each followed by questions about what changed."""

    def __init__(self, snapshot: Snapshot, seed: int = 1) -> None:
        """Compile the cluster."""
        self._rng = random.Random(seed)
        self.live = LiveNetwork(snapshot)
        self._policies: dict[str, list[NetworkPolicy]] = defaultdict(list)
        for policy in snapshot.network_policies:
            self._policies[policy.metadata.namespace].append(policy)
        self._pods: dict[str, list[Pod]] = defaultdict(list)
        for pod in snapshot.pods:
            self._pods[pod.metadata.namespace].append(pod)
        self._changed: list[tuple[str, str]] = []
        self.anew = 0
        """How often all was compiled anew."""

    def measure(self, rounds: int) -> Figures:
        """Return median and 99th percentile in milliseconds of processor time, and what was wrong."""
        figures: Figures = {}
        for kind in (POLICY, KNOWN, UNSEEN):
            found = [self._policy() if kind == POLICY else self._pod(kind) for _ in range(rounds)]
            cuts = quantiles(found, n=100, method="inclusive")
            figures[f"{kind}_median"], figures[f"{kind}_p99"] = cuts[49] * 1e3, cuts[98] * 1e3
        return {**figures, "anew": self.anew, "checked": 2 * _CHECKED, "differing": self.differing()}

    def differing(self) -> int:
        """Return how many answers, many of them on changed pods, are not those of a network that is compiled anew."""
        live, fresh = self.live, Network(self.live.snapshot)
        found = 0
        for _ in range(_CHECKED):
            own, other = live.position(*self._rng.choice(self._changed)), self._rng.randrange(len(fresh.members))
            for pair in ((own or 0, other), (other, own or 0)):
                told = [live.network.axis.traffic(mask) for mask in live.value(*pair)]
                found += told != [fresh.axis.traffic(mask) for mask in fresh.value(*pair)]
        return found

    def _policy(self) -> float:
        """Take a policy away, change its rules to those of another of the namespace, or bring it back."""
        policy = self._rng.choice(self._policies[self._rng.choice(list(self._policies))])
        like = self._rng.choice(self._policies[policy.metadata.namespace])
        draws: list[Callable[[], Update]] = [
            partial(self.live.remove_policy, policy.ref),
            partial(self.live.set_policy, policy),
            partial(self.live.set_policy, msgspec.structs.replace(policy, spec=like.spec)),
        ]
        return self._timed(self._rng.choice(draws), self._ask_rows)

    def _pod(self, kind: str) -> float:
        """Add a replica of a pod or change its labels until the profile is as wanted; return what that took."""
        while True:
            pods = self._pods[self._rng.choice(list(self._pods))]
            pod, like = self._rng.choice(pods), self._rng.choice(pods)
            name, labels = pod.metadata.name, like.metadata.labels
            if kind == UNSEEN:
                labels = labels | {key: f"none-{self._rng.random()}" for key in self._rng.sample(list(labels), 1)}
            elif self._rng.random() < 1 / 2:
                name = f"{name}-more"
            metadata = msgspec.structs.replace(pod.metadata, name=name, labels=labels)
            changed = msgspec.structs.replace(pod, metadata=metadata, spec=like.spec)
            place = metadata.namespace, name
            taken = self._timed(partial(self.live.set_pod, changed), partial(self._ask, place))
            position = self.live.position(*place)
            if position is None:
                continue
            self._changed.append(place)
            network = self.live.network
            if (network.profile_of[position] in network.unseen) == (kind == UNSEEN):
                return taken

    def _timed(self, change: Callable[[], Update], ask: Callable[[Update], None]) -> float:
        started = time.process_time()
        update = change()
        ask(update)
        taken = time.process_time() - started
        self.anew += not update.is_incremental
        return taken

    def _ask_rows(self, update: Update) -> None:
        """Make the new rows of all profiles that changed."""
        for direction, changes in update.changes.items():
            matrix = self.live.network.matrix[direction]
            for each in changes:
                matrix.row(int(matrix.program_of[each.profile]))

    def _ask(self, place: tuple[str, str], _: Update) -> None:
        """Ask about a pod and others, both ways."""
        position = self.live.position(*place)
        if position is not None:
            for peer in self._rng.choices(range(len(self.live.network.members)), k=_PEERS):
                self.live.value(position, peer)
                self.live.value(peer, position)
