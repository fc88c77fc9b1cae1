"""The pods of a plan as JSON: one template for each workload, filled in for each replica."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.scale.json_text import element
from benchmarks.scale.plan import Plan
from benchmarks.scale.pod_fields import pod_manifest
from benchmarks.scale.workload import DAEMON_SET, DEPLOYMENT, JOB, STATEFUL_SET, Workload

_SUFFIX = "bcdfghjklmnpqrstvwxz2456789"
_FINISHED_JOBS = 0.4
_WAITING = 0.002
RUNNING, SUCCEEDED, PENDING = "Running", "Succeeded", "Pending"


@dataclass(slots=True)
class _Nodes:
    """Hands out nodes in turn, and addresses from each node's own range."""

    count: int
    _next: int = 0
    _used: dict[int, int] | None = None

    def place(self, node: int | None, *, host_network: bool) -> tuple[int, str]:
        """Return the node and the address of the next pod."""
        if node is None:
            node, self._next = self._next, (self._next + 1) % self.count
        if host_network:
            return node, node_address(node)
        used = self._used = {} if self._used is None else self._used
        host = used[node] = used.get(node, 1) + 1
        return node, f"10.{128 + (node >> 8)}.{node & 255}.{host}"


def node_name(node: int) -> str:
    """Return the name of a node."""
    return f"ip-10-0-{node >> 8}-{node & 255}.eu-central-1.compute.internal"


def node_address(node: int) -> str:
    """Return the address of a node."""
    return f"10.0.{node >> 8}.{node & 255}"


def pods(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of every pod."""
    rng = random.Random(plan.seed + 1)
    nodes = _Nodes(plan.size.nodes)
    for workload in plan.workloads:
        yield from _replicas(workload, nodes, rng, indented=indented)


def _replicas(workload: Workload, nodes: _Nodes, rng: random.Random, *, indented: bool) -> Iterator[str]:
    finished = workload.kind == JOB and rng.random() < _FINISHED_JOBS
    template = element(pod_manifest(workload, SUCCEEDED if finished else RUNNING), indented=indented)
    for ordinal in range(workload.replicas):
        each = template
        if workload.kind != DAEMON_SET and rng.random() < _WAITING:
            each = element(pod_manifest(workload, PENDING), indented=indented)
        node, address = nodes.place(
            ordinal if workload.kind == DAEMON_SET else None, host_network=workload.host_network
        )
        bits = rng.getrandbits(384)
        text = f"{bits:096x}"
        yield each % {
            "name": _name(workload, ordinal, bits),
            "ordinal": ordinal,
            "uid": f"{text[:8]}-{text[8:12]}-4{text[12:15]}-8{text[15:18]}-{text[18:30]}",
            "node": node_name(node),
            "host": node_address(node),
            "ip": address,
            "token": _letters(bits >> 40),
            "container": text[32:],
            "version": bits & 0x3FFFFFFF,
            "second": f"{bits % 60:02d}",
        }


def _name(workload: Workload, ordinal: int, bits: int) -> str:
    if workload.kind == STATEFUL_SET:
        return f"{workload.name}-{ordinal}"
    middle = f"-{workload.hashed}" if workload.kind == DEPLOYMENT else ""
    # Five random letters collide too often in 150,000 pods; the ordinal keeps names apart.
    return f"{workload.name}{middle}-{_letters(bits)[:2]}{ordinal:03x}"


def _letters(bits: int) -> str:
    size = len(_SUFFIX)
    return "".join(_SUFFIX[bits // size**place % size] for place in range(5))
