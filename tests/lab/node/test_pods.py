"""Pods run, and all that the API offers on them works through the API server."""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from kubernetes.stream import portforward
from lab.busybox import busybox
from lab.images import AGNHOST, TOOLS
from lab.keys import Authority
from lab.node_settings import NAME

from tests.lab.api import until
from tests.lab.node.cluster import Cluster, Connection, Ran, idle, pod, serving

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def home(cluster: Cluster) -> Iterator[str]:
    """Make a server and a client, and return their namespace; the tests change nothing of them."""
    with cluster.namespace() as name:
        cluster.run(serving(name, "server", {"tcp": 8080, "udp": 8081}), idle(name, "client"))
        yield name


def test_pods_connect_by_address_and_a_closed_port_refuses(cluster: Cluster, home: str) -> None:
    server = cluster.address(home, "server")
    assert cluster.connect(home, "client", server, 8080) is Connection.MADE
    assert cluster.connect(home, "client", server, 8081, "udp") is Connection.MADE
    assert cluster.connect(home, "client", server, 8082) is Connection.REFUSED
    assert cluster.connect(home, "client", "192.0.2.77", 80) is Connection.TIMEOUT


def test_a_service_leads_to_its_pods(cluster: Cluster, home: str) -> None:
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"namespace": home, "name": "web"},
        "spec": {"selector": {"app": "server"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    cluster.settles(Connection.MADE, home, "client", cluster.service_address(service), 80)


def test_the_kubelet_answers_nobody_whom_it_does_not_know(cluster: Cluster) -> None:
    _, node, _ = cluster.api.send("GET", f"/api/v1/nodes/{NAME}")
    address = next(each["address"] for each in node["status"]["addresses"] if each["type"] == "InternalIP")
    context = ssl.create_default_context(cafile=str(Authority(cluster.node.plane.folder).certificate))
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"https://{address}:10250/pods", context=context)


def test_a_program_in_a_container_tells_its_output_and_exit_code(cluster: Cluster, home: str) -> None:
    ran = cluster.execute(home, "client", "/agnhost", "connect", "not an address")
    assert ran == Ran(1, "", "UNKNOWN: address not an address: missing port in address\n")
    with pytest.raises(AssertionError, match="executable file not found"):
        cluster.execute(home, "client", "sh")


@pytest.mark.skipif(busybox() is None, reason="no static busybox (package busybox-static): no image with tools")
def test_a_container_with_tools_has_them(cluster: Cluster, home: str) -> None:
    cluster.run(pod(home, "tools", {"args": ["sleep", "1000"]}, image=TOOLS))
    server = cluster.address(home, "server")
    ran = cluster.execute(home, "tools", "wget", "-q", "-O-", f"http://{server}:8080/hostname")
    assert ran == Ran(0, "server", "")
    assert cluster.execute(home, "tools", "sh", "-c", "echo here; exit 3") == Ran(3, "here\n", "")
    assert cluster.execute(home, "tools", "nc", "-w1", server, "8080").code == 0


def test_logs_and_forwarded_ports_come_through_the_api_server(cluster: Cluster, home: str) -> None:
    assert "Started HTTP server on port 8080" in cluster.core.read_namespaced_pod_log("server", home)
    forward = portforward(cluster.core.connect_get_namespaced_pod_portforward, "server", home, ports="8080")
    end: socket.socket = forward.socket(8080)
    end.settimeout(10)
    end.sendall(b"GET /hostname HTTP/1.0\r\n\r\n")
    answer = b""
    while chunk := end.recv(4096):
        answer += chunk
    forward.close()
    until(lambda: not any(each.name.startswith("Kubernetes port forward") for each in threading.enumerate()), "the end")
    forward.websocket.shutdown()
    assert answer.endswith(b"server")


def test_an_ephemeral_container_runs_beside_the_others(cluster: Cluster, home: str) -> None:
    beside = {
        "name": "beside",
        "image": AGNHOST,
        "imagePullPolicy": "IfNotPresent",
        "args": ["connect", "127.0.0.1:8080", "--timeout=1s"],
    }
    cluster.core.patch_namespaced_pod_ephemeralcontainers("server", home, {"spec": {"ephemeralContainers": [beside]}})

    def ended() -> bool:
        states = cluster.get(serving(home, "server", {}))["status"].get("ephemeralContainerStatuses", [])
        return any(each["state"].get("terminated", {}).get("exitCode") == 0 for each in states)

    until(ended, "the ephemeral container never ended well")
