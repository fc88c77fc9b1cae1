from __future__ import annotations

import pytest
from tests.engine.exposure.clusters import network, pod

from firedoor.engine.exposure.controllers import IMPLEMENTATIONS, routers, served_by_class


def serving(class_name: str, controller: str, *pods: str) -> list[str]:
    members = network(*pods).members
    return [members[each].name for each in served_by_class(class_name, controller, members)]


@pytest.mark.parametrize(
    ("labels", "image", "is_it"),
    [
        ("app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: controller", "x", True),
        ("app.kubernetes.io/name: ingress-nginx", "x", True),
        ("app.kubernetes.io/name: ingress-nginx, app.kubernetes.io/component: admission-webhook", "x", False),
        ("app: x", "registry.k8s.io/ingress-nginx/controller:v1.12.1@sha256:ab", True),
        ("app: x", "registry.example:5000/ingress-nginx/controller", True),
        ("app: x", "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1", False),
    ],
)
def test_pods_are_known_by_labels_or_image(labels: str, image: str, is_it: bool) -> None:
    one = pod("a", labels=labels, spec=f"containers: [{{name: c, image: '{image}'}}]")
    assert serving("nginx", "", one) == (["a"] if is_it else [])


def test_the_controller_counts_before_the_name_of_the_class() -> None:
    traefik = pod("a", labels="app.kubernetes.io/name: traefik")
    assert serving("anything", "traefik.io/ingress-controller", traefik) == ["a"]
    assert serving("traefik", "example.com/own", traefik) == []
    assert serving("unheard-of", "", traefik) == []


def test_routers_are_labelled_or_all_of_their_namespace() -> None:
    label = "ingresscontroller.operator.openshift.io/deployment-ingresscontroller: default"
    labelled, plain = pod("a", "openshift-ingress", labels=label), pod("b", "openshift-ingress")
    gate = pod("c", "openshift-ingress", labels="gateway.networking.k8s.io/gateway-name: g")
    assert serving("x", "openshift.io/ingress-to-route", labelled, plain) == ["a"]
    members = network(plain, gate, pod("d")).members
    assert [members[each].name for each in routers(members)] == ["b"]


def test_no_two_implementations_claim_a_controller() -> None:
    claimed = [controller for each in IMPLEMENTATIONS for controller in each.controllers]
    assert len(claimed) == len(set(claimed))
