"""Which pods a Calico policy applies to, and what no policy can forbid, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.calico_samples import account, gnp, np, rule, verdict
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Direction, Verdict
from tests.reference.samples import (
    OUTSIDE,
    host_pod,
    namespace_object,
    node,
    pod,
    workload,
)

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
ALLOW, DENY = rule("Allow"), rule("Deny")

WEB, DB = pod("web", labels={"app": "web"}), pod("db", labels={"app": "db"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]


def asked(*objects: Manifest) -> Verdict:
    """Return whether a stranger reaches the pod ``db``."""
    return verdict([*PODS, *objects], OUTSIDE, "default/db")


def test_a_namespaced_policy_selects_pods_of_its_namespace_and_a_global_one_of_all() -> None:
    for cluster, expected in (([*PODS, np(namespace="other")], ACCEPTED), ([*PODS, gnp()], DENIED)):
        assert verdict(cluster, OUTSIDE, "default/web") is expected
        assert verdict(cluster, OUTSIDE, "other/web") is DENIED


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app == 'db'", DENIED),
        ("app == 'web'", ACCEPTED),
        ("projectcalico.org/namespace == 'default'", DENIED),
        ("projectcalico.org/namespace == 'other'", ACCEPTED),
        ("projectcalico.org/orchestrator == 'k8s'", DENIED),
        ("projectcalico.org/serviceaccount == 'default'", DENIED),
        ("has(team)", ACCEPTED),
        ("kubernetes.io/metadata.name == 'default'", ACCEPTED),
    ],
)
def test_a_policy_selects_by_the_labels_of_pods_and_those_that_calico_adds(selector: str, expected: Verdict) -> None:
    assert asked(gnp(selector=selector), namespace_object("default", team="red")) is expected


def test_a_pod_cannot_call_itself_a_pod_of_another_namespace_or_account() -> None:
    liar = pod("liar", labels={"projectcalico.org/namespace": "other", "projectcalico.org/serviceaccount": "root"})
    for label, value in (("namespace", "other"), ("serviceaccount", "root")):
        cluster = [liar, gnp(selector=f"projectcalico.org/{label} == '{value}'")]
        assert verdict(cluster, OUTSIDE, "default/liar") is ACCEPTED


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("all()", DENIED),
        ("team == 'red'", DENIED),
        ("team != 'red'", ACCEPTED),
        ("projectcalico.org/name == 'default'", DENIED),
        ("kubernetes.io/metadata.name == 'default'", DENIED),
        ("app == 'db'", ACCEPTED),
    ],
)
def test_a_global_policy_selects_by_the_labels_of_namespaces(selector: str, expected: Verdict) -> None:
    assert asked(gnp(namespaceSelector=selector), namespace_object("default", team="red")) is expected
    assert asked(gnp(namespaceSelector=selector, selector="app == 'web'")) is ACCEPTED


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("all()", DENIED),
        ("team == 'red'", DENIED),
        ("projectcalico.org/name == 'robot'", DENIED),
        ("projectcalico.org/name == 'default'", ACCEPTED),
        ("!has(team)", ACCEPTED),
    ],
)
@pytest.mark.parametrize("field", ["serviceAccountName", "serviceAccount"])
@pytest.mark.parametrize("make", [np, gnp])
def test_a_policy_selects_by_the_labels_of_service_accounts(
    selector: str, expected: Verdict, field: str, make: Any
) -> None:
    robot = pod("robot", **{field: "robot"})
    cluster = [robot, account("robot", team="red"), account("robot", "other"), make(serviceAccountSelector=selector)]
    assert verdict(cluster, OUTSIDE, "default/robot") is expected


@pytest.mark.parametrize(
    ("kind", "version", "name"),
    [
        ("Deployment", "apps/v1", "app"),
        ("StatefulSet", "apps/v1", "app-0"),
        ("DaemonSet", "apps/v1", "app"),
        ("Job", "batch/v1", "app"),
    ],
)
def test_the_pods_of_a_template_run_as_the_account_it_names(kind: str, version: str, name: str) -> None:
    template = workload(kind, version)
    template["spec"]["template"]["spec"]["serviceAccountName"] = "robot"
    cluster = [template, gnp(serviceAccountSelector="projectcalico.org/name == 'robot'")]
    assert verdict(cluster, OUTSIDE, f"default/{name}") is DENIED


def test_the_pods_of_a_cron_job_run_as_the_account_its_inner_template_names() -> None:
    spec = {"template": {"spec": {"containers": [{"name": "main"}], "serviceAccountName": "robot"}}}
    cron: Manifest = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "app"}}
    cluster = [
        cron | {"spec": {"jobTemplate": {"spec": spec}}},
        gnp(selector="projectcalico.org/serviceaccount == 'robot'"),
    ]
    assert verdict(cluster, OUTSIDE, "default/app") is DENIED


def test_a_pod_on_the_host_network_is_never_a_subject() -> None:
    cluster = [host_pod("agent"), WEB, gnp(types=["Ingress", "Egress"])]
    assert verdict(cluster, OUTSIDE, "default/agent") is ACCEPTED
    assert verdict(cluster, "default/agent", OUTSIDE) is ACCEPTED
    assert verdict(cluster, "default/agent", "default/web", direction=Direction.EGRESS) is ACCEPTED


def test_a_pod_always_reaches_itself_and_its_node_always_reaches_it() -> None:
    at_home = pod("db", nodeName="node-1")
    cluster = [at_home, node("node-1", "192.0.2.1"), node("node-2", "192.0.2.2"), gnp(types=["Ingress", "Egress"])]
    assert verdict(cluster, "default/db", "default/db") is ACCEPTED
    assert verdict(cluster, "192.0.2.1", "default/db") is ACCEPTED
    assert verdict(cluster, "192.0.2.2", "default/db") is DENIED
    assert verdict(cluster, "default/db", "192.0.2.1") is DENIED


def test_whether_a_source_is_on_the_node_of_an_unplaced_pod_matters_only_where_policies_deny() -> None:
    cluster = [pod("db"), node("node-1", "192.0.2.1")]
    assert verdict([*cluster, gnp(ingress=[DENY])], "192.0.2.1", "default/db") is UNKNOWN
    assert verdict([*cluster, gnp(ingress=[ALLOW])], "192.0.2.1", "default/db") is ACCEPTED


def test_nothing_is_denied_where_policies_are_not_enforced() -> None:
    cluster = [*PODS, gnp(types=["Ingress", "Egress"])]
    assert verdict(cluster, OUTSIDE, "default/db", enforced=False) is ACCEPTED


def test_an_external_end_is_not_restricted_on_its_side() -> None:
    assert verdict([*PODS, gnp()], OUTSIDE, "192.0.2.1") is ACCEPTED
