"""
A real Kubernetes on this machine.

    python -m lab build [--node]    builds what is missing, outside of the repository
    python -m lab up [--node]       builds and starts the control plane, and prints how to talk to it
    python -m lab status [--node]   says what runs; exit code 1 where not all of it does
    python -m lab down              ends it and removes its files
    python -m lab promtool          builds what judges the alert rules, which some tests use

With --node there is a node too, with an enforcer of NetworkPolicies: that takes root, Linux, and some packages.
"""

from __future__ import annotations

import argparse
import sys

from lab.building import build, build_promtool
from lab.busybox import fetch
from lab.node import Node
from lab.places import KUBERNETES, PROGRAMS, binaries, cache, missing
from lab.processes import Processes
from lab.requirements import lacking, require
from lab.troubles import LabError


def main() -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lab", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("build", "up", "status", "down", "promtool"))
    parser.add_argument("--node", action="store_true", help="with a node, its pods, and an enforcer of NetworkPolicies")
    asked = parser.parse_args()
    try:
        return _do(asked.verb, Node(cache()), with_node=asked.node)
    except LabError as error:
        _tell(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        _tell("interrupted: `python -m lab down` ends what runs")
        return 130


def _do(verb: str, node: Node, *, with_node: bool) -> int:
    if verb == "down":
        node.down()
        return 0
    if verb == "promtool":
        print(build_promtool(_tell))
        return 0
    if verb == "status":
        return _status(node, with_node=with_node or node.machine.folder.exists())
    if with_node and verb == "up":
        require(built=False)
    folder = build(_tell, node=with_node)
    if with_node:
        fetch(_tell)
    if verb == "build":
        print(folder)
        return 0
    if with_node:
        node.up(_tell)
        node.enforce()
    else:
        if not node.plane.is_up():
            node.down()
        node.plane.up(_tell)
    print(f"Kubernetes {KUBERNETES} is up: export KUBECONFIG={node.kubeconfig}")
    return 0


def _status(node: Node, *, with_node: bool) -> int:
    absent = missing(node=with_node)
    running = {name: Processes(node.plane.folder).is_running(name) for name in PROGRAMS}
    if with_node:
        running |= node.states()
    for name, runs in running.items():
        print(f"{name}: {'running' if runs else 'not built' if name in absent else 'stopped'}")
    print(f"programs: {binaries()}")
    if with_node and not all(running.values()):
        for each in lacking():
            print(f"lacking for a node: {each}")
    return 0 if all(running.values()) else 1


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
