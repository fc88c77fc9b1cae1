"""What tests of apply need, on a fake API server and on a real one: a cluster, policies, and what is left of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from firedoor.model.rollout_contents import content
from tests.fake_api_server import FakeAPIServer, Manifest
from tests.fake_api_writes import fields_of, with_owners

POLICIES = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies/{}"


def policy(namespace: str, name: str, app: str = "", rules: list[Any] | None = None, **labels: str) -> Manifest:
    """Return a policy for the ingress of the pods of an app, or of all; without rules it denies."""
    metadata: Manifest = {"name": name, "namespace": namespace}
    spec: Manifest = {"podSelector": {"matchLabels": {"app": app}} if app else {}, "policyTypes": ["Ingress"]}
    if rules is not None:
        spec["ingress"] = rules
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata | ({"labels": labels} if labels else {}),
        "spec": spec,
    }


def from_app(*apps: str) -> list[Any]:
    return [{"from": [{"podSelector": {"matchLabels": {"app": each}}}]} for each in apps]


def written(folder: Path, *manifests: Manifest) -> str:
    """Write policies into a folder, one file for each, in the place of all that was there, and return the folder."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.yaml"):
        old.unlink()
    for number, each in enumerate(manifests):
        (folder / f"{number}.yaml").write_text(json.dumps(each))
    return str(folder)


def kept(manifest: Manifest, manager: str = "kubectl") -> Manifest:
    """Return an object as a server keeps it that somebody else made."""
    metadata = {**manifest["metadata"], "resourceVersion": "0", "uid": f"made-{manifest['metadata']['name']}"}
    made = {**manifest, "metadata": metadata}
    return with_owners(made, {f"{manager}/Update": set(fields_of(made))})


def policies_of(server: FakeAPIServer) -> dict[str, Manifest]:
    """Return what people write of all policies, by namespace and name."""
    found = server.objects["networking.k8s.io/v1", "networkpolicies"]
    return {f"{each['metadata']['namespace']}/{each['metadata']['name']}": content(each) or {} for each in found}


def specs_of(server: FakeAPIServer) -> dict[str, Any]:
    return {name: each["spec"] for name, each in policies_of(server).items()}


# A process that is started in the background is told to ignore Ctrl-C, and so are those that it starts.
_COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from firedoor.cli.main import main; main()"
)


class Started:
    """A command that runs as a process of its own, and that may be killed."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
        )

    def kill(self) -> None:
        """End it as the kernel does that has no memory left, and return when it is gone."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(120)

    def kill_before(self) -> None:
        """End it before what it sent last has arrived: raises what a server meets then."""
        self.kill()
        raise ConnectionAbortedError

    @staticmethod
    def end(started: list[Started], *, after: bool) -> None:
        """End the one that is started, or is just being started, after or before what it sent last has arrived."""
        limit = time.monotonic() + 60
        while not started:
            assert time.monotonic() < limit
            time.sleep(0.01)
        started[0].kill() if after else started[0].kill_before()

    def interrupt(self) -> None:
        """Interrupt it as a person does with Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def wait(self) -> tuple[int, str, str]:
        """Return how it ended, and what it printed."""
        try:
            out, err = self._process.communicate(timeout=120)
        finally:
            self._process.kill()
        return self._process.returncode, out.decode(), err.decode()
