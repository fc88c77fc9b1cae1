"""Which pods the engine takes to be in the mesh."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.dialects.istio.mesh import INSIDE, membership
from firedoor.model.population import members

INJECT, REVISION, MODE = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode"
PROXY = "[{name: istio-proxy, image: proxy}]"

WORKLOAD = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: w, namespace: shop}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b, sidecar.istio.io/inject: 'false'}}
    spec: {containers: [{name: a, image: a}]}
"""


def _pod(name: str, labels: str = "", annotations: str = "", spec: str = "containers: []") -> str:
    metadata = f"name: {name}, namespace: shop, labels: {{{labels}}}, annotations: {{{annotations}}}"
    return f"---\n{{apiVersion: v1, kind: Pod, metadata: {{{metadata}}}, spec: {{{spec}}}}}\n"


def _namespace(labels: str) -> str:
    return f"---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: shop, labels: {{{labels}}}}}}}\n"


def _inside(text: str) -> list[str]:
    snapshot = snapshot_of(text)
    tell = membership(snapshot)
    assert {tell(each) for each in members(snapshot)} <= {"", INSIDE}
    return [each.name for each in members(snapshot) if tell(each)]


def test_where_nothing_tells_all_pods_off_the_host_network_are_inside() -> None:
    assert _inside(_pod("a") + _pod("b", spec="hostNetwork: true, containers: []") + _namespace("team: red")) == ["a"]


@pytest.mark.parametrize(
    "sign",
    [
        _pod("b", f"{INJECT}: 'false'"),
        _pod("b", annotations=f"{INJECT}: 'false'"),
        _pod("b", f"{MODE}: none"),
        _pod("b", f"{INJECT}: 'false'").replace("spec:", "status: {phase: Succeeded}, spec:"),
        _namespace("istio-injection: disabled"),
        WORKLOAD,
    ],
)
def test_where_anything_tells_pods_without_a_sign_are_outside(sign: str) -> None:
    assert _inside(_pod("a") + sign) == []


@pytest.mark.parametrize(
    ("labels", "annotations", "namespace", "expected"),
    [
        (f"{INJECT}: 'true'", "", "", True),
        ("", f"{INJECT}: 'true'", "", True),
        (f"{INJECT}: 'true'", f"{INJECT}: 'false'", "", True),
        (f"{INJECT}: 'true'", "", "istio-injection: disabled", False),
        ("", "", "istio-injection: enabled", True),
        (f"{INJECT}: 'false'", "", "istio-injection: enabled", False),
        (f"{REVISION}: canary", "", "", True),
        ("", "", f"{REVISION}: canary", True),
        ("", "", f"{MODE}: ambient", True),
        (f"{MODE}: none", "", f"{MODE}: ambient", False),
    ],
)
def test_labels_and_annotations_bring_a_pod_in(
    labels: str, annotations: str, namespace: str, *, expected: bool
) -> None:
    assert _inside(_pod("a", labels, annotations) + _namespace(namespace)) == ["a"] * expected


@pytest.mark.parametrize("spec", [f"containers: {PROXY}", f"containers: [], initContainers: {PROXY}"])
def test_a_pod_with_the_proxy_is_inside_whatever_its_labels_say(spec: str) -> None:
    assert _inside(_pod("a", f"{INJECT}: 'false'", spec=spec) + _pod("b")) == ["a"]
