"""Custom resources that a watch keeps in a real API server, with the rights that the page asks for and no others."""

from __future__ import annotations

import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.api import Api, Manifest, as_token_of, until, until_allowed
from tests.lab.custom_resources import baseline, baselines, install, reports, uninstall
from tests.lab.test_watch_command import PATIENCE, Run, deny, deployment, running

PAGES = Path(__file__).parents[2] / "docs/howto"


@pytest.fixture(scope="module")
def served(api: Api) -> Iterator[Api]:
    """Return the server with the kinds."""
    install(api)
    yield api
    uninstall(api)


def closed(home: str) -> Manifest:
    """Return an intent about one namespace: where pods elsewhere run that are on the network of a node is not known."""
    return {"name": "nobody gets in", "must-deny": {"from": {"namespace": home}, "to": {"workload": "db"}}}


def roles(page: str) -> list[Manifest]:
    """Return the ClusterRoles that a page shows."""
    blocks = [part.partition("```")[0] for part in (PAGES / page).read_text().split("```yaml\n")[1:]]
    found = [each for block in blocks for each in yaml.safe_load_all(block) if isinstance(each, dict)]
    return [each for each in found if each.get("kind") == "ClusterRole"]


@pytest.fixture
def account(api: Api, make: Callable[..., str], kubeconfig: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Return a kubeconfig with the documented rights, and the name of the role to write."""
    home, name = make(), f"resources-{uuid.uuid4().hex[:8]}"
    (reader,), (writer,) = roles("live-cluster.md"), roles("custom-resources.md")
    reader["rules"] = [{**each, "verbs": [*each["verbs"], "watch"]} for each in reader["rules"]]
    made = []
    for role, suffix in ((reader, "-reader"), (writer, "")):
        role["metadata"]["name"] = f"{name}{suffix}"
        binding = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"{name}{suffix}"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": f"{name}{suffix}"},
            "subjects": [{"kind": "ServiceAccount", "namespace": home, "name": "default"}],
        }
        api.create(role)
        api.create(binding)
        made.append(f"{name}{suffix}")
    account = as_token_of(kubeconfig, api.token(home, "default"), tmp_path / "account.json")
    # What is forbidden at first is looked for again much later.
    until_allowed(account, [*reader["rules"], *writer["rules"]])
    yield account, name
    for each in made:
        for plural in ("clusterrolebindings", "clusterroles"):
            api.delete(f"/apis/rbac.authorization.k8s.io/v1/{plural}/{each}")


def status(api: Api, home: str, name: str) -> dict[str, Any]:
    found = api.send("GET", baselines(home, name))[1].get("status", {})
    return {**found, **{each["type"]: each for each in found.get("conditions", [])}}


def holds(api: Api, home: str, name: str) -> str:
    return str(status(api, home, name).get("Holds", {}).get("status", ""))


def post(api: Api, manifest: Manifest) -> None:
    code, content, _ = api.send("POST", baselines(manifest["metadata"]["namespace"]), manifest)
    assert code == 201, content


def put(api: Api, manifest: Manifest) -> None:
    path = baselines(manifest["metadata"]["namespace"], manifest["metadata"]["name"])
    api.changed(path, lambda found: found.update(spec=manifest["spec"]))


def test_the_status_follows_baselines_and_policies(
    served: Api, make: Callable[..., str], account: tuple[Path, str], tmp_path: Path
) -> None:
    home = make()
    served.create(deployment(home, "db"))
    served.create(deployment(home, "web"))
    post(served, baseline(home, "b", intents=[closed(home)]))
    with running(account[0], tmp_path / "state", "--resources") as run:
        until(lambda: holds(served, home, "b") == "False", "an intent that fails", PATIENCE)
        found = status(served, home, "b")
        assert found["observedGeneration"] == 1
        assert found["Ready"]["status"] == "True"
        assert found["intents"] == {"total": 1, "hold": 0, "fail": 1, "unknown": 0, "excepted": 0}
        (failing,) = found["failing"]
        assert (failing["name"], failing["result"]) == ("nobody gets in", "fail")
        assert failing["message"].endswith(f"-> {home}/db: accepted on all")
        assert failing["decidedBy"]
        served.create(deny(home))
        until(lambda: holds(served, home, "b") == "True", "the policy is followed", PATIENCE)
        # What was so when it began is not told, and that it is no longer so is.
        event = run.wait("baseline-held", home)
        assert event["message"].startswith(f"ZeroTrustBaseline {home}/b holds again: ")
        assert event["causes"] == [f"NetworkPolicy {home}/deny created"]
        since = status(served, home, "b")["Holds"]["lastTransitionTime"]
        opened = {"name": "open", "must-allow": {"from": {"workload": "web"}, "to": {"workload": "db"}, "ports": [80]}}
        put(served, baseline(home, "b", intents=[closed(home), opened]))
        until(lambda: holds(served, home, "b") == "False", "the baseline is followed", PATIENCE)
        found = status(served, home, "b")
        assert (found["observedGeneration"], found["intents"]["hold"], found["intents"]["fail"]) == (2, 1, 1)
        assert found["Holds"]["message"] == "intents fail: open"
        event = run.wait("baseline-broken", home)
        assert (event["severity"], event["object"]["name"]) == ("high", "b")
        assert event["evidence"][0].startswith("intent open: ")
        assert found["Holds"]["lastTransitionTime"] >= since
        assert any(f"NetworkPolicy {home}/deny" in each for each in found["failing"][0]["decidedBy"])
        served.delete(baselines(home, "b"))
        post(served, baseline(home, "b", intents=[closed(home)]))
        until(lambda: holds(served, home, "b") == "True", "a new one of the name", PATIENCE)
    managers = {each["manager"] for each in served.send("GET", baselines(home, "b"))[1]["metadata"]["managedFields"]}
    assert "firedoor-watch" in managers


def test_what_is_malformed_is_told_with_the_field_and_the_others_are_judged(
    served: Api, make: Callable[..., str], account: tuple[Path, str], tmp_path: Path
) -> None:
    home = make()
    served.create(deployment(home, "db"))
    post(served, baseline(home, "bad", intents=[{**closed(home), "must-deny": {"from": "podz", "to": "any"}}]))
    post(served, baseline(home, "far", intents=[{"name": "a", "must-deny": {"from": "outside", "to": "other/db"}}]))
    post(served, baseline(home, "good", fail_on="critical"))
    with running(account[0], tmp_path / "state", "--resources"):
        until(lambda: "Ready" in status(served, home, "bad"), "a condition", PATIENCE)
        until(lambda: "Ready" in status(served, home, "far"), "a condition", PATIENCE)
        until(lambda: holds(served, home, "good") == "True", "the other", PATIENCE)
    found = status(served, home, "bad")
    assert (found["Ready"]["status"], found["Ready"]["reason"]) == ("False", "Malformed")
    assert found["Ready"]["message"] == ("spec.intents[0].must-deny.from: 'podz' is no end; did you mean pods?")
    assert (found["Holds"]["status"], "intents" in found) == ("Unknown", False)
    assert f"neither end is in the namespace {home}" in status(served, home, "far")["Ready"]["message"]


def test_namespaces_get_reports_that_go_with_their_pods(
    served: Api, make: Callable[..., str], account: tuple[Path, str], tmp_path: Path
) -> None:
    home = make()
    served.create(deployment(home, "db"))
    served.create(deny(home))
    with running(account[0], tmp_path / "state", "--resources"):

        def counts() -> tuple[int, ...]:
            code, report, _ = served.send("GET", reports(home, "firedoor"))
            told = report.get("status", {}) if code == 200 else {}
            pods = told.get("pods", {})
            return pods.get("total", 0), pods.get("ingressOnly", 0), told.get("policies", 0)

        # Controllers may still be making the pod, and a report be from before that.
        until(lambda: counts() == (1, 1, 1), "the report", PATIENCE)
        found = served.send("GET", reports(home, "firedoor"))[1]
        assert found["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "firedoor-watch"}
        told = found["status"]
        (one,) = told["workloads"]
        assert (one["kind"], one["name"], one["pods"], one["from"]) == ("Deployment", "db", 1, [])
        assert {"peer": "outside", "traffic": "all", "isOutside": True} in one["to"]
        served.delete(f"/apis/apps/v1/namespaces/{home}/deployments/db")

        def is_gone() -> bool:
            # Without garbage collection of this instant the pods would still be there: so are their owners.
            return bool(served.send("GET", reports(home, "firedoor"))[0] == 404)

        until(is_gone, "the report goes", PATIENCE)


def test_whoever_is_killed_and_comes_back_writes_nothing_twice(
    served: Api, make: Callable[..., str], account: tuple[Path, str], tmp_path: Path
) -> None:
    home, marker = make(), make()
    served.create(deployment(home, "db"))
    served.create(deployment(home, "web"))
    served.create(deny(home))
    # What controllers do later would be a reason to write again.
    until(lambda: count_of_pods(served, home) == 2, "the pods", PATIENCE)
    post(served, baseline(home, "b", intents=[closed(home)]))
    run = Run(account[0], tmp_path / "state", "--resources")
    try:
        until(lambda: holds(served, home, "b") == "True", "the status", PATIENCE)
        until(lambda: "pods" in served.send("GET", reports(home, "firedoor"))[1].get("status", {}), "it", PATIENCE)
    finally:
        run.process.send_signal(signal.SIGKILL)
        run.end()
    status_before, report_before = (
        served.send("GET", each)[1] for each in (baselines(home, "b"), reports(home, "firedoor"))
    )
    with running(account[0], tmp_path / "state", "--resources"):
        # What is written after all the others shows that the others were looked at.
        post(served, baseline(marker, "late", fail_on="critical"))
        until(lambda: bool(holds(served, marker, "late")), "the late one", PATIENCE)
    assert served.send("GET", baselines(home, "b"))[1] == status_before
    report = served.send("GET", reports(home, "firedoor"))[1]
    # Namespaces of other tests may go meanwhile, and with them peers; the same is never written again.
    assert report == report_before or told(report) != told(report_before)


def count_of_pods(api: Api, home: str) -> int:
    return len(api.send("GET", f"/api/v1/namespaces/{home}/pods")[1]["items"])


def told(report: Manifest) -> Manifest:
    return {key: each for key, each in report["status"].items() if key != "lastEvaluated"}


def test_rights_that_are_lost_are_told_and_the_watch_goes_on(
    served: Api, make: Callable[..., str], account: tuple[Path, str], tmp_path: Path
) -> None:
    home = make()
    served.create(deployment(home, "db"))
    served.create(deployment(home, "web"))
    post(served, baseline(home, "b", intents=[closed(home)]))
    kubeconfig, name = account
    role = f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}"
    whole = served.send("GET", role)[1]["rules"]
    mute = [each for each in whole if each["resources"] != ["zerotrustbaselines/status"]]
    (taken,) = [each for each in whole if each not in mute]
    served.changed(role, lambda found: found.update(rules=mute))
    until(lambda: not Api(kubeconfig).may(taken), "the right is lost", PATIENCE)
    run = Run(kubeconfig, tmp_path / "state", "--resources")
    try:
        assert run.process.stderr is not None
        said = run.process.stderr.readline()
        assert said.startswith("sink custom-resources: the server answered 403: ")
        assert "zerotrustbaselines/status" in said
        until(lambda: "pods" in served.send("GET", reports(home, "firedoor"))[1].get("status", {}), "it", PATIENCE)
        served.changed(role, lambda found: found.update(rules=whole))
        until(lambda: holds(served, home, "b") == "False", "the status", PATIENCE)
        assert "sink custom-resources: works again" in run.process.stderr.readline()
    finally:
        run.process.send_signal(signal.SIGTERM)
        assert run.end() == 0
