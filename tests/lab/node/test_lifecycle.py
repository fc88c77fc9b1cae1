"""The commands of the lab with a node: each does its work also after a crash, and `down` leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab.machine import Machine
from lab.node import Node
from lab.places import KUBERNETES, binaries

from tests.lab.api import until
from tests.lab.node.cluster import Cluster, idle
from tests.lab.node.traces import processes_of, state_of_this_machine, traces

pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]

_REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def node(able: None, tmp_path: Path) -> Iterator[Node]:
    """Return the node that the commands of a test start and end; it is ended also where the test fails."""
    node = Node(tmp_path / "firedoor-lab")
    yield node
    node.down()


def test_up_twice_is_one_and_down_leaves_nothing(node: Node) -> None:
    before = state_of_this_machine()
    up = _lab(node, "up", "--node")
    assert up.stdout == f"Kubernetes {KUBERNETES} is up: export KUBECONFIG={node.kubeconfig}\n"
    assert _lab(node, "status").stdout.count("running") == 8
    with_pod = Cluster(node)
    with_pod.make_namespace("one")
    with_pod.run(idle("one", "one"))
    running = _pids(node)
    with processes_of(node) as processes:
        kinds = {each.partition(" ")[0] for each in traces(node, processes)}
        assert kinds == {"control", "file", "link", "process"}

        assert _lab(node, "up", "--node").stdout == up.stdout
        assert _pids(node) == running

        _kill(node, "kube-router")
        assert "kube-router: stopped" in _lab(node, "status", code=1).stdout
        _lab(node, "up", "--node")
        assert _pids(node) | {"kube-router": 0} == running | {"kube-router": 0}

        _kill(node, "containerd")
        assert "containerd: stopped" in _lab(node, "status", code=1).stdout
        _lab(node, "down")
        assert traces(node, processes) == []
    assert state_of_this_machine() == before
    assert _lab(node, "status", code=1).stdout.count("stopped") == 3
    _lab(node, "down")


def test_down_leaves_nothing_of_a_start_that_was_killed(node: Node) -> None:
    before = state_of_this_machine()
    command = [sys.executable, "-m", "lab", "up", "--node"]
    with subprocess.Popen(command, cwd=_REPOSITORY, env=_environment(node), stderr=subprocess.DEVNULL) as starting:
        until((node.plane.folder / "kube-apiserver.pid").exists, "the API server is started", 120)
        starting.kill()
    with processes_of(node) as processes:
        assert traces(node, processes)
        _kill(node, "machine")
        until(lambda: not any(each.startswith("process") for each in traces(node, processes)), "all of it ends", 20)
        _lab(node, "down")
        assert traces(node, processes) == []
    assert state_of_this_machine() == before


def test_a_machine_that_is_bound_ends_with_the_program_that_started_it(node: Node) -> None:
    machine = Machine(node.machine.folder, bound=True)
    program = "import sys; from pathlib import Path; from lab.machine import Machine; "
    program += "Machine(Path(sys.argv[1]), bound=True).up(); print('up', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(machine.folder)]
    with subprocess.Popen(command, cwd=_REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"up\n"
        assert machine.is_up()
        starter.kill()
    until(lambda: not machine.is_up(), "the machine ends", 20)
    node.down()
    assert not machine.folder.exists()


def _lab(node: Node, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lab", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=_REPOSITORY, env=_environment(node))
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done


def _environment(node: Node) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(node.folder.parent), "KUBEBUILDER_ASSETS": str(binaries())}


def _kill(node: Node, name: str) -> None:
    pid = node.processes.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: not node.processes.is_running(name), f"{name} ends")


def _pids(node: Node) -> dict[str, int | None]:
    return {name: node.processes.pid(name) for name in node.states()}
