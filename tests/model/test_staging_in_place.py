"""Policies in a form that decides nothing under their own kind and name."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.rollout import Manifest
from firedoor.model.rollout_contents import ref_of
from firedoor.model.staging import staged_form, unobservable
from firedoor.model.staging_in_place import (
    asks_of_requests,
    is_staged_in_place,
    left_out,
    staged_in_place,
    why_not_taken,
)


def of(version: str, kind: str, **spec: Any) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "labels": {"x": "y"}}, "spec": spec}


CLUSTER = "policy.networking.k8s.io/v1alpha2"
ALL: Manifest = {"namespaces": {}}
HTTP: Manifest = {"toPorts": [{"ports": [{"port": "80"}], "rules": {"http": [{"method": "GET"}]}}]}
PLAIN: Manifest = {"fromEndpoints": [{}], "toPorts": [{"ports": [{"port": "80"}]}]}


def cilium(**spec: Any) -> Manifest:
    return of("cilium.io/v2", "CiliumNetworkPolicy", endpointSelector={}, **spec)


def staged_spec(manifest: Manifest) -> Any:
    found = staged_in_place(manifest)
    assert found is not None
    assert {key: each for key, each in found.items() if key not in {"spec", "specs"}} == {
        key: each for key, each in manifest.items() if key not in {"spec", "specs"}
    }
    return found["spec"]


@pytest.mark.parametrize(
    ("version", "kind", "allow"),
    [
        (CLUSTER, "ClusterNetworkPolicy", "Accept"),
        ("policy.networking.k8s.io/v1beta1", "ClusterNetworkPolicy", "Accept"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", "Allow"),
    ],
)
def test_every_rule_of_a_cluster_wide_policy_passes(version: str, kind: str, allow: str) -> None:
    manifest = of(
        version,
        kind,
        tier="Baseline",
        priority=7,
        subject=ALL,
        ingress=[{"name": "x", "action": "Deny", "from": [ALL]}],
        egress=[{"action": allow, "to": [ALL]}, {"action": allow, "to": [{"domainNames": ["a.example"]}]}],
    )
    assert staged_spec(manifest) == {
        "tier": "Baseline",
        "priority": 7,
        "subject": ALL,
        "ingress": [{"name": "x", "action": "Pass", "from": [ALL]}],
        "egress": [{"action": "Pass", "to": [ALL]}],
    }
    assert left_out(manifest) == ("rules about domain names",)
    assert left_out(of(version, kind, subject=ALL)) == ()
    assert (list(unobservable([manifest])), is_staged_in_place(ref_of(manifest))) == ([], True)


def test_what_passes_all_already_has_no_other_form() -> None:
    assert staged_form(of(CLUSTER, "ClusterNetworkPolicy", ingress=[{"action": "Pass", "from": [ALL]}])) is None


def test_a_policy_of_cilium_neither_isolates_nor_denies_nor_asks() -> None:
    manifest = cilium(
        ingress=[PLAIN, HTTP, {"fromEndpoints": [{}], "authentication": {"mode": "required"}}],
        egressDeny=[{"toEntities": ["world"]}],
        enableDefaultDeny={"egress": True},
    )
    assert staged_spec(manifest) == {
        "endpointSelector": {},
        "ingress": [PLAIN],
        "egress": [{}],
        "enableDefaultDeny": {"ingress": False, "egress": False},
    }
    assert left_out(manifest) == ("deny rules", "rules that ask more than peers and ports")
    assert left_out(cilium(ingress=[PLAIN])) == ()


def test_what_cilium_would_refuse_without_rules_has_one_that_matches_nothing() -> None:
    assert staged_spec(cilium(ingress=[HTTP]))["ingress"] == [{}]
    assert "egress" not in staged_spec(cilium(ingress=[{}], egress=[]))


def test_each_of_the_specs_of_cilium_is_without_effect() -> None:
    manifest = {**cilium(), "specs": [{"endpointSelector": {}, "ingress": [PLAIN]}]}
    del manifest["spec"]
    found = staged_in_place(manifest)
    assert found is not None
    assert "spec" not in found
    assert found["specs"][0]["enableDefaultDeny"] == {"ingress": False, "egress": False}


def test_what_asks_of_requests_is_known() -> None:
    assert asks_of_requests({"ingress": [HTTP]})
    assert asks_of_requests(None, [{"egress": [HTTP]}])
    assert not asks_of_requests({"ingress": [PLAIN]})


@pytest.mark.parametrize("action", [{}, {"action": "ALLOW"}, {"action": "DENY"}])
def test_istio_runs_what_allows_or_denies_dry(action: Manifest) -> None:
    manifest = of("security.istio.io/v1", "AuthorizationPolicy", **action)
    manifest["metadata"]["annotations"] = {"a": "b"}
    found = staged_form(manifest)
    assert found == {
        **manifest,
        "metadata": {**manifest["metadata"], "annotations": {"a": "b", "istio.io/dry-run": "true"}},
    }
    assert staged_form(found) is None
    assert left_out(manifest) == ()


@pytest.mark.parametrize(
    ("manifest", "word"),
    [
        (of("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", subject=ALL), "Pass"),
        (of("security.istio.io/v1", "AuthorizationPolicy", action="CUSTOM"), "istio.io/dry-run"),
        (of("security.istio.io/v1", "AuthorizationPolicy", action="AUDIT"), "istio.io/dry-run"),
        (of("security.istio.io/v1", "PeerAuthentication"), "istio.io/dry-run"),
        (of("crd.projectcalico.org/v1", "NetworkPolicy"), "stores"),
    ],
)
def test_what_has_no_such_form_is_told_with_the_reason(manifest: Manifest, word: str) -> None:
    assert staged_form(manifest) is None
    ((ref, reason, remedy),) = unobservable([manifest])
    assert (ref, word in reason, bool(remedy)) == (ref_of(manifest), True, True)


@pytest.mark.parametrize(
    ("conditions", "why"),
    [
        ([{"type": "Valid", "status": "False", "message": "no rules"}], "Valid is False: no rules"),
        ([{"type": "Ready-In-Zone-a", "status": "False", "reason": "Failed"}], "Ready-In-Zone-a is False: Failed"),
        ([{"type": "Valid", "status": "False"}], "Valid is False: no reason is told"),
        ([{"type": "Valid", "status": "True"}, {"type": "Other", "status": "False"}], ""),
        (None, ""),
    ],
)
def test_what_a_plugin_has_not_taken_is_known_by_its_status(conditions: Any, why: str) -> None:
    assert why_not_taken({"status": {"conditions": conditions}}) == why
    assert why_not_taken(None) == ""
