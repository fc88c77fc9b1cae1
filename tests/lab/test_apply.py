"""``firedoor apply`` and ``firedoor rollback`` on a real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firedoor.bootstrap import open_journals
from tests.applying import from_app, policy, written
from tests.lab.api import Api, Manifest
from tests.lab.applying import LISTS, A, B, actions, apply, clear, managers, populate, run, set_status, specs, state
from tests.lab.proxy import Proxy


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def cluster(api: Api) -> Iterator[Api]:
    populate(api)
    yield api
    clear(api)


def test_create_change_and_unchanged(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    written(tmp_path / "policies", policy(A, "web", "web", from_app("db")), policy(A, "deny"))
    code, document = apply(kubeconfig, tmp_path)
    assert (code, document["outcome"]) == (0, "applied")
    assert actions(document) == [("create", A, "web"), ("create", A, "deny")]
    assert document["order"]["judged"]
    written(tmp_path / "policies", policy(A, "web", "web", from_app("db", "x")), policy(A, "deny"))
    code, document = apply(kubeconfig, tmp_path, "--dry-run")
    assert (document["outcome"], actions(document)) == ("planned", [("change", A, "web")])
    assert document["waves"][0]["steps"][0]["fields"] == [
        {"path": "spec.ingress", "old": from_app("db"), "new": from_app("db", "x")}
    ]
    assert specs(cluster)[f"{A}/web"]["ingress"] == from_app("db")
    assert apply(kubeconfig, tmp_path)[1]["outcome"] == "applied"
    assert apply(kubeconfig, tmp_path)[1]["outcome"] == "unchanged"
    assert managers(cluster, A, "web") == {"firedoor"}


def test_a_conflict_is_told_with_the_manager_and_may_be_forced_and_rolled_back_with_the_owners(
    cluster: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    cluster.send("POST", f"{LISTS.format(A)}?fieldManager=kubectl", policy(A, "web", "web", from_app("db"), team="x"))
    before = state(cluster)
    written(tmp_path / "policies", policy(A, "web", "web", from_app("db", "other")))
    code, document = apply(kubeconfig, tmp_path)
    assert (code, document["outcome"]) == (10, "refused")
    (step,) = document["waves"][0]["steps"]
    assert step["conflicts"] == [{"field": ".spec.ingress", "manager": "kubectl"}]
    assert state(cluster) == before
    assert apply(kubeconfig, tmp_path, "--force-conflicts")[1]["outcome"] == "applied"
    assert managers(cluster, A, "web") == {"firedoor", "kubectl"}
    assert run("rollback", kubeconfig).code == 0
    assert state(cluster) == before
    assert managers(cluster, A, "web") == {"kubectl"}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"podSelector": {}, "bogus": 1}, "bogus"),
        ({"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": "no_name"}]}]}, "port"),
    ],
)
def test_what_cannot_be_is_told_with_its_object_and_field(
    cluster: Api, kubeconfig: Path, tmp_path: Path, spec: Manifest, said: str
) -> None:
    manifest = {**policy(A, "bad"), "spec": spec}
    written(tmp_path / "policies", policy(A, "web", "web"), manifest)
    ran = run("apply", kubeconfig, str(tmp_path / "policies"), "--yes")
    assert ran.code != 0
    assert said in ran.out + ran.err
    assert f"NetworkPolicy {A}/bad" in ran.out + ran.err
    assert state(cluster) == {}


def test_what_only_the_server_refuses_is_told_with_its_object(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    written(tmp_path / "policies", policy(A, "web", "web"), policy("apply-none", "lost"))
    code, document = apply(kubeconfig, tmp_path)
    assert (code, document["outcome"]) == (10, "refused")
    rejected = {each["object"]["name"]: each["rejection"] for wave in document["waves"] for each in wave["steps"]}
    assert rejected == {"web": "", "lost": 'namespaces "apply-none" not found'}
    assert state(cluster) == {}


def test_a_wave_for_each_namespace_what_allows_before_what_denies(
    cluster: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    written(
        tmp_path / "policies", policy(B, "deny"), policy(A, "deny"), policy(A, "web", "web", from_app("db")),
        policy(B, "db", "db", from_app("web")), policy(B, "web", "web", from_app("db")),
    )  # fmt: skip
    document = apply(kubeconfig, tmp_path)[1]
    assert [each["namespace"] for each in document["waves"]] == [A, B]
    assert [name for _, _, name in actions(document)] == ["web", "deny", "db", "web", "deny"]
    assert (document["order"]["judged"], document["order"]["cuts"]) == (True, [])


def test_a_bridge_carries_what_two_policies_for_the_same_pods_would_cut(
    cluster: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    written(tmp_path / "policies", policy(A, "one", "web", from_app("db")), policy(A, "two", "web", from_app("x")))
    document = apply(kubeconfig, tmp_path)[1]
    assert document["outcome"] == "applied"
    assert [(action, name) for action, _, name in actions(document)] == [
        ("create", "firedoor-bridge"), ("create", "one"), ("create", "two"), ("delete", "firedoor-bridge"),
    ]  # fmt: skip
    assert sorted(specs(cluster)) == [f"{A}/one", f"{A}/two"]
    assert run("rollback", kubeconfig).code == 0
    assert state(cluster) == {}


def test_a_check_that_fails_takes_back_all_byte_by_byte(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    cluster.create(policy(A, "web", "web", from_app("db"), team="x"))
    before = state(cluster)
    written(tmp_path / "policies", policy(A, "web", "web"), policy(A, "deny"), policy(B, "deny"))
    code, document = apply(kubeconfig, tmp_path, "--force-conflicts", "--check", "false", "--soak", "1s")
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert document["reasons"] == [f"the check after {A} does not hold: 'false' ended with 1"]
    assert state(cluster) == before


def test_a_pod_that_is_not_ready_any_more_takes_back_all(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    def ready(word: str) -> None:
        set_status(cluster, A, "web", conditions=[{"type": "Ready", "status": word}])

    ready("True")
    written(tmp_path / "policies", policy(A, "deny"))
    with Proxy(kubeconfig) as proxy:
        proxy.after_write = lambda _number: ready("False")
        code, document = apply(Path(proxy.kubeconfig(tmp_path / "config")), tmp_path)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert document["reasons"] == [f"Pod {A}/web has 0 ready pods after {A}, and had 1 before"]
    assert state(cluster) == {}


def test_prune_touches_only_what_is_its_own(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    cluster.create(policy(A, "foreign", "web"))
    marked = {"app.kubernetes.io/managed-by": "firedoor"}
    cluster.create({**policy(A, "marked"), "metadata": {"name": "marked", "namespace": A, "labels": marked}})
    written(tmp_path / "policies", policy(A, "web", "web"), policy(A, "deny"))
    apply(kubeconfig, tmp_path)
    before = state(cluster)
    written(tmp_path / "policies", policy(A, "web", "web"))
    code, document = apply(kubeconfig, tmp_path, "--prune")
    assert (code, actions(document)) == (0, [("delete", A, "deny")])
    assert sorted(specs(cluster)) == [f"{A}/foreign", f"{A}/marked", f"{A}/web"]
    assert run("rollback", kubeconfig).code == 0
    assert state(cluster) == before


def test_two_applies_at_once_are_refused(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    written(tmp_path / "policies", policy(A, "web", "web"))
    server = json.loads(kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    with open_journals().lock(server):
        ran = run("apply", kubeconfig, str(tmp_path / "policies"), "--yes")
    assert (ran.code, "another apply or rollback is at work" in ran.error) == (2, True)
    assert state(cluster) == {}


def test_what_a_manifest_does_not_have_and_others_own_is_kept_and_told(
    cluster: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    cluster.create(policy(A, "web", "web", from_app("db")))
    written(tmp_path / "policies", policy(A, "web", "web"))
    document = apply(kubeconfig, tmp_path, "--force-conflicts")[1]
    assert document["notes"] == [f"NetworkPolicy {A}/web keeps spec.ingress, which the manifest does not have"]
    assert specs(cluster)[f"{A}/web"]["ingress"] == from_app("db")
    assert document["diff"]["changes"] == []
