"""An enforcer that was killed: what it did stays, and it does nothing new."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from lab.node import Node

from tests.lab.node.cluster import Cluster, Connection, idle, serving
from tests.lab.node.policies import allow, default_deny

_LONG_ENOUGH = 2.0
"""Seconds; an enforcer that works takes a tenth of it."""


@pytest.fixture(scope="module")
def home(cluster: Cluster) -> Iterator[str]:
    """Make a server and a pod that wants to connect, and return their namespace."""
    with cluster.namespace() as name:
        cluster.run(serving(name, "server", {"tcp": 8080}), idle(name, "friend"))
        yield name


@pytest.fixture
def server(cluster: Cluster, home: str, enforced: None) -> Iterator[str]:
    """Return the address of the server, to which nobody may connect: the enforcer has seen to that."""
    address = cluster.address(home, "server")
    cluster.api.create(default_deny(home))
    cluster.settles(Connection.REFUSED, home, "friend", address, 8080)
    yield address
    cluster.remove_policies(home)


def test_a_killed_enforcer_leaves_its_rules_and_a_new_policy_does_nothing(
    cluster: Cluster, home: str, server: str, node: Node
) -> None:
    node.stop_enforcing(kill=True)
    cluster.api.create(allow(home, "server", "friend", {"tcp": 8080}))
    time.sleep(_LONG_ENOUGH)
    assert cluster.connect(home, "friend", server, 8080) is Connection.REFUSED
    cluster.api.delete(f"/apis/networking.k8s.io/v1/namespaces/{home}/networkpolicies/default-deny")
    time.sleep(_LONG_ENOUGH)
    assert cluster.connect(home, "friend", server, 8080) is Connection.REFUSED
    node.enforce()
    cluster.settles(Connection.MADE, home, "friend", server, 8080)


def test_a_pod_made_after_the_enforcer_was_killed_is_open(cluster: Cluster, home: str, server: str, node: Node) -> None:
    node.stop_enforcing(kill=True)
    addresses = cluster.run(serving(home, "newcomer", {"tcp": 8080}))
    assert cluster.connect(home, "friend", addresses["newcomer"], 8080) is Connection.MADE
    assert cluster.connect(home, "friend", server, 8080) is Connection.REFUSED


def test_an_enforcer_that_is_stopped_takes_its_rules_along(
    cluster: Cluster, home: str, server: str, node: Node
) -> None:
    node.stop_enforcing()
    cluster.settles(Connection.MADE, home, "friend", server, 8080)
    assert "KUBE-ROUTER" not in node.machine.run("iptables-save").stdout
    assert "KUBE-SRC" not in node.machine.run("ipset", "list", "-n").stdout
