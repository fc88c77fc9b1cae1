"""
What tests do on the node: make pods, run programs in them, and try connections.

``cluster`` is the fixture. A test has a namespace of its own (fixture ``namespace``) and makes pods in it:

    addresses = cluster.run(serving(namespace, "server", {"tcp": 8080}), idle(namespace, "client"))
    assert cluster.connect(namespace, "client", addresses["server"], 8080) is Connection.MADE

Policies are created with ``cluster.api.create``; ``cluster.settles`` waits until a connection is as expected, for an
enforcer needs a moment. ``cluster.node.enforce()`` and ``cluster.node.stop_enforcing()`` start and end the enforcer; no
test may rely on what another has left, so each begins with one of the two (fixtures ``enforced`` and ``unenforced``).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from kubernetes import client
from kubernetes.stream import stream
from lab.images import AGNHOST
from lab.node import Node

from firedoor.adapters.cluster.config import connect
from tests.lab.api import Api, Manifest, collection, until

_ERROR = 3
"""The channel on which the API server tells how a program ended."""


class Connection(StrEnum):
    """What came of a connection, as ``agnhost connect`` tells it."""

    MADE = "MADE"
    REFUSED = "REFUSED"
    TIMEOUT = "TIMEOUT"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program in a container ended, and what it printed."""

    code: int
    out: str
    err: str


class Cluster:
    """A node with its API server."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.api = Api(node.kubeconfig)
        self.core = client.CoreV1Api(connect(str(node.kubeconfig), None).client)

    @contextmanager
    def namespace(self) -> Iterator[str]:
        """Make a namespace with a name of its own, and remove it afterwards with all that is in it."""
        name = f"t-{uuid.uuid4().hex[:8]}"
        self.make_namespace(name)
        yield name
        self.api.delete(f"/api/v1/namespaces/{name}")

    def remove_policies(self, namespace: str) -> None:
        """Remove all NetworkPolicies of a namespace."""
        self.api.delete(f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies")

    def make_namespace(self, name: str, labels: Mapping[str, str] | None = None) -> None:
        """Make a namespace, and wait for the account that its pods have."""
        self.api.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": dict(labels or {})}}
        )
        path = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        until(lambda: self.api.send("GET", path)[0] == HTTPStatus.OK, f"the account of {name}")

    def run(self, *pods: Manifest) -> dict[str, str]:
        """Create pods, wait until all are ready, and return their addresses by name."""
        for each in pods:
            self.api.create(each)
        names = [(each["metadata"]["namespace"], each["metadata"]["name"]) for each in pods]
        return {name: self.address(namespace, name) for namespace, name in names}

    def address(self, namespace: str, pod: str) -> str:
        """Return the address of a pod, once it is ready."""
        end = time.monotonic() + 120
        while True:
            status = self.api.send("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}")[1].get("status", {})
            if any(each["type"] == "Ready" and each["status"] == "True" for each in status.get("conditions", ())):
                return str(status["podIP"])
            assert time.monotonic() < end, status
            time.sleep(0.1)

    def get(self, manifest: Manifest) -> Any:
        """Return an object as the server has it; None where it has none."""
        status, content, _ = self.api.send("GET", f"{collection(manifest)}/{manifest['metadata']['name']}")
        return content if status == HTTPStatus.OK else None

    def service_address(self, service: Manifest) -> str:
        """Create a Service, and return its address, which works a moment later."""
        self.api.create(service)
        return str(self.get(service)["spec"]["clusterIP"])

    def execute(self, namespace: str, pod: str, *command: str, seconds: float = 60) -> Ran:
        """Run a program in a pod, through the API server, and return how it ended."""
        talk = stream(
            self.core.connect_get_namespaced_pod_exec,
            pod,
            namespace,
            command=list(command),
            stdout=True,
            stderr=True,
            _preload_content=False,
        )
        try:
            talk.run_forever(timeout=seconds)
            return Ran(_exit_code(talk.read_channel(_ERROR)), talk.read_stdout(), talk.read_stderr())
        finally:
            talk.sock.shutdown()

    def connect(
        self, namespace: str, pod: str, host: str, port: int, protocol: str = "tcp", seconds: float = 5
    ) -> Connection:
        """Try a connection from a pod that has ``agnhost``, and return what came of it."""
        flags = (f"--protocol={protocol}", f"--timeout={seconds}s")
        ran = self.execute(namespace, pod, "/agnhost", "connect", f"{host}:{port}", *flags)
        if ran.code == 0:
            return Connection.MADE
        word = ran.err.strip().partition(":")[0]
        return Connection(word) if word in list(Connection) else Connection.OTHER

    def settles(
        self, expected: Connection, namespace: str, pod: str, host: str, port: int, protocol: str = "tcp"
    ) -> None:
        """Wait until a connection is as expected, and stays so."""
        until(
            lambda: all(self.connect(namespace, pod, host, port, protocol) is expected for _ in range(2)),
            f"{protocol} from {pod} to {host}:{port} never was {expected}",
            seconds=90,
        )


def idle(namespace: str, name: str, labels: Mapping[str, str] | None = None) -> Manifest:
    """Return a pod that only waits, from which connections are tried."""
    return pod(namespace, name, {"args": ["pause"]}, labels)


def serving(namespace: str, name: str, ports: Mapping[str, int], labels: Mapping[str, str] | None = None) -> Manifest:
    """Return a pod that answers on one port for each protocol, ``tcp`` and ``udp``, and says its name."""
    flags = {"tcp": "--http-port", "udp": "--udp-port"}
    told = {
        "args": ["netexec", *(f"{flags[protocol]}={port}" for protocol, port in ports.items())],
        "ports": [{"containerPort": port, "protocol": protocol.upper()} for protocol, port in ports.items()],
    }
    if "tcp" in ports:
        told["readinessProbe"] = {"tcpSocket": {"port": ports["tcp"]}, "periodSeconds": 1}
    return pod(namespace, name, told, labels)


def pod(
    namespace: str, name: str, container: Manifest, labels: Mapping[str, str] | None = None, image: str = AGNHOST
) -> Manifest:
    """Return a pod of one container; it is labelled ``app: NAME`` where nothing else is said."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "labels": dict(labels or {"app": name})},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "automountServiceAccountToken": False,
            "containers": [{"name": "main", "image": image, "imagePullPolicy": "IfNotPresent", **container}],
        },
    }


def _exit_code(told: str) -> int:
    status = json.loads(told)
    if status["status"] == "Success":
        return 0
    assert status.get("reason") == "NonZeroExitCode", status
    return int(status["details"]["causes"][0]["message"])
