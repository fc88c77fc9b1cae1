"""Sinks of a watch with a real API server: events and reports in the cluster, and deliveries that survive a kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from firedoor.adapters.sinks.kubernetes_events import KubernetesEvents
from firedoor.adapters.sinks.report_board import Kinds, ReportBoard
from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.bootstrap import Surroundings
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.model.reports import FindingsReport
from firedoor.render.findings_openreports import DIALECT as OPEN_REPORTS
from firedoor.render.findings_policyreport import DIALECT as POLICY_REPORTS
from firedoor.render.policy_reports import Dialect, report_objects
from tests.lab.api import Api, Manifest, as_token_of, until, until_allowed
from tests.lab.test_watch_command import PATIENCE, deny, deployment, running
from tests.receiving import Reply, event, free_port, notice, receiving
from tests.render.findings_reports import REPORT

PAGE = Path(__file__).parents[2] / "docs/howto/watch-sinks.md"
DIALECTS = [POLICY_REPORTS, OPEN_REPORTS]
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}


def definition(dialect: Dialect, kind: str) -> Manifest:
    """Return the kind with the fields that its Go types have, and nothing else: an unknown one would be pruned."""
    group, version = dialect.api_version.split("/")
    reference = {"type": "object", "properties": dict.fromkeys(("apiVersion", "kind", "namespace", "name"), _TEXT)}
    result = {
        "type": "object",
        "properties": {
            **dict.fromkeys(("source", "policy", "category", "message"), _TEXT),
            "severity": {"type": "string", "enum": ["critical", "high", "low", "medium", "info"]},
            "result": {"type": "string", "enum": ["pass", "fail", "warn", "error", "skip"]},
            "timestamp": {
                "type": "object",
                "required": ["seconds", "nanos"],
                "properties": {"seconds": {"type": "integer", "format": "int64"}, "nanos": _NUMBER},
            },
            "resources": {"type": "array", "items": reference},
            "properties": {"type": "object", "additionalProperties": _TEXT},
        },
        "required": ["policy"],
    }
    counts = dict.fromkeys(("pass", "fail", "warn", "error", "skip"), _NUMBER)
    properties = {
        "scope": reference,
        "summary": {"type": "object", "properties": counts},
        "results": {"type": "array", "items": result},
        **({"source": _TEXT} if dialect.has_source else {}),
    }
    schema = {"type": "object", "properties": properties}
    plural = f"{kind.lower()}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "scope": "Cluster" if kind == dialect.cluster_kind else "Namespaced",
            "versions": [{"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


@pytest.fixture(scope="module")
def reports(api: Api) -> Iterator[Api]:
    """Return the server with the kinds of both APIs of reports."""
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    made = [definition(dialect, kind) for dialect in DIALECTS for kind in (dialect.kind, dialect.cluster_kind)]
    for each in made:
        assert api.send("POST", path, each)[0] in {201, 409}

    def is_served(each: Manifest) -> bool:
        spec = each["spec"]
        return api.serves(f"{spec['group']}/{spec['versions'][0]['name']}", spec["names"]["plural"])

    for each in made:
        until(partial(is_served, each), each["metadata"]["name"])
    yield api
    for each in made:
        api.delete(f"{path}/{each['metadata']['name']}")


@pytest.fixture
def restricted(api: Api, make: Callable[..., str], kubeconfig: Path, tmp_path: Path) -> Iterator[Path]:
    """Return a kubeconfig that may do what the documented role for sinks allows, and nothing else."""
    home, name = make(), f"sinks-{uuid.uuid4().hex[:8]}"
    blocks = [part.partition("```")[0] for part in PAGE.read_text().split("```yaml\n")[1:]]
    (role,) = [
        each for each in map(yaml.safe_load, blocks) if isinstance(each, dict) and each.get("kind") == "ClusterRole"
    ]
    role["metadata"]["name"] = name
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "namespace": home, "name": "default"}],
    }
    api.create(role)
    api.create(binding)
    account = as_token_of(kubeconfig, api.token(home, "default"), tmp_path / "restricted.json")
    until_allowed(account, role["rules"])
    yield account
    for plural in ("clusterrolebindings", "clusterroles"):
        api.delete(f"/apis/rbac.authorization.k8s.io/v1/{plural}/{name}")


def objects(kubeconfig: Path) -> Any:
    return Surroundings(None, str(kubeconfig), None).objects()


def events(api: Api, home: str) -> list[Manifest]:
    found = api.send("GET", f"/apis/events.k8s.io/v1/namespaces/{home}/events")[1]["items"]
    return [each for each in found if each.get("reportingController") == "firedoor.dev/watch"]


def test_an_event_is_made_once_about_the_object_with_its_identity(
    api: Api, make: Callable[..., str], kubeconfig: Path
) -> None:
    home = make()
    api.create(deployment(home, "db"))
    sink = KubernetesEvents(objects(kubeconfig), "node-1")
    one = notice(object=ObjectRef("Deployment", home, "db"), message="opened: ä" + "x" * 3000)
    one = replace(one, id=uuid.uuid4().hex)
    assert sink.send([one]) == 0
    assert sink.send([one]) == 0
    (found,) = events(api, home)
    uid = api.send("GET", f"/apis/apps/v1/namespaces/{home}/deployments/db")[1]["metadata"]["uid"]
    assert found["regarding"] == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "namespace": home,
        "name": "db",
        "uid": uid,
    }
    assert (found["type"], found["reason"], found["action"]) == ("Warning", "ConnectionOpened", "Watching")
    assert found["reportingInstance"] == "node-1"
    assert found["eventTime"] == "2026-01-02T03:04:05.000000Z"
    assert found["note"].startswith("opened: äx")


@pytest.mark.parametrize("about", [ObjectRef("Cluster", "", ""), ObjectRef("ClusterRole", "", "admin")])
def test_an_event_about_what_is_in_no_namespace_is_in_the_one_that_the_api_keeps_for_it(
    api: Api, kubeconfig: Path, about: ObjectRef
) -> None:
    one = replace(notice(object=about, severity=Severity.LOW), id=uuid.uuid4().hex)
    assert KubernetesEvents(objects(kubeconfig), "i").send([one]) == 0
    (found,) = [each for each in events(api, "default") if each["metadata"]["name"] == f"firedoor.{one.id}"]
    assert (found["regarding"]["kind"], found["type"]) == (about.kind, "Normal")


def test_an_event_in_a_namespace_that_is_gone_is_refused(kubeconfig: Path) -> None:
    sink = KubernetesEvents(objects(kubeconfig), "i")
    with pytest.raises(NotTakenError, match="not found") as caught:
        sink.send([notice(object=ObjectRef("Deployment", "never-there", "db"))])
    assert caught.value.is_refused


def test_the_documented_role_is_enough_for_all_sinks_in_the_cluster(
    reports: Api, make: Callable[..., str], restricted: Path
) -> None:
    home = make()
    reports.create(deployment(home, "db"))
    one = replace(notice(object=ObjectRef("Deployment", home, "db")), id=uuid.uuid4().hex)
    assert KubernetesEvents(objects(restricted), "i").send([one]) == 0
    (found,) = events(reports, home)
    assert "uid" not in found["regarding"]
    for dialect in DIALECTS:
        board = ReportBoard("least", objects(restricted), kinds_of(dialect), layout_of(dialect), print)
        assert board.try_it() == ""
        board.close()


def test_whoever_may_not_is_told_and_tries_again(
    api: Api, make: Callable[..., str], kubeconfig: Path, tmp_path: Path
) -> None:
    home = make()
    api.create(deployment(home, "db"))
    nobody = as_token_of(kubeconfig, api.token(home, "default"), tmp_path / "nobody.json")
    with pytest.raises(NotTakenError, match="403") as caught:
        KubernetesEvents(objects(nobody), "i").send([notice(object=ObjectRef("Deployment", home, "db"))])
    assert not caught.value.is_refused


def kinds_of(dialect: Dialect) -> Kinds:
    return Kinds(dialect.api_version, (dialect.kind, dialect.cluster_kind))


def layout_of(dialect: Dialect) -> Callable[[FindingsReport], Iterator[Manifest]]:
    return lambda report: report_objects(report, dialect)


@pytest.mark.parametrize("dialect", DIALECTS, ids=["policy-report", "openreports"])
def test_reports_say_what_is_wrong_now_and_go_when_their_namespace_is_not_judged_any_more(
    reports: Api, make: Callable[..., str], kubeconfig: Path, dialect: Dialect
) -> None:
    home, other, name = make(), make(), f"board-{dialect.kind.lower()}"
    rows = [replace(REPORT.coverage[0], namespace=each) for each in (home, other)]
    told = replace(REPORT.told[0], finding=replace(REPORT.told[0].finding, object=ObjectRef("Deployment", home, "web")))
    report = replace(REPORT, name="watch", coverage=tuple(rows), told=(told,), gaps=())
    plural = f"/apis/{dialect.api_version}/{dialect.kind.lower()}s"

    def found() -> dict[str, Manifest]:
        items = reports.send("GET", f"{plural}?labelSelector=firedoor.dev/sink%3D{name}")[1]["items"]
        return {each["metadata"]["namespace"]: each for each in items}

    said: list[str] = []
    board = ReportBoard(name, objects(kubeconfig), kinds_of(dialect), layout_of(dialect), said.append)
    try:
        board.put(report)
        until(lambda: found().keys() == {home, other}, "the reports")
        written = found()[home]
        (result,) = written["results"]
        (expected,) = [each for each in report_objects(report, dialect) if each["metadata"].get("namespace") == home]  # type: ignore[attr-defined]
        assert [result] == json.loads(json.dumps(expected["results"]))
        assert written["summary"] == expected["summary"]
        version = written["metadata"]["resourceVersion"]
        board.put(replace(report, captured_at="2026-05-05T05:05:05Z", coverage=(rows[0],)))
        until(lambda: found().keys() == {home}, "the removal")
        # Nothing is written only because time passes.
        assert found()[home]["metadata"]["resourceVersion"] == version
        until(lambda: not board.state().queued, "the end of it")
        assert (board.state().delivered, board.state().trouble, said) == (2, "", [])
    finally:
        board.put(replace(report, coverage=(), told=()))
        board.close()
    assert found() == {}


@pytest.fixture
def ending(api: Api) -> Iterator[str]:
    """Return a namespace that is about to go, and does not yet."""
    name = f"ending-{uuid.uuid4().hex[:8]}"
    api.create(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "finalizers": ["example.com/wait"]}}
    )
    api.delete(f"/api/v1/namespaces/{name}")
    yield name
    api.changed(f"/api/v1/namespaces/{name}", lambda found: found["metadata"].update(finalizers=[]))


def test_a_namespace_that_is_about_to_go_holds_nothing_up(
    reports: Api, make: Callable[..., str], kubeconfig: Path, ending: str
) -> None:
    home, said = make(), list[str]()
    with pytest.raises(NotTakenError, match="terminated") as caught:
        KubernetesEvents(objects(kubeconfig), "i").send([notice(object=ObjectRef("Deployment", ending, "db"))])
    assert caught.value.is_refused
    dialect = OPEN_REPORTS
    board = ReportBoard("going", objects(kubeconfig), kinds_of(dialect), layout_of(dialect), said.append)
    rows = tuple(replace(REPORT.coverage[0], namespace=each) for each in (ending, "never-there", home))
    board.put(replace(REPORT, name="going", coverage=rows, told=(), gaps=()))
    board.close()
    assert (board.state().delivered, said) == (1, [])
    path = f"/apis/{dialect.api_version}/namespaces/{home}/reports/firedoor-going"
    assert reports.send("GET", path)[0] == 200


def test_one_report_that_cannot_be_written_holds_up_no_other(
    reports: Api, make: Callable[..., str], kubeconfig: Path
) -> None:
    home, other, said = make(), make(), list[str]()
    dialect = OPEN_REPORTS

    def layout(report: FindingsReport) -> Iterator[Manifest]:
        for each in report_objects(report, dialect):
            place = each["metadata"]["namespace"] if each["kind"] == "Report" else ""  # type: ignore[index]
            yield {**each, "results": [{}]} if place == min(home, other) else each

    board = ReportBoard("mixed", objects(kubeconfig), kinds_of(dialect), layout, said.append, first_pause=60)
    rows = tuple(replace(REPORT.coverage[0], namespace=each) for each in (home, other))
    board.put(replace(REPORT, name="mixed", coverage=rows, told=(), gaps=()))
    path = f"/apis/{dialect.api_version}/namespaces/{max(home, other)}/reports/firedoor-mixed"
    until(lambda: reports.send("GET", path)[0] == 200, "the other one")
    until(lambda: bool(board.state().failures), "the failure")
    board.close()
    assert len(said) == 1
    assert "policy" in said[0]


def test_a_cluster_without_the_kind_is_trouble_until_it_has_it(kubeconfig: Path) -> None:
    said: list[str] = []
    dialect = Dialect("none.example/v1", "Report", "ClusterReport", has_source=True)
    board = ReportBoard(
        "none", objects(kubeconfig), kinds_of(dialect), layout_of(dialect), said.append, first_pause=0.01
    )
    board.put(REPORT)
    until(lambda: board.state().failures > 1, "a second try")
    assert board.try_it() != ""
    assert board.state().queued == 1
    board.close()
    assert len(said) == 1
    assert "the server has nothing at /apis/none.example/v1" in said[0]


def rules(folder: Path, url: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(
        f"sinks:\n- {{name: hook, type: webhook, url: '{url}'}}\n- {{name: own, type: kubernetes-events}}\n"
    )
    return path


def test_a_watch_that_is_killed_while_its_sink_is_down_delivers_afterwards(
    api: Api, make: Callable[..., str], kubeconfig: Path, tmp_path: Path
) -> None:
    home, port, state = make(), free_port(), tmp_path / "state"
    api.create(deployment(home, "db"))
    # One that controllers make later is another change.
    until(lambda: bool(api.send("GET", f"/api/v1/namespaces/{home}/pods")[1]["items"]), "the pod")
    options = ("-n", home, "--rules", str(rules(tmp_path, f"http://127.0.0.1:{port}/hook")))
    command = [sys.executable, "-m", "firedoor", "watch", "-o", "json", "--kubeconfig", str(kubeconfig)]
    once = [*command, "--state", str(state), "--for", "0s", *options]
    assert subprocess.run(once, capture_output=True, timeout=PATIENCE, check=False).returncode == 0
    api.create(deny(home))
    victim = subprocess.Popen(
        [*command, "--state", str(state), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    with victim:
        assert victim.stdout is not None
        told = json.loads(victim.stdout.readline())
        until(lambda: bool(events(api, home)), "the event in the cluster")
        victim.kill()
    with receiving(port=port) as server:
        server.replies = [Reply(503)]
        with running(kubeconfig, state, *options):
            until(lambda: told["fingerprint"] in {each.document["fingerprint"] for each in server.requests}, "it")
            until(lambda: "connection-closed" in {each.document["kind"] for each in server.requests}, "the other")
    assert server.requests[0].document["schema"] == "firedoor/event/v1"


def test_a_watch_keeps_reports(reports: Api, make: Callable[..., str], kubeconfig: Path, tmp_path: Path) -> None:
    home, path = make(), tmp_path / "rules.yaml"
    reports.create(deployment(home, "db"))
    path.write_text("sinks: [{name: whole-watch, type: openreports}]\n")
    command = [sys.executable, "-m", "firedoor", "watch", "--kubeconfig", str(kubeconfig), "--rules", str(path)]

    def checks() -> set[str]:
        once = [*command, "--state", str(tmp_path / "state"), "--for", "0s"]
        done = subprocess.run(once, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        found = reports.send("GET", f"/apis/openreports.io/v1alpha1/namespaces/{home}/reports/firedoor-watch")[1]
        assert found["metadata"]["labels"]["firedoor.dev/sink"] == "whole-watch"
        return {each["policy"] for each in found["results"]}

    before = checks()
    assert "pod-unprotected" in before
    reports.create(deny(home))
    assert "pod-unprotected" not in checks()


def test_every_sink_can_be_tried(kubeconfig: Path, tmp_path: Path) -> None:
    with receiving() as server:
        path = rules(tmp_path, f"{server.url}/hook")
        path.write_text(path.read_text() + "- {name: slow, type: otlp, url: 'http://127.0.0.1:1'}\n")
        command = [sys.executable, "-m", "firedoor", "watch", "--kubeconfig", str(kubeconfig), "--rules", str(path)]
        done = subprocess.run(
            [*command, "--state", str(tmp_path), "--test-sinks"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (10, "")
        assert done.stdout.splitlines() == [
            "hook (webhook): took it",
            "own (kubernetes-events): took it",
            "slow (otlp): 127.0.0.1:1 cannot be connected to",
        ]
        assert server.requests[0].document["message"].startswith("this is a test")
    assert event().subject != server.requests[0].document["subject"]
