"""Lines of Hubble, and imports of them, for the tests."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.flow_lines import hubble_lines

from firedoor.adapters.flows.files import FlowFile
from firedoor.adapters.flows.store import Store
from firedoor.adapters.flows.times import nanoseconds
from firedoor.engine.flows.history import History
from firedoor.interfaces import Silent
from firedoor.model.flow_reading import FlowQuestion, Imported
from firedoor.usecases.flows_import import import_flows

NOBODY = History((), nanoseconds)
DEMO = Path(__file__).parents[3] / "src/firedoor/demo/shop/flows/hubble.jsonl"


def lines(connections: int = 40, seed: int = 1) -> bytes:
    return b"".join(hubble_lines(connections, seed))


def line(**flow: Any) -> bytes:
    """Return a line of a flow between two pods, changed by what is given; None leaves a field out."""
    values: dict[str, Any] = {
        "time": "2026-07-31T10:41:02.202450754Z",
        "verdict": "FORWARDED",
        "IP": {"source": "10.0.1.235", "destination": "10.0.0.21"},
        "l4": {"TCP": {"source_port": 60524, "destination_port": 80}},
        "source": {"namespace": "lab", "pod_name": "web-1", "workloads": [{"name": "web", "kind": "Deployment"}]},
        "destination": {"namespace": "lab", "pod_name": "api-1", "workloads": [{"name": "api", "kind": "Deployment"}]},
        "Type": "L3_L4",
        "event_type": {"type": 4},
        "traffic_direction": "EGRESS",
        "is_reply": False,
        "node_name": "n1",
    }
    kept = {name: value for name, value in (values | flow).items() if value is not None}
    return json.dumps({"flow": kept}).encode() + b"\n"


def store(path: Path, folder: Path, **options: Any) -> Imported:
    return import_flows(FlowFile(str(path), _no_stdin, **options), Store(folder), NOBODY, "c", Silent())


def edges(folder: Path, asked: FlowQuestion | None = None) -> Counter[tuple[str, ...]]:
    """Return how many connections each edge of a store has."""
    found: Counter[tuple[str, ...]] = Counter()
    for each in Store(folder).edges(asked or FlowQuestion()):
        ends = (each.source.namespace, each.source.name, each.destination.namespace, each.destination.name)
        found[(*ends, each.destination.address, each.protocol, str(each.port), str(each.verdict))] += each.count
    return found


def _no_stdin() -> Any:
    raise AssertionError("standard input was read")
