"""Which pods Prometheus asks for metrics: by monitors of the Prometheus operator, and by annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.exposure.services import Target
from firedoor.model.generation import Evidence, Party
from firedoor.model.monitors import POD_MONITOR, ScrapedPort
from firedoor.model.workloads import pod_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.exposure.services import ServiceIndex
    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.implied import Implied
    from firedoor.model.members import Member
    from firedoor.model.monitors import Monitor, Scraper
    from firedoor.model.places import ObjectRef
    from firedoor.model.services import Service

SCRAPE, PORT = "prometheus.io/scrape", "prometheus.io/port"
_NAME = "app.kubernetes.io/name"
_MADE_FOR = ("operator.prometheus.io/name", "prometheus")
"""Labels in which the operator writes for which Prometheus it made a pod; the latter is that of old releases."""

_KINDS = {"Prometheus": "prometheus", "PrometheusAgent": "prometheus-agent"}
_PROTOCOL = "TCP"
_EVERY_PORT = ScrapedPort()


def scraped(implied: Implied, services: ServiceIndex) -> None:
    """Need that every Prometheus reaches what it is told to scrape."""
    _Scraping(implied, services).find()


class _Scraping:
    def __init__(self, implied: Implied, services: ServiceIndex) -> None:
        self._implied = implied
        self._network = implied.network
        self._services = services
        self._snapshot = implied.network.snapshot
        self._labels = self._snapshot.namespace_labels()
        self._made = {each.ref: _made_for(each, self._network) for each in self._snapshot.scrapers}

    def find(self) -> None:
        for scraper in self._snapshot.scrapers:
            for monitor in self._snapshot.monitors:
                if scraper.takes(monitor, self._labels):
                    self._monitored(scraper, monitor)
        for monitor in self._snapshot.monitors:
            if not any(each.takes(monitor, self._labels) for each in self._snapshot.scrapers):
                why = "no Prometheus in the source takes it by its labels and namespace"
                self._implied.leave(f"Prometheus -> targets of {monitor.ref}", why, str(monitor.place))
        by_operator = {each for found in self._made.values() for each in found}
        plain = {each.workload for each in self._network.members if _is_prometheus(each)} - by_operator
        self._annotated(sorted(plain))

    def _monitored(self, scraper: Scraper, monitor: Monitor) -> None:
        what = f"{scraper.ref} -> targets of {monitor.ref}"
        targets = dict.fromkeys(self._targets(monitor, own_only=scraper.own_only))
        if not targets:
            self._implied.leave(what, "it selects no ports of pods in the source", str(monitor.place))
        elif not self._made[scraper.ref]:
            why = "the pods that the operator makes for it are not in the source: read them from the cluster"
            self._implied.leave(what, why, str(scraper.place))
        for ref in self._made[scraper.ref]:
            for target in targets:
                evidence = Evidence(f"{monitor.ref}, taken by {scraper.ref}", str(monitor.place))
                self._implied.need(Party(ref), target, evidence)

    def _targets(self, monitor: Monitor, *, own_only: bool) -> Iterator[Target]:
        if monitor.kind == POD_MONITOR:
            for position, member in enumerate(self._network.members):
                is_there = monitor.looks_in(member.namespace, own_only=own_only)
                if is_there and monitor.selector.matches(member.labels):
                    for each in monitor.ports:
                        yield from self._of_pod(position, each.port or each.target)
            return
        for service in self._services.services.values():
            is_there = monitor.looks_in(service.metadata.namespace, own_only=own_only)
            if is_there and monitor.selector.matches(service.metadata.labels):
                for each in monitor.ports:
                    yield from self._of_service(service, each)

    def _of_pod(self, position: int, wanted: int | str) -> Iterator[Target]:
        """Yield the ports that a pod declares, by name or number, or all."""
        member = self._network.members[position]
        if isinstance(wanted, int) or not wanted:
            numbers = [number for protocol, number in member.listening if protocol == _PROTOCOL]
            numbers = [each for each in numbers if wanted in {"", each}]
        else:
            numbers = [number for name, protocol, number in member.ports if (name, protocol) == (wanted, _PROTOCOL)]
        yield from (Target(position, _PROTOCOL, each) for each in numbers)

    def _of_service(self, service: Service, wanted: ScrapedPort) -> Iterator[Target]:
        by_target = wanted.target and not wanted.port
        for port in service.spec.ports:
            if port.protocol != _PROTOCOL or wanted.port not in {"", port.name}:
                continue
            for target in self._services.targets(service, port):
                if not by_target:
                    yield target
                elif isinstance(target.end, int):
                    yield from self._of_pod(target.end, wanted.target)

    def _annotated(self, scrapers: list[ObjectRef]) -> None:
        first = {each.workload: position for position, each in reversed(list(enumerate(self._network.members)))}
        for position in sorted(first.values()):
            member = self._network.members[position]
            if member.annotations.get(SCRAPE) != "true":
                continue
            path = pod_path(member.workload.kind if member.is_template else "Pod")
            place = member.place.at(f'{path}metadata.annotations["{SCRAPE}"]')
            ports = _asked_ports(member.annotations)
            declared = self._of_pod(position, "")
            targets = list(declared) if ports is None else [Target(position, _PROTOCOL, each) for each in ports]
            self._need_annotated(scrapers, str(member.workload), targets, place)
        for service in self._services.services.values():
            if service.metadata.annotations.get(SCRAPE) == "true":
                name = f"Service {service.metadata.namespace}/{service.metadata.name}"
                self._need_annotated(scrapers, name, self._of_annotated(service), str(service.place))

    def _of_annotated(self, service: Service) -> list[Target]:
        """Return the pods behind a Service at the port that its annotation asks for, else at those it leads to."""
        led_to = list(dict.fromkeys(self._of_service(service, _EVERY_PORT)))
        ports = _asked_ports(service.metadata.annotations)
        if ports is None:
            return led_to
        return [Target(end, _PROTOCOL, port) for end in dict.fromkeys(each.end for each in led_to) for port in ports]

    def _need_annotated(self, scrapers: list[ObjectRef], what: str, targets: list[Target], place: str) -> None:
        if not scrapers or not targets:
            lacks = "no pod of Prometheus is in the source" if targets else "it names no port and declares none"
            self._implied.leave(f"Prometheus -> {what}", lacks, place)
        for ref in scrapers:
            for target in targets:
                self._implied.need(Party(ref), target, Evidence(f'annotation {SCRAPE}: "true"', place))


def _made_for(scraper: Scraper, network: Network) -> list[ObjectRef]:
    """Return the workloads that the operator made for a Prometheus, by their owner or by their labels."""
    name, namespace = scraper.metadata.name, scraper.metadata.namespace
    kind = _KINDS[scraper.kind]
    return sorted(
        {
            each.workload
            for each in network.members
            if each.namespace == namespace
            and (
                each.workload == scraper.ref
                or (each.labels.get(_NAME, kind) == kind and any(each.labels.get(label) == name for label in _MADE_FOR))
            )
        }
    )


def _is_prometheus(member: Member) -> bool:
    if member.labels.get(_NAME) == "prometheus":
        return True
    return any(image.partition("@")[0].partition(":")[0].endswith("prom/prometheus") for image in member.spec.images)


def _asked_ports(annotations: dict[str, str]) -> list[int] | None:
    """Return the port that an annotation names, none where it is no port; None where there is no annotation."""
    said = annotations.get(PORT, "")
    if not said:
        return None
    return [int(said)] if said.isdecimal() and FIRST_PORT <= int(said) <= LAST_PORT else []
