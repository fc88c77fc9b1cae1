"""Which pods serve Ingresses, Routes and gateways: the table of well-known controllers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from firedoor.model.members import Member

NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"

GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name"
"""Pods that a controller makes for one Gateway carry its name in this label, in the Gateway's namespace."""

_ENVOY_OWNER = "gateway.envoyproxy.io/owning-gateway-"
_ROUTER = "ingresscontroller.operator.openshift.io/deployment-ingresscontroller"
_ROUTER_NAMESPACE = "openshift-ingress"


@dataclass(frozen=True, slots=True)
class Implementation:
    """
    A controller, and what its data plane is known by.

    `controllers` are values of ``spec.controller`` of an IngressClass and of ``spec.controllerName``
    of a GatewayClass; `classes` are usual class names. Pods are known by any of the sets of
    `labels` (an empty value means that the label is absent) or by the repository of an image.
    """

    name: str
    controllers: frozenset[str]
    classes: frozenset[str]
    labels: tuple[dict[str, str], ...]
    images: tuple[str, ...] = ()

    def is_served_by(self, member: Member) -> bool:
        """Return whether a pod is of this controller's data plane."""
        if any(_carries(member.labels, wanted) for wanted in self.labels):
            return True
        repositories = [_repository(image) for image in member.spec.images]
        return any(each == known or each.endswith(f"/{known}") for each in repositories for known in self.images)


def _known(name: str, controllers: str, classes: str, *labels: dict[str, str], images: str = "") -> Implementation:
    """Return an implementation from space-separated words."""
    return Implementation(
        name, frozenset(controllers.split()), frozenset(classes.split()), labels, tuple(images.split())
    )


IMPLEMENTATIONS = (
    _known(
        "ingress-nginx",
        "k8s.io/ingress-nginx",
        "nginx",
        {NAME: "ingress-nginx", COMPONENT: "controller"},
        {NAME: "ingress-nginx", COMPONENT: ""},
        images="ingress-nginx/controller nginx-ingress-controller",
    ),
    _known(
        "NGINX Ingress Controller",
        "nginx.org/ingress-controller",
        "nginx",
        {NAME: "nginx-ingress"},
        images="nginx/nginx-ingress",
    ),
    _known(
        "Traefik",
        "traefik.io/ingress-controller traefik.io/gateway-controller",
        "traefik",
        {NAME: "traefik"},
        images="traefik mirrored-library-traefik",
    ),
    _known(
        "HAProxy Kubernetes Ingress Controller",
        "haproxy.org/ingress-controller",
        "haproxy",
        {NAME: "kubernetes-ingress"},
        images="haproxytech/kubernetes-ingress",
    ),
    _known(
        "HAProxy Ingress",
        "haproxy-ingress.github.io/controller",
        "haproxy",
        {NAME: "haproxy-ingress", COMPONENT: ""},
        images="jcmoraisjr/haproxy-ingress",
    ),
    _known(
        "Contour",
        "projectcontour.io/ingress-controller projectcontour.io/gateway-controller",
        "contour",
        {NAME: "contour", COMPONENT: "envoy"},
        {"app": "envoy"},
    ),
    _known(
        "Kong",
        "ingress-controllers.konghq.com/kong konghq.com/kic-gateway-controller",
        "kong",
        {NAME: "kong", COMPONENT: "app"},
        {NAME: "gateway", COMPONENT: "app"},
    ),
    _known("Istio", "istio.io/ingress-controller", "istio", {"istio": "ingressgateway"}),
    _known("OpenShift router", "openshift.io/ingress-to-route", "openshift-default"),
)


def served_by_class(class_name: str, controller: str, members: Iterable[Member]) -> list[int]:
    """
    Return the positions of the pods that serve a class.

    `controller` is what the class object says; without it the usual class names count.
    """
    known = [
        each
        for each in IMPLEMENTATIONS
        if (controller in each.controllers if controller else class_name in each.classes)
    ]
    pods = list(members)
    if any(each.name == "OpenShift router" for each in known):
        return routers(pods)
    return [position for position, member in enumerate(pods) if any(each.is_served_by(member) for each in known)]


def routers(members: Iterable[Member]) -> list[int]:
    """Return the positions of OpenShift's router pods, all of the namespace where none is labelled as one."""
    inside = [(position, each) for position, each in enumerate(members) if each.namespace == _ROUTER_NAMESPACE]
    labelled = [position for position, each in inside if _ROUTER in each.labels]
    return labelled or [position for position, each in inside if GATEWAY_NAME not in each.labels]


def served_by_gateway(namespace: str, name: str, members: Iterable[Member]) -> list[int]:
    """Return the positions of the pods that a controller has made for one Gateway."""
    return [position for position, member in enumerate(members) if _is_made_for(namespace, name, member)]


def served_by_labels(selector: Mapping[str, str], members: Iterable[Member]) -> Iterator[int]:
    """Yield the positions of the pods of any namespace that an Istio Gateway selects."""
    for position, member in enumerate(members):
        if selector.items() <= member.labels.items():
            yield position


def _is_made_for(namespace: str, name: str, member: Member) -> bool:
    if member.namespace == namespace and member.labels.get(GATEWAY_NAME) == name:
        return True
    owner = {f"{_ENVOY_OWNER}name": name, f"{_ENVOY_OWNER}namespace": namespace}
    return owner.items() <= member.labels.items()


def _carries(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(labels.get(key, "") == value for key, value in wanted.items())


def _repository(image: str) -> str:
    """Return the repository of an image reference, without tag and digest."""
    reference = image.partition("@")[0]
    parent, slash, last = reference.rpartition("/")
    return f"{parent}{slash}{last.partition(':')[0]}"
