"""What happens in a large cluster all the time, at a given rate, and now and then something that is waited for."""

from __future__ import annotations

import copy
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from benchmarks.live.store import Manifest, Store

POD, POLICY, SERVICE = ("v1", "Pod"), ("networking.k8s.io/v1", "NetworkPolicy"), ("v1", "Service")
REPLICA_SET, SLICE = ("apps/v1", "ReplicaSet"), ("discovery.k8s.io/v1", "EndpointSlice")
CANARIES = 120
"""Policies of namespaces of their own that are changed in turn, one a second: a turn must not see one change twice."""
_AWAY = 20
"""So many objects that went or came are kept, before they come or go again."""
_FIRST_PORT = 20_000


class Churn:
    """Changes objects of a store; everything it takes away comes back, so that the cluster stays as large as it is."""

    def __init__(self, store: Store, seed: int) -> None:
        """Look at what there is."""
        self._store = store
        self._rng = random.Random(seed)
        self._pods = sorted(store.kinds[POD].objects)
        self._policies = sorted(store.kinds[POLICY].objects)
        self._services = sorted(store.kinds[SERVICE].objects)
        self._sets = sorted(store.kinds[REPLICA_SET].objects)
        self._away: list[Manifest] = []
        self._new: list[list[Manifest]] = []
        self._numbers = count(1)
        self.sent = 0
        self.seconds = 0.0
        self.kinds: Counter[str] = Counter()
        for number in range(CANARIES):
            self._add_canary(number)

    def run(self, rate: float, seconds: float) -> Iterator[dict[str, Any]]:
        """Change so many objects a second for so long; yield each change that something must be told of."""
        usual: list[tuple[float, str, Callable[[], None]]] = [
            (45, "status", self._status),
            (15, "replica", self._replica),
            (10, "scaled", self._scaled),
            (5, "endpoints", self._endpoints),
            (5, "policy", self._policy),
            (1, "application", self._application),
        ]
        weights = [each[0] for each in usual]
        began = time.monotonic()
        canary, number = began, 0
        while (now := time.monotonic()) - began < seconds:
            if now >= canary:
                yield self._toggle(number)
                canary, number = canary + 1.0, number + 1
            # Others may have taken the processor: what is due is done at once, as a burst.
            while self.sent < (now - began) * rate:
                _, name, do = self._rng.choices(usual, weights)[0]
                self.kinds[name] += 1
                do()
            time.sleep(0.005)
        self.seconds = time.monotonic() - began

    def _put(self, manifest: Manifest) -> None:
        self._store.put(manifest)
        self.sent += 1

    def _delete(self, manifest: Manifest) -> None:
        self._store.delete(manifest)
        self.sent += 1

    def _pod(self) -> Manifest:
        return self._store.get(POD, *self._rng.choice(self._pods))

    def _status(self) -> None:
        """Let a container start again."""
        pod = self._pod()
        for each in pod["status"].get("containerStatuses", ()):
            each["restartCount"] = next(self._numbers)
        self._put(pod)

    def _replica(self) -> None:
        """Let a pod go, and another like it come: waiting at first, then with a node and an address."""
        old = self._pod()
        place = old["metadata"]["namespace"], old["metadata"]["name"]
        new = copy.deepcopy(old)
        number = next(self._numbers)
        name = f"{place[1].rpartition('-')[0] or place[1]}-{number:x}z"
        new["metadata"] |= {"name": name, "uid": f"uid-{number}"}
        self._delete(old)
        status = new["status"]
        new["status"] = {"phase": "Pending", "qosClass": "Burstable"}
        node = new["spec"].pop("nodeName", "")
        self._put(copy.deepcopy(new))
        address = old["status"].get("podIP", "")
        if not new["spec"].get("hostNetwork") and address:
            first, second, _, last = address.split(".")
            address = f"{first}.{second}.{number % 256}.{last}"
        new["spec"]["nodeName"] = node
        new["status"] = status | ({"podIP": address, "podIPs": [{"ip": address}]} if address else {})
        self._put(new)
        self._pods[self._pods.index(place)] = place[0], name

    def _scaled(self) -> None:
        """Let a ReplicaSet tell of its replicas, or ask it for another number of them."""
        found = self._store.get(REPLICA_SET, *self._rng.choice(self._sets))
        if self._rng.random() < 1 / 2:
            found["spec"]["replicas"] = self._rng.randrange(1, 20)
        found.setdefault("status", {})["readyReplicas"] = next(self._numbers)
        self._put(found)

    def _endpoints(self) -> None:
        namespace, name = self._rng.choice(self._services)
        pod = self._pod()
        address = pod["status"].get("podIP") or "10.0.0.1"
        labels = {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}
        self._put(
            {
                "apiVersion": SLICE[0],
                "kind": SLICE[1],
                "metadata": {
                    "name": f"{name}-x",
                    "namespace": namespace,
                    "labels": labels | {"kubernetes.io/service-name": name},
                },
                "addressType": "IPv4",
                "ports": [{"name": "", "port": 8080, "protocol": "TCP"}],
                "endpoints": [{"addresses": [address]}],
            }
        )

    def _policy(self) -> None:
        """Let a policy go or come back, or give it the rules of another one of its namespace."""
        if len(self._away) > _AWAY:
            self._put(self._away.pop(0))
            return
        place = self._rng.choice(self._policies)
        if place not in self._store.kinds[POLICY].objects:
            return
        policy = self._store.get(POLICY, *place)
        if self._rng.random() < 1 / 4:
            self._away.append(policy)
            self._delete(policy)
            return
        others = [each for each in self._policies if each[0] == place[0] and each in self._store.kinds[POLICY].objects]
        like = self._store.get(POLICY, *self._rng.choice(others))
        self._put(policy | {"spec": like["spec"]})

    def _application(self) -> None:
        """Deploy what was not there before, with a policy that names its labels; later let it go again."""
        if len(self._new) > _AWAY:
            for each in self._new.pop(0):
                self._delete(each)
            return
        like, number = self._pod(), next(self._numbers)
        labels = {"app": f"new-{number}"}
        pod = copy.deepcopy(like)
        pod["metadata"] |= {"name": f"new-{number}-0", "uid": f"uid-{number}", "labels": labels, "ownerReferences": []}
        found = [pod, _policy(like["metadata"]["namespace"], f"new-{number}", labels, 8080)]
        for each in found:
            self._put(each)
        self._new.append(found)

    def _add_canary(self, number: int) -> None:
        name = f"canary-{number}"
        like = self._pod()
        # They are there from the start.
        for each in (
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {}}},
            *(
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"name": app, "namespace": name, "labels": {"canary": app}},
                    "spec": like["spec"],
                    "status": {"phase": "Running"},
                }
                for app in ("front", "back")
            ),
            _policy(name, "canary", {"canary": "back"}, _FIRST_PORT),
        ):
            self._store.put(each)

    def _toggle(self, number: int) -> dict[str, Any]:
        """Let the policy of a canary accept another port, and return when and which."""
        name = f"canary-{number % CANARIES}"
        port = _FIRST_PORT + (number // CANARIES + 1) % 2
        at = time.time()
        self._put(_policy(name, "canary", {"canary": "back"}, port))
        return {"at": at, "namespace": name}


def _policy(namespace: str, name: str, labels: dict[str, str], port: int) -> Manifest:
    peers = [{"podSelector": {"matchLabels": {"canary": "front"}}}]
    return {
        "apiVersion": POLICY[0],
        "kind": POLICY[1],
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": {"matchLabels": labels},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": peers, "ports": [{"port": port, "protocol": "TCP"}]}],
        },
    }
