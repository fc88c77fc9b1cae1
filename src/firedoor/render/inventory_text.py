"""The inventory as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.inventory import Inventory
from firedoor.render.columns import print_columns


def print_inventory(inventory: Inventory, console: Console) -> None:
    """Print pods, nodes, networks, coverage by policies, and totals; empty parts are left out."""
    _table(
        console,
        "NAMESPACE NAME KIND NODE IPS NETWORK PHASE LABELS",
        [
            [p.namespace, p.name, p.kind, p.node, ",".join(p.ips), p.network, p.phase, str(p.labels)]
            for p in inventory.pods
        ],
    )
    _table(
        console,
        "NODE IPS KUBELET PODS",
        [[n.name, ",".join(n.ips), n.kubelet, str(n.pods)] for n in inventory.nodes],
    )
    _table(console, "NETWORK", [[network] for network in inventory.networks])
    _table(
        console,
        "NAMESPACE PODS INGRESS EGRESS BOTH NONE",
        [
            [c.namespace, *(str(count) for count in (c.total, c.ingress, c.egress, c.both, c.none))]
            for c in inventory.coverage
        ],
    )
    if inventory.totals:
        totals = "; ".join(f"{count} {name}" for name, count in inventory.totals.items())
        console.print(Text(totals), soft_wrap=True)


def _table(console: Console, titles: str, rows: list[list[str | Text]]) -> None:
    if rows:
        print_columns(console, titles.split(), rows)
        console.print()
