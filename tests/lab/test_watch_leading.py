"""Several replicas of ``firedoor watch`` against a real API server: one tells, and another goes on where it ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.cli.command import firedoor
from tests.lab.api import Api, until
from tests.lab.test_watch_command import Run, deny, deployment, is_ready, namespace
from tests.receiving import free_port, receiving

HASTY = (
    "--leader-elect",
    "--leader-elect-lease-duration=12s",
    "--leader-elect-renew-deadline=10s",
    "--leader-elect-retry-period=1s",
)
"""Much shorter, and one that leads would lose its lease on a busy machine."""


@pytest.fixture
def home(api: Api, request: pytest.FixtureRequest) -> str:
    name = "led-" + re.sub("[^a-z0-9]+", "-", request.node.name)[-40:].strip("-")
    api.create(namespace(name))
    api.create(deployment(name, "db"))
    return name


def path_of(home: str) -> str:
    return f"/apis/coordination.k8s.io/v1/namespaces/{home}/leases/firedoor-watch"


def holder(api: Api, home: str) -> str:
    status, found, _ = api.send("GET", path_of(home))
    return str(found["spec"].get("holderIdentity") or "") if status == HTTPStatus.OK else ""


def replica(kubeconfig: Path, state: Path, home: str, *more: str) -> Run:
    """Return one that is ready, whether it leads or not."""
    options = ("--metrics", "127.0.0.1:0", *HASTY, f"--leader-elect-resource-namespace={home}", *more)
    run = Run(kubeconfig, state, *options)
    try:
        assert run.process.stderr is not None
        # A sink that is down may be told of before.
        told = next(line for line in run.process.stderr if line.startswith("metrics at "))
        place = told.removeprefix("metrics at ").strip().removesuffix("/metrics")
        until(lambda: is_ready(place), "the replica is ready")
    except BaseException:
        run.kill()
        raise
    return run


def has(run: Run, kind: str, home: str) -> Callable[[], bool]:
    return lambda: any(each["kind"] == kind and each["object"]["namespace"] == home for each in list(run.events))


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "ended"])
def test_what_happens_while_nobody_leads_is_told_by_who_leads_next(
    api: Api, kubeconfig: Path, home: str, tmp_path: Path, is_killed: bool
) -> None:
    first = replica(kubeconfig, tmp_path / "one", home)
    second = None
    try:
        until(lambda: bool(holder(api, home)), "the first one leads")
        leader = holder(api, home)
        second = replica(kubeconfig, tmp_path / "other", home)
        api.create(deny(home))
        until(has(first, "connection-closed", home), "the first one tells")
        assert second.events == []
        if is_killed:
            first.process.kill()
        else:
            first.process.terminate()
        first.end()
        api.delete(f"/apis/networking.k8s.io/v1/namespaces/{home}/networkpolicies/deny")
        until(lambda: holder(api, home) not in {"", leader}, "another one leads")
        until(has(second, "connection-opened", home), "the second one tells")
        second.process.terminate()
        assert second.end() == 0
        # It was given back.
        assert holder(api, home) == ""
    finally:
        for each in (first, second):
            if each is not None:
                each.kill()


def test_what_waits_on_the_disk_of_an_old_leader_is_delivered_when_it_stands_by(
    api: Api, kubeconfig: Path, home: str, tmp_path: Path
) -> None:
    port = free_port()
    rules = tmp_path / "rules.yaml"
    rules.write_text(f"{{sinks: [{{name: soc, type: webhook, url: 'http://127.0.0.1:{port}'}}]}}")
    first = replica(kubeconfig, tmp_path / "one", home, "--rules", str(rules))
    second = None
    try:
        until(lambda: bool(holder(api, home)), "the first one leads")
        leader = holder(api, home)
        api.create(deny(home))
        until(has(first, "connection-closed", home), "the first one tells, and its sink is down")
        first.process.kill()
        first.end()
        second = replica(kubeconfig, tmp_path / "other", home)
        until(lambda: holder(api, home) not in {"", leader}, "another one leads")
        leader = holder(api, home)
        first = replica(kubeconfig, tmp_path / "one", home, "--rules", str(rules))
        with receiving(port=port) as receiver:

            def sent(kind: str) -> list[str]:
                found = [each.document for each in list(receiver.requests)]
                return [each["kind"] for each in found if (each["kind"], each["object"]["namespace"]) == (kind, home)]

            until(lambda: bool(sent("connection-closed")), "what waited is delivered")
            assert holder(api, home) == leader
            api.delete(f"/apis/networking.k8s.io/v1/namespaces/{home}/networkpolicies/deny")
            until(has(second, "connection-opened", home), "the second one tells")
            # That one has no sinks, and nobody else judges.
            assert (first.events, sent("connection-opened")) == ([], [])
            for run in (first, second):
                run.process.terminate()
                assert run.end() == 0
    finally:
        for each in (first, second):
            if each is not None:
                each.process.kill()


def test_who_loses_the_lease_ends_and_says_so(api: Api, kubeconfig: Path, home: str, tmp_path: Path) -> None:
    run = replica(kubeconfig, tmp_path, home)
    try:
        until(lambda: bool(holder(api, home)), "it leads")

        def is_stolen() -> bool:
            _, lease, _ = api.send("GET", path_of(home))
            lease["spec"] |= {"holderIdentity": "thief", "leaseDurationSeconds": 600}
            # It may have been renewed in between.
            return api.send("PUT", path_of(home), lease)[0] == HTTPStatus.OK

        until(is_stolen, "the lease is written")
        assert run.process.stderr is not None
        told = run.process.stderr.read()
        assert run.end() == 2
        assert "leads no longer" in told
        assert "thief" in told
    finally:
        run.kill()


def test_times_that_cannot_work_are_refused_in_one_line(kubeconfig: Path, tmp_path: Path) -> None:
    where = ("--kubeconfig", str(kubeconfig), "--state", str(tmp_path))
    ran = firedoor("watch", *where, "--leader-elect", "--leader-elect-renew-deadline", "20s")
    assert ran.code == 2
    assert "the lease duration must be longer than the renew deadline" in ran.error
