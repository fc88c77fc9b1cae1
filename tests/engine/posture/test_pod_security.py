"""The checks of the Pod Security Standards: what they have in common, and corners that the fixtures do not reach."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.engine.posture.loading import FIXTURES, context_of, fixture, load

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.pod_security import CONTROLS, LATEST, Version
from firedoor.engine.posture import CHECKS, Context, run_checks
from firedoor.model.findings import Confidence, Finding, PodSecurityMark
from firedoor.model.snapshot import Snapshot

BY_CONTROL = {
    "pss-" + re.sub("(?<=[a-z])([A-Z])", r"-\1", each.id).replace("_", "-").lower(): each for each in CONTROLS
}
PODS = [each for each in CHECKS if each.id.startswith("pss-")]


WITHOUT_PATCH = {"pss-sysctls", "pss-host-path-volumes", "pss-restricted-volumes"}


def found(name: str, context: Context) -> list[Finding]:
    (check,) = (each for each in CHECKS if each.id == name)
    return list(run_checks(context, [check]))


def judged(snapshot: Snapshot, version: Version = LATEST, server: str = "") -> Context:
    context = context_of(snapshot)
    return Context(snapshot, context.network, None, server, version)


def patched(document: Any, patch: Any) -> Any:
    """Apply a patch as `kubectl patch` does: elements of lists by what names them, null removes."""
    if isinstance(document, dict) and isinstance(patch, dict):
        fields = {key: patched(document.get(key), value) for key, value in patch.items() if value is not None}
        return {key: value for key, value in {**document, **fields}.items() if patch.get(key, "") is not None}
    if isinstance(document, list) and isinstance(patch, list) and patch and isinstance(patch[0], dict):
        elements = list(document)
        for each in patch:
            name = next(name for name in ("name", "containerPort") if name in each)
            index = next(number for number, other in enumerate(elements) if other[name] == each[name])
            elements[index] = patched(elements[index], each)
        return elements
    return without_nulls(patch)


def without_nulls(patch: Any) -> Any:
    if isinstance(patch, dict):
        return {key: without_nulls(value) for key, value in patch.items() if value is not None}
    return patch


def test_there_is_a_check_for_every_control_and_it_has_its_name() -> None:
    assert {each.id for each in PODS} == set(BY_CONTROL)


@pytest.mark.parametrize("check", PODS, ids=lambda check: check.id)
def test_findings_carry_level_control_and_the_line_of_the_field(check: Any) -> None:
    control = BY_CONTROL[check.id]
    for each in found(check.id, fixture(check.id, "bad")):
        assert each.pss == PodSecurityMark(control.level.value, control.id)
        assert [str(each.object) in each.message, each.source in each.evidence[0]] == [True, True]
        assert re.fullmatch(r".*:[0-9]+", each.source)
    text = (FIXTURES / check.id / "bad.yaml").read_text()
    assert f"`{control.id}`, level" in check.sections["What it finds"].replace("\n", " ")
    assert text.startswith("api")


@pytest.mark.parametrize("check", PODS, ids=lambda check: check.id)
def test_the_patch_of_a_finding_is_its_remedy(check: Any) -> None:
    import yaml  # noqa: PLC0415

    documents = list(yaml.safe_load_all((FIXTURES / check.id / "bad.yaml").read_text()))
    findings = found(check.id, fixture(check.id, "bad"))
    patches = {
        (patch["kind"], patch["metadata"]["name"]): patch  # type: ignore[index]
        for each in findings
        for patch in each.fix.manifests
    }
    assert len(patches) == (
        0 if check.id in {"pss-sysctls", "pss-host-path-volumes", "pss-restricted-volumes"} else len(findings)
    )
    mended = [patched(each, patches.get((each["kind"], each["metadata"]["name"]), {})) for each in documents]
    left = found(check.id, load("\n---\n".join(json.dumps(each) for each in mended)))
    assert len(left) == len(findings) - len(patches)


def test_a_field_is_quoted_by_its_line_also_deep_inside() -> None:
    text = """
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations:
    container.apparmor.security.beta.kubernetes.io/main: unconfined
    other: x
spec:
  containers:
  - name: main
    image: a
    livenessProbe:
      httpGet:
        port: 80
        host: b
"""
    snapshot = load_text(text)
    context = context_of(snapshot)
    assert [each.source for each in found("pss-app-armor-profile", context)] == ["<stdin>:7"]
    (probe,) = found("pss-host-probes-and-host-lifecycle", context)
    assert probe.source == "<stdin>:16"
    (manifest,) = probe.fix.manifests
    assert manifest == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "namespace": "default"},
        "spec": {"containers": [{"name": "main", "livenessProbe": {"httpGet": {"host": None}}}]},
    }


ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers:
      - {name: main, image: a, ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 81}]}
"""


