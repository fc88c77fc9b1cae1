"""A network in memory whose outcomes come from the naive reference, with faults that plugins have."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from firedoor.errors import WriteRefusedError
from firedoor.interfaces import Progress
from firedoor.model.places import ObjectRef
from firedoor.model.probing import Outcome, Probe, ProbeSite, Sighting, Stand
from tests.reference.networkpolicy import (
    Connection,
    Options,
    RefPod,
    Verdict,
    decide,
    pods,
)

Manifest = dict[str, Any]
Fault = Callable[[list[Manifest], Connection, Options], "Verdict | None"]
"""What a plugin decides in its own way; None where it does as the API says."""


def honest(cluster: list[Manifest], asked: Connection, options: Options) -> Verdict | None:
    return None


@dataclass
class Network:
    """A cluster in memory: implements ``Scratch``, and makes what implements ``Prober``."""

    options: Options = field(default_factory=lambda: Options(ipblock_matches_pods=True))
    fault: Fault = honest
    nodes_there: int = 2
    protocols: tuple[str, ...] = ("TCP", "UDP", "SCTP")
    refused: str = ""
    dead: str = ""
    dies_after: int | None = None
    slow: int = 0
    objects: list[Manifest] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    opened: int = 0
    runs: int = 0
    is_closed: bool = False
    seen_any: bool = False
    waited: list[float] = field(default_factory=list)
    before: list[list[Manifest]] = field(default_factory=list)

    def nodes(self) -> Sequence[Manifest]:
        ready = {"conditions": [{"type": "Ready", "status": "True"}]}
        return [
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": f"node-{number}"},
                "status": {**ready, "addresses": [{"type": "InternalIP", "address": f"10.0.0.{number + 1}"}]},
            }
            for number in range(self.nodes_there)
        ]

    def make(self, namespace: str, labels: Mapping[str, str]) -> None:
        self.made.append(namespace)
        metadata = {"name": namespace, "labels": dict(labels)}
        self.objects.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})

    def put(self, policy: Manifest) -> None:
        if self.refused and self.refused in policy["metadata"]["name"]:
            raise WriteRefusedError(f"{policy['metadata']['name']}: not today")
        self._drop(policy)
        self.objects.append(copy.deepcopy(policy))

    def remove(self, policy: Manifest) -> None:
        self._drop(policy)

    def relabel(self, ref: ObjectRef, labels: Mapping[str, str | None]) -> None:
        (found,) = [
            each
            for each in self.objects
            if (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"])
            == (ref.kind, ref.namespace, ref.name)
        ]
        merged = {**found["metadata"]["labels"], **labels}
        found["metadata"]["labels"] = {key: value for key, value in merged.items() if value is not None}

    def close(self) -> None:
        self.is_closed = True
        self.made.clear()

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.before.append(copy.deepcopy(self.objects))

    @contextmanager
    def prober(self) -> Iterator[_Prober]:
        self.opened += 1
        prober = _Prober(self, self.opened)
        try:
            yield prober
        finally:
            prober.close()

    def cluster(self) -> list[Manifest]:
        """Return what the plugin has taken in: a slow one is some waits behind."""
        seen = self.before[-self.slow] if self.slow and len(self.before) >= self.slow else self.objects
        return [*self.nodes(), *seen]

    def _drop(self, policy: Manifest) -> None:
        self.objects = [
            each for each in self.objects if each["kind"] != "NetworkPolicy" or each["metadata"] != policy["metadata"]
        ]


class _Prober:
    """Implements ``Prober`` in a `Network`."""

    def __init__(self, network: Network, number: int) -> None:
        self._network = network
        self._number = number
        self._sites: list[ProbeSite] = []
        self._stands: dict[int, Stand] = {}

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> Mapping[int, str]:
        progress.step("probe pods", 0, len(sites))
        self._sites = list(sites)
        unusable = {}
        for position, site in enumerate(sites):
            if site.workload.name == self._network.dead:
                unusable[position] = "its image cannot be pulled"
                continue
            host = int(site.node.rpartition("-")[2]) + 1
            address = f"10.0.0.{host}" if site.host_network else f"10.8.{self._number}.{position + 1}"
            self._stands[position] = Stand(f"probe-{self._number}-{position}", site.node, (address,))
            self._network.objects.append(self._pod(site, self._stands[position]))
        return unusable

    def stands(self) -> Mapping[int, Stand]:
        return self._stands

    def run(self, probes: Iterable[Probe]) -> Iterator[Sighting]:
        network = self._network
        network.runs += 1
        cluster = network.cluster()
        known = {(each.namespace, each.name): each for each in pods(cluster)}
        for probe in probes:
            source, destination = self._end(known, probe.source), self._end(known, probe.destination)
            yield self._sighting(probe, cluster, source, destination)

    def close(self) -> None:
        mine = {(self._sites[at].namespace, each.pod) for at, each in self._stands.items()}
        self._network.objects = [
            each
            for each in self._network.objects
            if each["kind"] != "Pod" or (each["metadata"]["namespace"], each["metadata"]["name"]) not in mine
        ]

    def _end(self, known: Mapping[tuple[str, str], RefPod], position: int) -> RefPod:
        return known[self._sites[position].namespace, self._stands[position].pod]

    def _sighting(self, probe: Probe, cluster: list[Manifest], source: RefPod, destination: RefPod) -> Sighting:
        network = self._network
        if probe.protocol not in network.protocols:
            return Sighting(probe, Outcome.CHECK_FAILED, f"no {probe.protocol} in this kernel")
        listening = (probe.protocol, probe.port) in self._sites[probe.destination].listening
        if not listening or (network.dies_after is not None and network.runs > network.dies_after):
            return Sighting(probe, Outcome.REFUSED, "connection refused")
        asked = Connection(source, destination, probe.protocol, probe.port)
        verdict = network.fault(cluster, asked, network.options) or decide(cluster, asked, network.options)
        assert verdict is not Verdict.UNKNOWN
        return Sighting(probe, Outcome.CONNECTED if verdict is Verdict.ACCEPTED else Outcome.TIMED_OUT)

    def _pod(self, site: ProbeSite, stand: Stand) -> Manifest:
        ports = [{"name": name, "protocol": protocol, "containerPort": number} for name, protocol, number in site.ports]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": stand.pod, "namespace": site.namespace, "labels": dict(site.labels)},
            "spec": {
                "nodeName": stand.node,
                "hostNetwork": site.host_network,
                "containers": [{"name": "main", "ports": ports}],
            },
            "status": {"phase": "Running", "podIP": stand.addresses[0]},
        }


def changed(change: Callable[[Manifest, list[Manifest]], Manifest | None]) -> Fault:
    """Return the fault of reading policies as if they were others; `change` takes one and the cluster."""

    def decided(cluster: list[Manifest], asked: Connection, options: Options) -> Verdict | None:
        others = [each for each in cluster if each["kind"] != "NetworkPolicy"]
        policies = [copy.deepcopy(each) for each in cluster if each["kind"] == "NetworkPolicy"]
        read = [found for each in policies if (found := change(each, cluster)) is not None]
        return decide([*others, *read], asked, options)

    return decided


def passing(protocol: str) -> Fault:
    """Return the fault of not filtering a protocol."""
    return lambda _cluster, asked, _options: Verdict.ACCEPTED if asked.protocol == protocol else None


def rules(policy: Manifest) -> Iterator[Manifest]:
    """Yield the rules of a policy, to be changed in place."""
    for name in ("ingress", "egress"):
        yield from policy["spec"].get(name) or []
