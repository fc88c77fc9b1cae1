"""Probe pods that admission changes or refuses."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from firedoor.adapters.cluster.probes import open_prober
from firedoor.interfaces import Silent
from tests.lab.api import Api, until
from tests.lab.probing import CONTAINER, SHORT, left, objects, site

SIDECAR = (
    '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{name: "helper", image: "i"}}]'
)
LABEL = '[JSONPatch{op: "add", path: "/metadata/labels/team", value: "x"}]'


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        (SIDECAR, "an admission webhook put helper into the probe pod"),
        (LABEL, "an admission webhook changed labels of the probe pod, by which policies choose: team"),
    ],
)
def test_a_pod_that_is_not_what_was_asked_for_is_not_used(
    api: Api, kubeconfig: Path, make: Callable[..., str], expression: str, fault: str
) -> None:
    namespace = make()
    path = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    policy = {
        "matchConstraints": {"resourceRules": [rule], "namespaceSelector": here},
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": expression}}],
        "reinvocationPolicy": "Never",
        "failurePolicy": "Fail",
    }
    created = {"metadata": {"name": namespace}, "spec": policy, "kind": "MutatingAdmissionPolicy"}
    binding = {"metadata": {"name": namespace}, "spec": {"policyName": namespace}}
    kind = {"kind": "MutatingAdmissionPolicyBinding"}
    version = {"apiVersion": "admissionregistration.k8s.io/v1"}
    status, content, _ = api.send("POST", path, created | version)
    assert status == HTTPStatus.CREATED, content
    assert api.send("POST", path.replace("policies", "policybindings"), binding | kind | version)[0] == 201

    def is_active() -> bool:
        pod = {
            "metadata": {"name": "p", "namespace": namespace, "labels": {"a": "b"}},
            "spec": {"containers": [CONTAINER]},
        }
        _, made, _ = api.judged({"apiVersion": "v1", "kind": "Pod", **pod})
        return "team" in made["metadata"]["labels"] or len(made["spec"]["containers"]) > 1

    try:
        until(is_active, "the policy works")
        with open_prober(str(kubeconfig), None, SHORT) as prober:
            (told,) = prober.prepare([site(namespace)], Silent()).values()
        assert told.startswith(fault)
    finally:
        api.delete(f"{path.replace('policies', 'policybindings')}/{namespace}")
        api.delete(f"{path}/{namespace}")
    assert left(api, namespace) == []


def test_where_openshift_chooses_the_user_the_pod_names_none(
    api: Api, kubeconfig: Path, make: Callable[..., str]
) -> None:
    namespace = make()
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    validation = {
        "expression": "object.spec.containers.all(c, !has(c.securityContext) || !has(c.securityContext.runAsUser))",
        "message": "unable to validate against any security context constraint: runAsUser: Invalid value: 65534",
    }
    policy = {
        "matchConstraints": {"resourceRules": [rule], "namespaceSelector": here},
        "validations": [validation],
    }
    version = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": namespace}}
    status, content, _ = api.send("POST", path, {"kind": "ValidatingAdmissionPolicy", "spec": policy} | version)
    assert status == HTTPStatus.CREATED, content
    binding = {
        "kind": "ValidatingAdmissionPolicyBinding",
        "spec": {"policyName": namespace, "validationActions": ["Deny"]},
    }
    assert api.send("POST", path.replace("policies", "policybindings"), binding | version)[0] == HTTPStatus.CREATED

    def is_active() -> bool:
        container = CONTAINER | {"securityContext": {"runAsUser": 65534}}
        pod = {"metadata": {"name": "p", "namespace": namespace}, "spec": {"containers": [container]}}
        return api.judged({"apiVersion": "v1", "kind": "Pod", **pod})[0] != HTTPStatus.CREATED

    try:
        until(is_active, "the policy works")
        with open_prober(str(kubeconfig), None, SHORT) as prober:
            (told,) = prober.prepare([site(namespace)], Silent()).values()
            assert "did not start" in told
            (made,) = objects(api, "pods", namespace)
            (container,) = made["spec"]["containers"]
            assert "runAsUser" not in container["securityContext"]
            assert container["securityContext"]["runAsNonRoot"] is True
    finally:
        api.delete(f"{path.replace('policies', 'policybindings')}/{namespace}")
        api.delete(f"{path}/{namespace}")
