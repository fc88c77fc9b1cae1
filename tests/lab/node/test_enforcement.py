"""What policies do to real packets: nothing without an enforcer, and what they say with one."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from lab.node import Node

from tests.lab.api import until
from tests.lab.node.cluster import Cluster, Connection, idle, pod, serving
from tests.lab.node.policies import allow, default_deny, no_way_out

_PORTS = {"tcp": 8080, "udp": 8081}


@pytest.fixture(scope="module")
def home(cluster: Cluster) -> Iterator[str]:
    """Make a server with a Service and two pods that may want to connect, and return their namespace."""
    with cluster.namespace() as name:
        cluster.run(serving(name, "server", _PORTS), idle(name, "friend"), idle(name, "stranger"))
        yield name


@pytest.fixture
def server(cluster: Cluster, home: str) -> Iterator[str]:
    """Return the address of the server; the policies of the test are removed after it."""
    yield cluster.address(home, "server")
    cluster.remove_policies(home)


@pytest.fixture
def service(cluster: Cluster, home: str, server: str, enforced: None) -> str:
    """Put a Service before the server, wait until it works, and return its address."""
    ports = [
        {"name": protocol, "protocol": protocol.upper(), "port": 10 + port, "targetPort": port}
        for protocol, port in _PORTS.items()
    ]
    address = cluster.service_address(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"namespace": home, "name": "web"},
            "spec": {"selector": {"app": "server"}, "ports": ports},
        }
    )
    for protocol, port in _PORTS.items():
        cluster.settles(Connection.MADE, home, "friend", address, 10 + port, protocol)
    return address


def test_without_an_enforcer_a_default_deny_blocks_nothing(
    cluster: Cluster, home: str, unenforced: None, server: str
) -> None:
    cluster.api.create(default_deny(home))
    for protocol, port in _PORTS.items():
        assert cluster.connect(home, "stranger", server, port, protocol) is Connection.MADE


def test_a_default_deny_blocks_and_an_allow_rule_lets_pass(
    cluster: Cluster, home: str, enforced: None, service: str, server: str
) -> None:
    ways = [
        (host, extra + _PORTS[protocol], protocol)
        for host, extra in ((server, 0), (service, 10))
        for protocol in _PORTS
    ]
    cluster.api.create(default_deny(home))
    for way in ways:
        cluster.settles(Connection.REFUSED, home, "friend", *way)
    cluster.api.create(allow(home, "server", "friend", _PORTS))
    for way in ways:
        cluster.settles(Connection.MADE, home, "friend", *way)
        assert cluster.connect(home, "stranger", *way) is Connection.REFUSED


def test_a_policy_for_egress_keeps_pods_from_connecting(
    cluster: Cluster, home: str, enforced: None, server: str
) -> None:
    cluster.api.create(no_way_out(home))
    cluster.settles(Connection.REFUSED, home, "friend", server, _PORTS["tcp"])


def test_an_enforcer_that_comes_late_enforces_what_was_there_before(
    cluster: Cluster, home: str, unenforced: None, server: str, node: Node
) -> None:
    cluster.api.create(default_deny(home))
    assert cluster.connect(home, "friend", server, _PORTS["tcp"]) is Connection.MADE
    node.enforce()
    cluster.settles(Connection.REFUSED, home, "friend", server, _PORTS["tcp"])


def test_sctp_is_blocked_and_let_pass_as_well(cluster: Cluster, namespace: str, enforced: None) -> None:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()
    except OSError as error:
        pytest.skip(f"no SCTP in this kernel: {error}")
    told = {"args": ["porter"], "env": [{"name": "SERVE_SCTP_PORT_9090", "value": "x"}]}
    addresses = cluster.run(pod(namespace, "server", told), idle(namespace, "friend"))
    cluster.settles(Connection.MADE, namespace, "friend", addresses["server"], 9090, "sctp")
    cluster.api.create(default_deny(namespace))
    way = (namespace, "friend", addresses["server"], 9090, "sctp")
    until(lambda: cluster.connect(*way) is not Connection.MADE, "SCTP was never blocked")
    cluster.api.create(allow(namespace, "server", "friend", {"sctp": 9090}))
    cluster.settles(Connection.MADE, namespace, "friend", addresses["server"], 9090, "sctp")
