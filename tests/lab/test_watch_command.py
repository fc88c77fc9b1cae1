"""``firedoor watch`` as a person runs it, against a real API server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.cli.command import firedoor
from tests.lab.api import Api, Manifest, until

PATIENCE = 120


def namespace(name: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def deployment(home: str, name: str) -> Manifest:
    container = {"name": "a", "image": "a:1", "ports": [{"containerPort": 80}]}
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": home}, "spec": spec}


def deny(home: str) -> Manifest:
    spec = {"podSelector": {}, "policyTypes": ["Ingress"]}
    metadata = {"name": "deny", "namespace": home}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


class Run:
    """A watch in a process of its own, and what it has printed."""

    def __init__(self, kubeconfig: Path, state: Path, *options: str) -> None:
        command = [sys.executable, "-m", "firedoor", "watch", "-o", "json", "--kubeconfig", str(kubeconfig)]
        self.process = subprocess.Popen(
            [*command, "--state", str(state), "--checks-every", "1s", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self.events: list[dict[str, Any]] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self) -> int:
        """Return the exit code, when all that was printed is read."""
        code = self.process.wait(PATIENCE)
        self._reader.join()
        for each in (self.process.stdout, self.process.stderr):
            assert each is not None
            each.close()
        return code

    def kill(self) -> None:
        """End it, if it has not ended, and leave nothing open of which the next test would be told."""
        self.process.kill()
        self.end()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            # Of one that is killed the last line may be cut off.
            if line.endswith("\n"):
                self.events.append(json.loads(line))

    def wait(self, kind: str, home: str) -> dict[str, Any]:
        """Return the first event of a kind about an object of a namespace."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for each in list(self.events):
                if each["kind"] == kind and each["object"]["namespace"] == home:
                    return each
            time.sleep(0.1)
        raise AssertionError((kind, self.events, self.process.poll()))


@contextmanager
def running(*arguments: Any) -> Iterator[Run]:
    run = Run(*arguments)
    try:
        yield run
        run.process.send_signal(signal.SIGTERM)
        assert run.end() == 0
    finally:
        run.kill()


def is_ready(place: str) -> bool:
    try:
        with urllib.request.urlopen(f"{place}/readyz", timeout=5) as answer:  # noqa: S310 - http
            return bool(answer.status == 200)
    except OSError:
        return False


def test_changes_are_told_as_they_happen_and_those_in_between_at_the_next_start(
    api: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    home = "watched-by-command"
    api.create(namespace(home))
    api.create(deployment(home, "db"))
    with running(kubeconfig, tmp_path / "state", "--metrics", "127.0.0.1:0") as run:
        assert run.process.stderr is not None
        place = run.process.stderr.readline().removeprefix("metrics at ").strip().removesuffix("/metrics")
        until(lambda: is_ready(place), "the watch is ready", PATIENCE)
        api.create(deny(home))
        closed = run.wait("connection-closed", home)
        assert "NetworkPolicy watched-by-command/deny created" in closed["causes"]
        # Findings are looked for again with the next change, after a second at least; without one it takes longer.
        time.sleep(1.0)
        api.create(namespace(f"{home}-too"))
        gone = run.wait("finding-gone", home)
        assert gone["severity"] == "info"
        with urllib.request.urlopen(f"{place}/metrics", timeout=5) as answer:  # noqa: S310 - http
            assert b'firedoor_events_total{kind="connection-closed"' in answer.read()
    api.delete(f"/apis/networking.k8s.io/v1/namespaces/{home}/networkpolicies/deny")
    with running(kubeconfig, tmp_path / "state") as run:
        assert run.wait("connection-opened", home)["severity"] in {"medium", "high"}


def test_one_look_ends_by_itself_and_forgets_when_told(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    home = "watched-once"
    api.create(namespace(home))
    api.create(deployment(home, "db"))
    api.create(deny(home))

    def look(*options: str) -> list[dict[str, Any]]:
        where = ("--kubeconfig", str(kubeconfig), "--state", str(tmp_path / "state"))
        ran = firedoor("watch", "-o", "json", *where, "--for", "0s", "-n", home, *options)
        assert ran.code == 0, ran.err
        return [json.loads(line) for line in ran.out.splitlines()]

    assert look() == []
    api.delete(f"/apis/networking.k8s.io/v1/namespaces/{home}/networkpolicies/deny")
    assert look("--forget") == []
    api.create(deny(home))
    kinds = {each["kind"] for each in look()}
    assert "connection-closed" in kinds
    assert all(each["object"]["namespace"] in {home, ""} for each in look())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--for", "soon"), "is no duration"),
        (("--metrics", "here"), "is no HOST:PORT"),
        (("--cni", "flannell"), "there is no CNI profile"),
        (("--context", "none"), "there is no context 'none'"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    kubeconfig: Path, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    ran = firedoor("watch", "--kubeconfig", str(kubeconfig), "--state", str(tmp_path / "state"), *options)
    assert (ran.code, told in ran.error) == (2, True)


def test_an_attack_path_is_told_with_its_steps(api: Api, kubeconfig: Path, tmp_path: Path) -> None:
    home, role = "watched-paths", "rbac.authorization.k8s.io"
    api.create(namespace(home))
    api.create(deployment(home, "web"))
    # One that controllers make later is another change.
    until(lambda: bool(api.send("GET", f"/api/v1/namespaces/{home}/pods")[1]["items"]), "the pod")
    bound = {
        "apiVersion": f"{role}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": home},
        "roleRef": {"apiGroup": role, "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": home}],
    }
    with running(kubeconfig, tmp_path / "state", "--metrics", "127.0.0.1:0") as run:
        assert run.process.stderr is not None
        place = run.process.stderr.readline().removeprefix("metrics at ").strip().removesuffix("/metrics")
        until(lambda: is_ready(place), "the watch is ready")
        api.create(bound)
        # What others do to the same cluster may be told with it.
        until(lambda: bool(opened(run.events, home)), "the path")
    (event,) = opened(run.events, home)
    assert event["severity"] == "high"
    assert f"ClusterRoleBinding {home} created" in event["causes"]
    assert any("takes the service account's token that is mounted" in each for each in event["evidence"])


def opened(events: list[dict[str, Any]], home: str) -> list[dict[str, Any]]:
    """Return the attack paths to cluster-admin that begin at the workload of a namespace."""
    found = [each for each in events if each["kind"] == "attack-path-opened" and "-> cluster-admin" in each["message"]]
    # Workloads of other tests, and the internet through them, get there by way of it.
    return [each for each in found if each["object"]["namespace"] == home]
