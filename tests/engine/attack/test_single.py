from __future__ import annotations

import pytest
from tests.engine.attack.cluster import (
    ADMIN,
    Document,
    ask,
    attack,
    changes,
    deployment,
    leads,
    may,
    namespace,
    node,
    plain,
    pod,
    rule,
    shut,
    world,
)

EVE = "user:eve"
GROUND: tuple[Document, ...] = (
    pod("shop/a", nodeName="one", serviceAccountName="api"),
    pod("shop/b", nodeName="two"),
    pod("far/c", nodeName="one"),
    deployment("shop/d"),
    node("one"),
    node("two"),
    shut("shop"),
    shut("far"),
)
MAIN = {"name": "main", "image": "registry.example/x:1"}
SHOP = {"shop/a", "shop/b", "shop/d"}
OWN = {"serviceaccount:shop/api", "serviceaccount:shop/default"}
FAR = {"serviceaccount:far/default"}
NODES = {"node:one", "node:two", "some node"}


def gives(
    *rules: Document, where: str = "", version: str = "", possible: bool = False, more: tuple[Document, ...] = ()
) -> dict[str, set[str]]:
    """Return what rules lead their holder to, by technique."""
    found = attack(*GROUND, *more, *may(EVE, *rules, where=where), version=version, possible=possible)
    return leads(found, EVE)


@pytest.mark.parametrize(
    ("technique", "verbs", "resource"),
    [
        ("exec", "create", "pods/exec"),
        ("exec", "get", "pods/exec"),
        ("attach", "create", "pods/attach"),
        ("attach", "get", "pods/attach"),
        ("port-forward", "create", "pods/portforward"),
        ("port-forward", "get", "pods/portforward"),
        ("pod-proxy", "get", "pods/proxy"),
        ("pod-proxy", "delete", "pods/proxy"),
        ("ephemeral-container", "patch", "pods/ephemeralcontainers"),
        ("change-pods", "update", "pods"),
    ],
)
def test_rights_on_pods_lead_into_them(technique: str, verbs: str, resource: str) -> None:
    assert gives(rule(verbs, resource)) == {technique: {*SHOP, "far/c"}}
    assert gives(rule(verbs, resource), where="shop") == {technique: SHOP}
    assert gives(rule(verbs, resource), where="empty") == {}
    # Pods of a template have names that nobody knows.
    assert gives(rule(verbs, resource, names="a c d")) == {technique: {"shop/a", "far/c"}}
    assert gives(rule(verbs, resource, names="a c"), where="far") == {technique: {"far/c"}}
    assert gives(rule(verbs, resource, names="gone")) == {}


@pytest.mark.parametrize("subresource", ["exec", "attach", "portforward"])
@pytest.mark.parametrize(
    ("version", "is_enough"), [("", True), ("v1.34.9", True), ("v1.35.0", False), ("v1.36.1-eks-1", False)]
)
def test_get_is_enough_before_1_35(subresource: str, version: str, is_enough: bool) -> None:
    assert bool(gives(rule("get", f"pods/{subresource}"), version=version)) is is_enough
    assert gives(rule("create", f"pods/{subresource}"), version=version) != {}


def test_get_is_enough_for_the_proxy_of_pods_in_every_version() -> None:
    assert gives(rule("get", "pods/proxy"), version="v1.35.0") == {"pod-proxy": {*SHOP, "far/c"}}


@pytest.mark.parametrize("verb", ["get", "create"])
def test_the_proxy_of_nodes_leads_into_the_pods_there(verb: str) -> None:
    assert gives(rule(verb, "nodes/proxy")) == {"kubelet": {*SHOP, "far/c"}}
    assert gives(rule(verb, "nodes/proxy", names="one three")) == {"kubelet": {"shop/a", "far/c"}}
    assert gives(rule(verb, "nodes/proxy", names="three")) == {}
    assert gives(rule(verb, "nodes/proxy"), where="shop") == {}


