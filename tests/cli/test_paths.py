from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.command import firedoor, process

MANIFESTS = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {
  selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {
    automountServiceAccountToken: false,
    containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {
  selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {serviceAccountName: api,
    containers: [{name: c, image: x, ports: [{containerPort: 9090}]}]}}}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: api, namespace: shop}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {type: LoadBalancer, selector: {app: web},
  ports: [{port: 80, targetPort: 8080}]}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}, rules: [
  {apiGroups: [""], resources: [secrets], verbs: [list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: reader},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader},
  subjects: [{kind: ServiceAccount, name: api, namespace: shop}]}
"""


@pytest.fixture
def shop(tmp_path: Path) -> str:
    path = tmp_path / "shop.yaml"
    path.write_text(MANIFESTS)
    return str(path)


def test_a_path_joins_the_network_and_rbac(shop: str) -> None:
    document = firedoor("paths", shop, "--from", "internet", "--to", "secrets", "-o", "json").document
    assert document["schema"] == "firedoor/attack-paths/v1"
    (path,) = document["paths"]
    assert [step["technique"] for step in path["steps"]] == ["exposed", "network", "token", "read-secrets"]
    assert [step["to"]["id"] for step in path["steps"]] == [
        "shop/web",
        "shop/api",
        "serviceaccount:shop/api",
        "secrets",
    ]
    assert document["cut"]["least"]
    assert len(document["cut"]["changes"]) == 1
    assert (
        yaml.safe_load(firedoor("paths", shop, "--from", "internet", "--to", "secrets", "-o", "yaml").out) == document
    )


def test_the_table_tells_each_step_with_its_place(shop: str) -> None:
    ran = firedoor("paths", shop, "--from", "shop/web", "--to", "secrets:shop")
    assert ran.code == 0
    assert "path 1: 3 steps" in ran.out
    assert "ClusterRoleBinding reader gives ClusterRole reader to ServiceAccount shop/api" in ran.out
    assert f"{shop}:" in ran.out
    assert "1 change closes all paths (the fewest there are):" in ran.out
    assert process("paths", shop, "--from", "shop/web", "--to", "secrets:shop").out == ran.out


def test_markdown_is_for_a_ticket(shop: str) -> None:
    ran = firedoor("paths", shop, "--from", "internet", "--to", "secrets", "-o", "markdown")
    assert ran.out.startswith("**From `internet` to `secrets`: 1 path of at most 8 steps**")
    assert "| `shop/api (Deployment)` | `serviceaccount:shop/api` |" in ran.out
    assert firedoor("paths", shop, "--rank", "-o", "markdown").out.count("| `shop/") == 2


def test_a_pipeline_can_stop_on_a_path(shop: str) -> None:
    asked = ("paths", shop, "--from", "internet", "--fail-on-path")
    assert firedoor(*asked, "--to", "secrets").code == 10
    ran = firedoor(*asked, "--to", "cluster-admin")
    assert ran.code == 0
    assert "no path from internet to cluster-admin" in ran.out
    short = firedoor(*asked, "--to", "secrets", "--max-steps", "2")
    assert short.code == 10
    assert "no path of at most 2 steps from internet to secrets, but longer ones: raise --max-steps" in short.out


def test_the_ranking_puts_the_worst_first(shop: str) -> None:
    document = firedoor("paths", shop, "--rank", "-o", "json").document
    assert document["schema"] == "firedoor/attack-ranking/v1"
    assert [row["workload"]["name"] for row in document["rows"]] == ["api", "web"]
    assert [row["fromInternet"] for row in document["rows"]] == [2, 1]
    ran = firedoor("paths", shop, "--rank")
    assert ran.out.startswith("WORKLOAD")
    assert "2 workloads; 0 lead to cluster-admin; 2 are reached from the internet" in ran.out
    assert firedoor("paths", shop, "--rank", "-n", "shop").out.startswith("WORKLOAD")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "paths need two ends"),
        (("--from", "internet"), "paths need two ends"),
        (("--rank", "--to", "secrets"), "--rank is about all workloads"),
        (("--from", "cluster-admin", "--to", "secrets"), "paths lead there, and none begins there"),
        (("--from", "shop/web", "--to", "internet"), "paths begin there, and none leads there"),
        (("--from", "internet", "--to", "shop/apii"), "did you mean shop/api?"),
        (("--from", "user:nobody", "--to", "secrets"), "user:nobody: no binding names it"),
        (("--from", "internet", "--to", "node:n1"), "node:n1: no node of that name is known"),
        (("--from", "internet", "--to", "secrets:shap"), "there is no namespace shap (did you mean shop?)"),
        (("--from", "serviceaccount:shop/ape", "--to", "secrets"), "did you mean shop/api?"),
        (("--from", "10.9.9.9", "--to", "secrets"), "10.9.9.9 is no pod of the cluster"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(shop: str, arguments: tuple[str, ...], problem: str) -> None:
    ran = firedoor("paths", shop, *arguments)
    assert ran.code == 2
    assert problem in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_folder_without_pods_has_nothing_in_scope(tmp_path: Path) -> None:
    (tmp_path / "ns.yaml").write_text("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    assert firedoor("paths", str(tmp_path), "--rank").code == 3


BOUND = """
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: bound},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ROLE},
  subjects: [{kind: ServiceAccount, name: api, namespace: shop}]}
"""


def bound_to(shop: str, role: str) -> str:
    path = Path(shop)
    path.write_text(MANIFESTS + "---" + BOUND.replace("ROLE", role))
    return shop


def test_a_role_that_every_cluster_has_need_not_be_among_the_files(shop: str) -> None:
    asked = ("paths", bound_to(shop, "cluster-admin"), "--from", "internet", "--to", "cluster-admin")
    ran = firedoor(*asked)
    assert (ran.code, ran.err) == (0, "")
    assert "gives ClusterRole cluster-admin to ServiceAccount shop/api" in ran.out
    assert "default roles of Kubernetes 1." in ran.out
    assert "remove ClusterRoleBinding bound" in ran.out


def test_a_role_that_was_not_read_is_a_gap_that_may_hide_a_path(shop: str) -> None:
    asked = ("paths", bound_to(shop, "operator"), "--from", "internet", "--to", "cluster-admin")
    out = firedoor(*asked).out
    assert "no path from internet to cluster-admin is known" in out
    assert "gap: ClusterRoleBinding bound: roleRef: there is no ClusterRole operator" in out
    (gap,) = firedoor(*asked, "-o", "json").document["gaps"]
    assert "there is no ClusterRole operator" in gap["reason"]


def test_a_misspelt_end_is_told_with_what_was_meant(shop: str) -> None:
    ran = firedoor("paths", shop, "--from", "internet", "--to", "cluster-adminn")
    assert ran.code == 2
    assert "there is no such end (did you mean cluster-admin?)" in ran.err
