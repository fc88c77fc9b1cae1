"""The inventory as tables for people."""

from __future__ import annotations

from enum import Enum
from itertools import groupby

from rich.console import Console
from rich.text import Text

from firedoor.model.inventory import CoverageRow, Inventory, PodRow
from firedoor.render.columns import print_columns

_STYLES = {"open": "red", "isolated": "green", "host": "yellow", "mixed": "yellow"}


class Rows(Enum):
    """Whether pods are listed one by one, or a line for each workload."""

    WORKLOADS = "workloads"
    PODS = "pods"


def print_inventory(inventory: Inventory, console: Console, rows: Rows = Rows.WORKLOADS) -> None:
    """Print workloads or pods, nodes, networks and coverage; empty parts are left out."""
    listed = _pods(inventory) if rows is Rows.PODS else _workloads(inventory)
    titles = "NAMESPACE WORKLOAD KIND POD STATE NODE ADDRESS NETWORK INGRESS EGRESS"
    if rows is Rows.WORKLOADS:
        titles = "NAMESPACE WORKLOAD KIND PODS STATE NODES NETWORK INGRESS EGRESS"
    _table(console, titles, listed)
    nodes: list[list[str | Text]] = [
        [row.name, _joined(row.ips), _joined(row.pod_cidrs), row.kubelet or "-", str(row.pods)]
        for row in inventory.nodes
    ]
    _table(console, "NODE ADDRESS POD-CIDR KUBELET PODS", nodes)
    networks: list[list[str | Text]] = [[row.name, str(row.pods), row.detail or "-"] for row in inventory.networks]
    _table(console, "NETWORK PODS ABOUT", networks)
    coverage = [_coverage(row) for row in inventory.coverage]
    if coverage:
        coverage.append(_coverage(inventory.total))
    _table(console, "NAMESPACE PODS BOTH INGRESS-ONLY EGRESS-ONLY NONE HOST POLICIES", coverage)


def _workloads(inventory: Inventory) -> list[list[str | Text]]:
    found: list[list[str | Text]] = []
    for (namespace, workload, kind), group in groupby(
        inventory.pods, key=lambda row: (row.namespace, row.workload, row.kind)
    ):
        pods = list(group)
        nodes = len({row.node for row in pods if row.node})
        states = _joined(tuple(dict.fromkeys(row.state for row in pods)))
        count = "-" if pods[0].state == "template" and kind != "StatefulSet" else str(len(pods))
        head: list[str | Text] = [namespace, workload, kind, count, states, str(nodes) if nodes else "-"]
        found.append([*head, pods[0].network, *_isolation(pods)])
    return found


def _pods(inventory: Inventory) -> list[list[str | Text]]:
    return [
        [
            *(row.namespace, row.workload, row.kind, row.name, row.state, row.node or "-", _joined(row.ips)),
            row.network,
            *_isolation([row]),
        ]
        for row in inventory.pods
    ]


def _isolation(pods: list[PodRow]) -> list[str | Text]:
    cells: list[str | Text] = []
    for values in ({row.ingress for row in pods}, {row.egress for row in pods}):
        word = values.pop() if len(values) == 1 else "mixed"
        cells.append(Text(word, style=_STYLES.get(word, "")))
    return cells


def _coverage(row: CoverageRow) -> list[str | Text]:
    none = Text(str(row.none), style="red" if row.none else "green")
    counts = [str(each) for each in (row.pods, row.both, row.ingress_only, row.egress_only)]
    return [row.namespace or Text("all", style="bold"), *counts, none, str(row.host), str(row.policies)]


def _joined(values: tuple[str, ...]) -> str:
    return ",".join(values) or "-"


def _table(console: Console, titles: str, rows: list[list[str | Text]]) -> None:
    if rows:
        print_columns(console, titles.split(), rows)
        console.print()
