"""Probe pods on a real API server with its controllers, without a node: they are made and judged, and do not start."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from firedoor.adapters.cluster.probes import ProbeSettings, open_prober
from firedoor.interfaces import Silent
from firedoor.model.probing import Outcome, Probe
from tests.lab.api import Api, Manifest, until
from tests.lab.long_runs import long_run
from tests.lab.probing import CONTAINER, SHORT, left, objects, site


def test_pods_are_made_in_namespaces_with_restrictions_and_quotas_and_nothing_is_left(
    api: Api, kubeconfig: Path, make: Callable[..., str]
) -> None:
    namespace = make(**{"pod-security.kubernetes.io/enforce": "restricted"})
    hard = {"requests.cpu": "1", "limits.cpu": "1", "requests.memory": "1Gi", "limits.memory": "1Gi"}
    status, content, _ = api.send(
        "POST",
        f"/api/v1/namespaces/{namespace}/resourcequotas",
        {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q"}, "spec": {"hard": hard}},
    )
    assert status == HTTPStatus.CREATED, content
    quota = f"/api/v1/namespaces/{namespace}/resourcequotas/q"
    until(lambda: "hard" in api.send("GET", quota)[1].get("status", {}), "the quota is counted")
    sites = [site(namespace, str(number)) for number in range(3)] + [
        site(namespace, "host", host_network=True),
        site(namespace, "ghost", account="nobody"),
    ]
    with open_prober(str(kubeconfig), None, SHORT) as prober:
        faults = prober.prepare(sites, Silent())
        late = [each for each, fault in faults.items() if "did not start within 0.5 s" in fault]
        over = [each for each, fault in faults.items() if "exceeded quota" in fault]
        assert (len(late), len(over)) == (2, 1), faults
        assert {*late, *over} == {0, 1, 2}
        assert "violates PodSecurity" in faults[3]
        assert 'serviceaccount "nobody" not found' in faults[4]
        assert len(objects(api, "pods", namespace)) == 2
        (seen,) = prober.run([Probe(late[0], 3, "TCP", 80)])
        assert (seen.outcome, seen.detail) == (Outcome.CHECK_FAILED, faults[late[0]])
    assert left(api, namespace) == []


def test_a_namespace_that_is_not_there_is_told_and_others_are_probed(
    kubeconfig: Path, make: Callable[..., str]
) -> None:
    with open_prober(str(kubeconfig), None, SHORT) as prober:
        faults = prober.prepare([site("probes-nowhere"), site(make())], Silent())
    assert faults[0] == 'namespaces "probes-nowhere" not found'
    assert "did not start" in faults[1]


def test_a_service_that_leads_to_pods_that_are_not_ready_is_in_the_way(
    api: Api, kubeconfig: Path, make: Callable[..., str]
) -> None:
    namespace = make()
    spec = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": {"app": "db"}, "ports": [{"port": 1}]}
    api.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": namespace}, "spec": spec})
    with open_prober(str(kubeconfig), None, SHORT) as prober:
        faults = prober.prepare([site(namespace, "db"), site(namespace, "web")], Silent())
        assert f"Service {namespace}/s leads to pods that are not ready too" in faults[0]
        assert "did not start" in faults[1]
        assert len(objects(api, "pods", namespace)) == 1


def replica_set(namespace: str) -> tuple[str, Manifest]:
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}}
    return f"/apis/apps/v1/namespaces/{namespace}/replicasets", {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "spec": spec,
    }


def stateful_set(namespace: str) -> tuple[str, Manifest]:
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "serviceName": "web"}
    return f"/apis/apps/v1/namespaces/{namespace}/statefulsets", {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "spec": spec,
    }


def controller(namespace: str) -> tuple[str, Manifest]:
    spec = {"replicas": 1, "selector": {"app": "web"}}
    return f"/api/v1/namespaces/{namespace}/replicationcontrollers", {
        "apiVersion": "v1",
        "kind": "ReplicationController",
        "spec": spec,
    }


def is_orphan(pod: Manifest | None) -> bool:
    return pod is not None and "ownerReferences" not in pod["metadata"]


@pytest.mark.parametrize(
    "kind", [replica_set, pytest.param(stateful_set, marks=long_run), pytest.param(controller, marks=long_run)]
)
def test_a_probe_pod_is_neither_adopted_nor_deleted(
    api: Api, kubeconfig: Path, make: Callable[..., str], kind: Callable[[str], tuple[str, Manifest]]
) -> None:
    namespace = make()
    path, manifest = kind(namespace)
    manifest["metadata"] = {"name": "web"}
    manifest["spec"]["template"] = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [CONTAINER]}}
    status, content, _ = api.send("POST", path, manifest)
    assert status == HTTPStatus.CREATED, content

    def pods() -> dict[str, Manifest]:
        found = objects(api, "pods", namespace, "app%3Dweb")
        return {each["metadata"]["name"]: each for each in found if not each["metadata"].get("deletionTimestamp")}

    until(lambda: len(pods()) == 1, "the pod of the controller")
    (own,) = pods()
    with open_prober(str(kubeconfig), None, ProbeSettings(ready_timeout=3)) as prober:
        faults = prober.prepare([site(namespace)], Silent())
        assert "did not start" in faults[0]
        now = pods()
        assert len(now) == 2
        (owner,) = now[next(each for each in now if each != own)]["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["name"][:15]) == ("Deployment", "firedoor-probe-")
        until(lambda: api.send("GET", f"{path}/web")[1]["status"].get("replicas") == 1, "the controller counts one")
        if kind is stateful_set:
            return
        # The same controllers do adopt what has no controller: else this would show nothing.
        orphan = {"name": "orphan", "namespace": namespace, "labels": {"app": "web"}}
        api.create({"apiVersion": "v1", "kind": "Pod", "metadata": orphan, "spec": {"containers": [CONTAINER]}})
        until(lambda: not is_orphan(pods().get("orphan")), "the orphan is adopted or deleted")


def test_a_budget_still_adds_up(api: Api, kubeconfig: Path, make: Callable[..., str]) -> None:
    namespace = make()
    path, manifest = replica_set(namespace)
    manifest["metadata"] = {"name": "web"}
    manifest["spec"]["template"] = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [CONTAINER]}}
    assert api.send("POST", path, manifest)[0] == HTTPStatus.CREATED
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": spec}
    assert api.send("POST", budgets, budget)[0] == HTTPStatus.CREATED

    def status() -> Manifest:
        found: Manifest = api.send("GET", f"{budgets}/web")[1].get("status", {})
        return found

    def reason() -> str:
        return next((str(each["reason"]) for each in status().get("conditions", [])), "")

    until(lambda: status().get("expectedPods") == 1 and status().get("disruptionsAllowed") is not None, "the budget")
    before = {key: value for key, value in status().items() if key != "conditions"}
    with open_prober(str(kubeconfig), None, ProbeSettings(ready_timeout=3)) as prober:
        prober.prepare([site(namespace)], Silent())
        assert reason() in {"InsufficientPods", "SufficientPods"}
        assert {key: value for key, value in status().items() if key != "conditions"} == before
    # With an owner that has no scale it would not: else this would show nothing.
    api.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner", "namespace": namespace}})
    uid = api.send("GET", f"/api/v1/namespaces/{namespace}/configmaps/owner")[1]["metadata"]["uid"]
    reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid, "controller": True}
    metadata = {"name": "p", "namespace": namespace, "labels": {"app": "web"}, "ownerReferences": [reference]}
    api.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [CONTAINER]}})
    until(lambda: reason() == "SyncFailed", "the budget cannot be counted")
