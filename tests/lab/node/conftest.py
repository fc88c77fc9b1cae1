"""A real node for the tests of this folder: each process of tests starts its own, under names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.node import Node
from lab.requirements import lacking

from tests.lab.api import Api
from tests.lab.long_runs import IS_LONG_RUN
from tests.lab.node.cluster import Cluster

_ALWAYS = frozenset({"test_enforcement.py", "test_broken_enforcer.py", "test_loop.py", "test_requirements.py"})
"""What shows the closed loop; the rest takes minutes more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what takes long, where nobody asks for it."""
    skip = pytest.mark.skip(reason="takes minutes: runs with FIREDOOR_LAB=node, and with the thorough profile")
    for each in items:
        if each.path.parent == Path(__file__).parent and each.path.name not in _ALWAYS and not IS_LONG_RUN:
            each.add_marker(skip)


@pytest.fixture(scope="session")
def able() -> None:
    """Skip where no node can run, and say why."""
    lacks = lacking()
    if lacks:
        pytest.skip(f"no node can run here, for it needs: {'; '.join(lacks)}")


@pytest.fixture(scope="package")
def node(able: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """
    Start a node, without an enforcer, and end it after the last test.

    Tests read ``node.kubeconfig`` and call ``node.enforce()`` and ``node.stop_enforcing()``.
    """
    node = Node(tmp_path_factory.mktemp("node"), bound=True)
    node.up(lambda _text: None)
    try:
        yield node
    finally:
        node.down()


@pytest.fixture(scope="package")
def cluster(node: Node) -> Cluster:
    """Return what makes pods and tries connections."""
    return Cluster(node)


@pytest.fixture(scope="package")
def api(cluster: Cluster) -> Api:
    """Return the API server as its administrator sees it."""
    return cluster.api


@pytest.fixture
def kubeconfig(node: Node) -> Path:
    """Return the kubeconfig of the administrator."""
    return node.kubeconfig


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """Make a namespace for one test, and remove it afterwards with all that is in it."""
    with cluster.namespace() as name:
        yield name


@pytest.fixture
def enforced(node: Node) -> None:
    """Have an enforcer that works."""
    node.enforce()


@pytest.fixture
def unenforced(node: Node) -> None:
    """Have no enforcer, and none of the rules of one."""
    node.stop_enforcing()
