"""A network that does what the reference says of some manifests, with faults; stands at the place of a live prober."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import yaml

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.errors import SourceError
from firedoor.interfaces import Progress, Silent
from firedoor.model.probing import Outcome, Probe, ProbeSite, Sighting
from firedoor.model.snapshot import Snapshot
from firedoor.model.verification import VerifyReport
from firedoor.usecases.verify import Verification, VerifyQuestion
from tests.reference.endpoints import pods
from tests.reference.networkpolicy import Connection, Options, Verdict, decide

Manifest = dict[str, Any]
NODES = ("east", "west")


def pod(name: str, number: int, *ports: tuple[str, str, int], node: str = "east") -> Manifest:
    declared = [{"name": each, "protocol": protocol, "containerPort": port} for each, protocol, port in ports]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": "shop", "name": name, "labels": {"app": name}},
        "spec": {"nodeName": node, "containers": [{"name": "main", "image": "app:1", "ports": declared}]},
        "status": {"phase": "Running", "podIP": f"10.0.0.{number}"},
    }


def allow(name: str, subject: str, way: str, peer: Manifest, *ports: Manifest, made: str = "") -> Manifest:
    """Return a policy that isolates a pod in one direction, and has one rule."""
    rule: Manifest = {"from" if way == "ingress" else "to": [peer]}
    if ports:
        rule["ports"] = list(ports)
    metadata = {"namespace": "shop", "name": name} | ({"creationTimestamp": made} if made else {})
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": {
            "podSelector": {"matchLabels": {"app": subject}},
            "policyTypes": [way.capitalize()],
            way: [rule],
        },
    }


def app(name: str) -> Manifest:
    return {"podSelector": {"matchLabels": {"app": name}}}


def shop() -> list[Manifest]:
    """Return four pods on two nodes, and policies with names, ranges, protocols, blocks and both directions."""
    old, new = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
    return [
        pod("web", 1, ("http", "TCP", 8080)),
        pod("api", 2, ("http", "TCP", 8080), ("dns", "UDP", 53), node="west"),
        pod("db", 3, ("sql", "TCP", 5432), ("sync", "SCTP", 9000)),
        pod("job", 4, node="west"),
        allow("api", "api", "ingress", app("web"), {"port": "http"}, made=old),
        allow("api-dns", "api", "ingress", app("job"), {"port": 53, "protocol": "UDP"}, made=old),
        allow("db", "db", "ingress", app("api"), {"port": 5432, "endPort": 5440}, made=new),
        allow("db-sync", "db", "ingress", app("web"), {"port": 9000, "protocol": "SCTP"}, made=new),
        allow("job", "job", "egress", app("api"), made=old),
    ]


def snapshot_of(cluster: Sequence[Manifest]) -> Snapshot:
    return load_text(yaml.safe_dump_all(cluster))


@dataclass
class Time:
    """A clock that goes on when somebody waits, and a little with each connection."""

    seconds: float = 100.0
    told: list[str] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def tell(self, text: str) -> None:
        self.told.append(text)


@dataclass
class SimulatedNetwork:
    """
    Does with connections what the reference says of `cluster`, and what its faults make of that.

    `late` are seconds before which nothing is enforced, `faults` say of a probe what comes of it instead.
    """

    cluster: Sequence[Manifest]
    time: Time = field(default_factory=Time)
    options: Options = field(default_factory=Options)
    blocked: Outcome = Outcome.TIMED_OUT
    late: float = 0.0
    unusable: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Callable[[Probe, Sequence[ProbeSite]], Outcome | None]] = ()
    stuck: str = ""
    broken: bool = False
    sites: Sequence[ProbeSite] = ()
    tried: list[Probe] = field(default_factory=list)
    closed: int = 0

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> Mapping[int, str]:
        if self.broken:
            raise SourceError("no pod may be made", remedy="ask for the right")
        progress.step("pods", len(sites), len(sites))
        self.sites = sites
        return {number: self.unusable[str(site)] for number, site in enumerate(sites) if str(site) in self.unusable}

    def run(self, probes: Iterable[Probe]) -> Iterator[Sighting]:
        for probe in probes:
            self.tried.append(probe)
            self.time.seconds += 0.01
            yield Sighting(probe, self._outcome(probe), "as simulated", 0.01)

    def _outcome(self, probe: Probe) -> Outcome:
        for fault in self.faults:
            found = fault(probe, self.sites)
            if found is not None:
                return found
        if probe.is_control:
            is_listening = (probe.protocol, probe.port) in self.sites[probe.source].listening
            return Outcome.CONNECTED if is_listening else Outcome.REFUSED
        if self.time.seconds - 100 < self.late:
            return Outcome.CONNECTED
        cluster = list(self.cluster)
        named = {(each.namespace, each.name): each for each in pods(cluster)}
        source, destination = (
            named[each.namespace, each.pod] for each in (self.sites[probe.source], self.sites[probe.destination])
        )
        verdict = decide(cluster, Connection(source, destination, probe.protocol, probe.port), self.options)
        return Outcome.CONNECTED if verdict is Verdict.ACCEPTED else self.blocked

    def close(self) -> None:
        self.closed += 1
        if self.stuck:
            raise SourceError(self.stuck)


def without(cluster: Sequence[Manifest], *names: str) -> list[Manifest]:
    return [each for each in cluster if each["kind"] != "NetworkPolicy" or each["metadata"]["name"] not in names]


def with_ports(cluster: Sequence[Manifest], change: Callable[[Manifest], Manifest | None]) -> list[Manifest]:
    """Return the cluster with other ports in its policies; a rule that is left without any is dropped."""
    found = deepcopy(list(cluster))
    for each in found:
        for way in ("ingress", "egress"):
            rules = each["spec"].get(way, [])
            for rule in [*rules] if each["kind"] == "NetworkPolicy" else []:
                if "ports" in rule:
                    rule["ports"] = [port for old in rule["ports"] if (port := change(old)) is not None]
                    if not rule["ports"]:
                        rules.remove(rule)
    return found


def verified(
    cluster: Sequence[Manifest],
    network: SimulatedNetwork,
    *,
    question: VerifyQuestion | None = None,
    live: Sequence[Manifest] | None = None,
    cni: CniProfile = SPEC,
    settle: float = 3.0,
) -> VerifyReport:
    """Return the report of what a network does with what the engine makes of a cluster."""
    verification = Verification(
        snapshot_of(cluster), cni, question or VerifyQuestion(), None if live is None else snapshot_of(live)
    )
    return verification.carry_out(network, network.time, settle, Silent())
