"""What the Prometheus operator makes Prometheus scrape (``monitoring.coreos.com``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.model.labels import EVERYTHING, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place
from firedoor.model.shapes import mapping, mappings, number, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUP = "monitoring.coreos.com"
SERVICE_MONITOR, POD_MONITOR = "ServiceMonitor", "PodMonitor"
MONITOR_KINDS = frozenset({(_GROUP, each) for each in (SERVICE_MONITOR, POD_MONITOR, "Prometheus", "PrometheusAgent")})
"""``(group, kind)`` of what is read here; all of them live in namespaces."""


class ScrapedPort(Struct, frozen=True, gc=False, omit_defaults=True):
    """
    The ports of one endpoint of a monitor (``Endpoint``, ``PodMetricsEndpoint``).

    `port` is the name of a port of the Service, or of the pod in a PodMonitor, and counts
    before `target`, the name or number of a port that the pod declares. With neither it is
    all ports.
    """

    port: str = ""
    target: int | str = ""


class Monitor(Struct, frozen=True, gc=False):
    """
    A ServiceMonitor or PodMonitor: the labels of Services or pods, and which of their ports are scraped.

    `namespaces` are those it looks in, its own where there are none; `any_namespace` means all.
    """

    kind: str
    metadata: ObjectMeta
    selector: LabelSelector = EVERYTHING
    namespaces: tuple[str, ...] = ()
    any_namespace: bool = False
    ports: tuple[ScrapedPort, ...] = ()
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)

    def looks_in(self, namespace: str, *, own_only: bool) -> bool:
        """Return whether it looks for targets in a namespace; `own_only` is ``ignoreNamespaceSelectors``."""
        if own_only or not (self.any_namespace or self.namespaces):
            return namespace == self.metadata.namespace
        return self.any_namespace or namespace in self.namespaces


class Chooser(Struct, frozen=True, gc=False, omit_defaults=True):
    """
    Which monitors of one kind a Prometheus takes, by their labels and by those of their namespaces.

    No `labels` take none, no `namespaces` mean its own.
    """

    labels: LabelSelector | None = None
    namespaces: LabelSelector | None = None


class Scraper(Struct, frozen=True, gc=False):
    """A Prometheus or PrometheusAgent, whose pods the operator makes; `own_only` is ``ignoreNamespaceSelectors``."""

    kind: str
    metadata: ObjectMeta
    services: Chooser = Chooser()
    pods: Chooser = Chooser()
    own_only: bool = False
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)

    def takes(self, monitor: Monitor, namespace_labels: Mapping[str, Mapping[str, str]]) -> bool:
        """Return whether it scrapes what a monitor selects."""
        chooser = self.services if monitor.kind == SERVICE_MONITOR else self.pods
        home = monitor.metadata.namespace
        if chooser.labels is None or not chooser.labels.matches(monitor.metadata.labels):
            return False
        if chooser.namespaces is None:
            return home == self.metadata.namespace
        return chooser.namespaces.matches(namespace_labels.get(home, {}))


def monitor_object(kind: str, document: dict[str, Any], metadata: ObjectMeta, place: Place) -> Monitor | Scraper:
    """Return the model object of a kind of `MONITOR_KINDS`; raises ``msgspec.ValidationError`` for wrong selectors."""
    spec = mapping(document.get("spec"))
    if kind not in {SERVICE_MONITOR, POD_MONITOR}:
        services, pods = (_chooser(spec, name) for name in ("serviceMonitor", "podMonitor"))
        return Scraper(kind, metadata, services, pods, spec.get("ignoreNamespaceSelectors") is True, place)
    where = mapping(spec.get("namespaceSelector"))
    endpoints = mappings(spec.get("endpoints" if kind == SERVICE_MONITOR else "podMetricsEndpoints"))
    return Monitor(
        kind,
        metadata,
        msgspec.convert(spec.get("selector") or {}, LabelSelector),
        texts(where.get("matchNames")),
        where.get("any") is True,
        tuple(map(_port, endpoints)),
        place,
    )


def _chooser(spec: dict[str, Any], name: str) -> Chooser:
    labels, namespaces = (spec.get(f"{name}{each}") for each in ("Selector", "NamespaceSelector"))
    return msgspec.convert({"labels": labels, "namespaces": namespaces}, Chooser)


def _port(endpoint: dict[str, Any]) -> ScrapedPort:
    target = number(endpoint.get("portNumber")) or endpoint.get("targetPort") or ""
    return ScrapedPort(str(endpoint.get("port") or ""), target if isinstance(target, int | str) else "")