def test_the_proxy_of_nodes_is_one_means_for_all_who_have_it() -> None:
    others = may("user:adam", rule("get", "nodes/proxy", names="one"), name="other")
    found = attack(*GROUND, *may(EVE, rule("get", "nodes/proxy", names="one")), *others)
    assert leads(found, "user:adam") == leads(found, EVE) == {"kubelet": {"shop/a", "far/c"}}


def test_who_creates_pods_gets_service_accounts_and_nodes() -> None:
    assert gives(rule("create", "pods")) == {"create-pods": OWN | FAR, "privileged-pod": NODES}
    assert gives(rule("create", "pods"), where="shop") == {"create-pods": OWN, "privileged-pod": NODES}
    assert gives(rule("create", "pods", names="a")) == {}


@pytest.mark.parametrize("enforce", ["baseline", "restricted", "nonsense"])
def test_a_namespace_may_keep_privileged_pods_out(enforce: str) -> None:
    guard = (namespace("shop", enforce),)
    assert gives(rule("create", "pods"), where="shop", more=guard) == {"create-pods": OWN}
    assert gives(rule("create", "pods"), more=guard)["privileged-pod"] == NODES
    both = (*guard, namespace("far", enforce))
    assert "privileged-pod" not in gives(rule("create", "pods"), more=both)
    assert gives(rule("create", "pods"), where="shop", more=(namespace("shop", "privileged"),))["privileged-pod"]


def test_other_pod_security_labels_keep_nobody_out() -> None:
    warned = {
        **namespace("shop"),
        "metadata": {"name": "shop", "labels": {"pod-security.kubernetes.io/warn": "baseline"}},
    }
    assert gives(rule("create", "pods"), where="shop", more=(warned,))["privileged-pod"] == NODES


def test_a_pod_security_standard_stops_a_privileged_pod() -> None:
    snapshot = world(*GROUND, *may(EVE, rule("create", "pods"), where="shop"))
    (step,) = ask(snapshot, EVE, "node:one", bound=1).paths[0].steps
    assert [changes(each) for each in step.changes] == [["binding shop/it"], ["pod-security shop"]]
    wide = ask(world(*GROUND, *may(EVE, rule("create", "pods"))), EVE, "node:one", bound=1).paths[0].steps
    assert [changes(each) for each in wide[0].changes] == [["binding it"]]


@pytest.mark.parametrize(
    ("resource", "group"),
    [
        ("deployments", "apps"),
        ("daemonsets", "apps"),
        ("statefulsets", "apps"),
        ("replicasets", "apps"),
        ("jobs", "batch"),
        ("cronjobs", "batch"),
        ("replicationcontrollers", ""),
    ],
)
def test_who_creates_workloads_gets_what_their_pods_get(resource: str, group: str) -> None:
    assert gives(rule("create", resource, group), where="shop") == {"write-workloads": OWN, "privileged-pod": NODES}
    assert gives(rule("create", resource, group, "d"), where="shop") == {}


@pytest.mark.parametrize("verb", ["update", "patch"])
def test_who_changes_workloads_needs_one(verb: str) -> None:
    shop = {"write-workloads": OWN, "privileged-pod": NODES}
    assert gives(rule(verb, "deployments", "apps")) == shop
    assert gives(rule(verb, "deployments", "apps"), where="shop") == shop
    assert gives(rule(verb, "deployments", "apps"), where="far") == {}
    assert gives(rule(verb, "statefulsets", "apps"), where="shop") == {}
    assert gives(rule(verb, "deployments", "apps", "d other"), where="shop") == shop
    assert gives(rule(verb, "deployments", "apps", "other")) == {}


def test_the_template_of_a_job_cannot_be_changed() -> None:
    metadata = {"metadata": {"labels": {"app": "job"}}, "spec": {"containers": [MAIN], "restartPolicy": "Never"}}
    job = plain("Job", "shop/j", "batch/v1", spec={"template": metadata})
    outer = plain("CronJob", "shop/c", "batch/v1", spec={"schedule": "0 0 * * *", "jobTemplate": {"spec": job["spec"]}})
    assert gives(rule("update patch", "jobs", "batch"), more=(job, outer)) == {}
    assert gives(rule("patch", "cronjobs", "batch"), more=(job, outer)) == {
        "write-workloads": OWN,
        "privileged-pod": NODES,
    }


