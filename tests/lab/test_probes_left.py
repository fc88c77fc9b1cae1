"""What is left of probes on a real API server: nothing, or what is found again, or goes by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from firedoor.adapters.cluster.probes import clean_up
from tests.lab.api import Api, until
from tests.lab.probing import CONTAINER, left, objects

KILLED = """
import sys
from pathlib import Path
from firedoor.adapters.cluster.probes import ProbeSettings, open_prober
from firedoor.interfaces import Silent
from firedoor.model.places import ObjectRef
from firedoor.model.probing import ProbeSite
kubeconfig, namespace, ttl = sys.argv[1:]
named = [(ObjectRef("Deployment", namespace, each), {"app": each}) for each in "abc"]
sites = [ProbeSite(ref, "", labels, (), (("TCP", 80),)) for ref, labels in named]
with open_prober(kubeconfig, None, ProbeSettings(ready_timeout=300, ttl=int(ttl))) as prober:
    prober.prepare(sites, Silent())
"""


def killed_run(api: Api, kubeconfig: Path, namespace: str, ttl: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Run a prober in a process of its own, and end it while it waits for its pods."""
    command = [sys.executable, "-c", KILLED, str(kubeconfig), namespace, str(ttl)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: len([each for each in left(api, namespace) if each.startswith("pods/firedoor-")]) == 3, "3 pods")
    finally:
        process.send_signal(how)
        process.wait()


def test_what_a_killed_run_leaves_is_cleaned_up_and_nothing_else(
    api: Api, kubeconfig: Path, make: Callable[..., str]
) -> None:
    namespace = make()
    foreign = {"name": "keep", "namespace": namespace, "labels": {"firedoor.dev/probe": "0123abcd", "app": "x"}}
    api.create({"apiVersion": "v1", "kind": "Pod", "metadata": foreign, "spec": {"containers": [CONTAINER]}})
    named = {"name": "firedoor-probe-0123abcd", "namespace": namespace}
    api.create({"apiVersion": "v1", "kind": "Pod", "metadata": named, "spec": {"containers": [CONTAINER]}})
    killed_run(api, kubeconfig, namespace, 600)
    assert len(left(api, namespace)) == 3 + 1 + 1 + 1
    removed = [each for each in clean_up(str(kubeconfig), None) if f" {namespace}/" in each]
    assert sorted(each.partition(" ")[0] for each in removed) == ["Deployment", "Job", "Pod", "Pod", "Pod"]
    assert left(api, namespace) == ["pods/keep"]
    assert api.send("GET", f"/api/v1/namespaces/{namespace}/pods/firedoor-probe-0123abcd")[0] == HTTPStatus.OK


def test_a_run_that_is_interrupted_leaves_nothing(api: Api, kubeconfig: Path, make: Callable[..., str]) -> None:
    namespace = make()
    killed_run(api, kubeconfig, namespace, 600, signal.SIGINT)
    assert left(api, namespace) == []


def test_what_a_killed_run_leaves_goes_by_itself_after_its_time_to_live(
    api: Api, kubeconfig: Path, make: Callable[..., str]
) -> None:
    namespace = make()
    # Long enough for a busy machine to make them all before the first goes.
    killed_run(api, kubeconfig, namespace, 10)
    assert {each["spec"]["activeDeadlineSeconds"] for each in objects(api, "pods", namespace)} <= {10}
    until(lambda: not left(api, namespace), "the garbage collector", 180)