def test_the_patch_of_a_custom_resource_leaves_its_api_version_out() -> None:
    (finding,) = found("pss-host-ports", load(ROLLOUT))
    (patch,) = finding.fix.manifests
    ports = [{"containerPort": each, "protocol": "TCP", "hostPort": None} for each in (80, 81)]
    assert patch == {
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"template": {"spec": {"containers": [{"name": "main", "ports": ports}]}}},
    }


POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web-1-a
  namespace: shop
  uid: u
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: r, controller: true}]
spec:
  containers: [{name: main, image: a}]
  ephemeralContainers: [{name: debug, image: a, securityContext: {privileged: true}}]
status: {phase: Running}
"""


def test_of_what_only_a_live_pod_has_no_patch_of_its_workload_can_be_given() -> None:
    (finding,) = found("pss-privileged", load(POD))
    assert str(finding.object) == "ReplicaSet shop/web-1"
    assert finding.evidence[0].endswith("container debug is privileged (live pod web-1-a)")
    assert finding.fix.manifests == ()


def test_no_patch_adds_to_containers_that_were_put_into_a_running_pod() -> None:
    alone = re.sub("  ownerReferences.*\n", "", POD)
    (finding,) = found("pss-privileged", load(alone))
    assert (str(finding.object), finding.fix.manifests) == ("Pod shop/web-1-a", ())
    assert "(live pod" not in finding.evidence[0]


LIVE = """
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-1, namespace: shop, uid: r}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {hostPID: true, containers: [{name: main, image: a}]}
"""
CLEAN = re.sub("  ephemeralContainers.*\n", "", POD)
NAMESPACE = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}
"""


def test_what_the_live_pods_do_not_have_is_less_certain() -> None:
    context = load(f"{LIVE}---{CLEAN}---{NAMESPACE}")
    (finding,) = found("pss-host-namespaces", context)
    assert finding.confidence is Confidence.MEDIUM
    assert finding.evidence[0].endswith("(template; the live pods do not have it)")
    (refused,) = found("namespace-pss-violated", context)
    assert refused.confidence is Confidence.MEDIUM


def test_the_version_that_is_asked_about_decides() -> None:
    snapshot = load_text((FIXTURES / "pss-run-as-user" / "good.yaml").read_text())
    assert found("pss-run-as-user", judged(snapshot)) == []
    assert len(found("pss-run-as-user", judged(snapshot, Version(34)))) == 1
    assert len(found("pss-run-as-user", judged(snapshot, LATEST, "v1.34.2"))) == 1
    assert found("pss-run-as-user", judged(snapshot, Version(22))) == []


def test_labels_of_a_namespace_keep_what_else_is_on_it() -> None:
    text = """
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {team: a}
  annotations: {owner: b, kubectl.kubernetes.io/last-applied-configuration: "{}"}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {containers: [{name: main, image: a}]}
"""
    (finding,) = found("namespace-pss-missing", load(text))
    assert "meets the level baseline" in finding.evidence[0]
    (manifest,) = finding.fix.manifests
    assert manifest["metadata"] == {
        "name": "shop",
        "labels": {"team": "a", "pod-security.kubernetes.io/enforce": "baseline"},
        "annotations": {"owner": "b"},
    }


def test_a_namespace_that_violates_the_baseline_is_first_warned() -> None:
    findings = {
        each.object.name: each for each in found("namespace-pss-missing", fixture("namespace-pss-missing", "bad"))
    }
    labels = findings["data"].fix.manifests[0]["metadata"]["labels"]  # type: ignore[index]
    assert labels == {"pod-security.kubernetes.io/warn": "baseline", "pod-security.kubernetes.io/audit": "baseline"}
    assert findings["data"].evidence == ("1 workload of 1 in it violate the level baseline",)
    assert findings["kube-system"].evidence == ("everything in it meets the level restricted",)


def test_a_weak_label_is_told_with_less_confidence_where_objects_could_not_be_read() -> None:
    text = (FIXTURES / "namespace-pss-weak" / "bad.yaml").read_text()
    broken = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: many}\n"
    assert {each.confidence for each in found("namespace-pss-weak", load(text))} == {Confidence.HIGH}
    partial = context_of(load_text(text + broken))
    assert {each.confidence for each in found("namespace-pss-weak", partial)} == {Confidence.MEDIUM}


def test_a_label_that_cannot_be_read_is_told() -> None:
    odd, shop = (each.message for each in found("namespace-pss-violated", fixture("namespace-pss-violated", "bad")))
    refused = "which refuses new pods of 1 workload in it"
    assert odd == (
        f"namespace odd enforces restricted:latest (a label of it cannot be read), {refused}: Deployment odd/web"
    )
    assert shop == f"namespace shop enforces baseline:latest, {refused}: Deployment shop/logs"