def test_tokens_are_asked_for() -> None:
    assert gives(rule("create", "serviceaccounts/token")) == {"create-token": OWN | FAR}
    assert gives(rule("create", "serviceaccounts/token", names="default")) == {
        "create-token": {"serviceaccount:shop/default", *FAR}
    }
    assert gives(rule("create", "serviceaccounts/token", names="api"), where="far") == {}
    assert gives(rule("create", "serviceaccounts/token"), where="empty") == {}


@pytest.mark.parametrize("verb", ["get", "list", "watch"])
def test_secrets_are_read(verb: str) -> None:
    assert gives(rule(verb, "secrets")) == {"read-secrets": {"secrets", "secrets:shop", "secrets:far"}}
    assert gives(rule(verb, "secrets"), where="shop") == {"read-secrets": {"secrets:shop"}}
    assert gives(rule(verb, "secrets", names="one")) == {}


@pytest.mark.parametrize(
    ("version", "possible", "technique"),
    [
        ("v1.23.0", False, "legacy-token"),
        ("v1.24.0", False, ""),
        ("v1.24.0", True, "possibly legacy-token"),
        ("", False, ""),
        ("", True, "possibly legacy-token"),
    ],
)
def test_secrets_hold_tokens_before_1_24(version: str, possible: bool, technique: str) -> None:
    def legacy(given: Document, where: str = "") -> dict[str, set[str]]:
        found = gives(given, where=where, version=version, possible=possible)
        return {name: some for name, some in found.items() if "legacy" in name}

    assert legacy(rule("get", "secrets")) == ({technique: OWN | FAR} if technique else {})
    assert legacy(rule("get", "secrets"), "shop") == ({technique: OWN} if technique else {})
    one = rule("get", "secrets", names="api-token-x1z other")
    assert legacy(one) == ({technique: {"serviceaccount:shop/api"}} if technique else {})
    assert legacy(one, "far") == {}
    assert legacy(rule("get", "secrets", names="api")) == {}


def test_service_accounts_are_impersonated() -> None:
    assert gives(rule("impersonate", "serviceaccounts")) == {"impersonate": OWN | FAR}
    assert gives(rule("impersonate", "serviceaccounts", names="api")) == {"impersonate": {"serviceaccount:shop/api"}}
    assert gives(rule("impersonate", "serviceaccounts"), where="far") == {"impersonate": FAR}


@pytest.mark.parametrize("verb", ["create", "update", "patch"])
def test_webhooks_that_mutate_lead_to_everything(verb: str) -> None:
    group = "admissionregistration.k8s.io"
    assert gives(rule(verb, "mutatingwebhookconfigurations", group)) == {"webhook": {"cluster-admin"}}
    assert gives(rule(verb, "mutatingwebhookconfigurations", group), where="shop") == {}
    assert gives(rule(verb, "validatingwebhookconfigurations", group)) == {}
    named = gives(rule(verb, "mutatingwebhookconfigurations", group, "one"))
    assert named == ({} if verb == "create" else {"webhook": {"cluster-admin"}})


def test_who_may_do_everything_holds_everything() -> None:
    assert gives(ADMIN) == {"holds-everything": {"cluster-admin"}}
    assert gives(ADMIN, where="shop") == {"holds-everything": {"namespace:shop"}}
    assert gives({**ADMIN, "verbs": ["get"]}).keys() == {
        "exec",
        "attach",
        "port-forward",
        "pod-proxy",
        "kubelet",
        "read-secrets",
    }


def test_rights_that_lead_nowhere_alone_open_nothing() -> None:
    rules = (rule("create", "persistentvolumes persistentvolumeclaims"), rule("patch", "namespaces"))
    assert gives(*rules) == {}


def test_accounts_that_only_an_object_tells_of_are_there() -> None:
    account = plain("ServiceAccount", "empty/robot")
    assert gives(rule("create", "pods"), where="empty", more=(account,)) == {
        "create-pods": {"serviceaccount:empty/robot"},
        "privileged-pod": NODES,
    }
