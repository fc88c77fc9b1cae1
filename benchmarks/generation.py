"""
Generated policies beside the import of the flows that they are made from: ``python -m benchmarks.measure generation``.

Both are commands as a user runs them, on one cluster and in one run. The flows are Hubble's lines about the pods of
the cluster, as many as a test machine writes in a minute; what importing ten million of them takes is reckoned
from these, line by line, less what the start of a command takes.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import engine_calls
from benchmarks.flow_lines import Route, Speaker, hubble_lines, speaker
from benchmarks.processes import run
from firedoor.bootstrap import open_flow_store, read_policies
from firedoor.engine.reach.cni import SPEC
from firedoor.model.flow_reading import FlowQuestion
from firedoor.model.members import Member
from firedoor.render.generation_yaml import generation_yaml
from firedoor.usecases import generate as steps

LINES = 10_000_000
MOST_CONNECTIONS = 100_000
"""About ten lines each."""
CONNECTIONS_PER_POD = 10
ROUTES_PER_WORKLOAD = 5
_NEAR = 0.8
"""The share of connections that stay inside a namespace."""
_STEPS = (
    "network_of",
    "with_resolvers",
    "basis_from_flows",
    "with_dns",
    "GroupIndex",
    "Permitted",
    "drafts",
    "Network",
    "_proof",
    "removable",
    "surplus",
)


def measure(path: Path) -> dict[str, float | str]:
    """Return seconds and processor seconds of both commands, and where those of the generation go."""
    snapshot = engine_calls.load(path)
    members = engine_calls.population(snapshot)
    routes = make_routes(members, 1)
    connections = min(MOST_CONNECTIONS, CONNECTIONS_PER_POD * len(members))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        flows, store = Path(folder, "hubble.jsonl"), str(Path(folder, "store"))
        lines = _write(flows, hubble_lines(connections, 1, routes))
        start = run("-m", "firedoor", "--help")
        imported = run("-m", "firedoor", "flows", "import", str(flows), "--store", store)
        command = ("generate", str(path), "--from-flows", "--store", store, "--replace")
        generated = run("-m", "firedoor", *command)
        importing = _reckoned(start.processor, imported.processor, lines)
        figures: dict[str, float | str] = {
            "lines": lines,
            "import_measured": imported.seconds,
            "import": _reckoned(start.seconds, imported.seconds, lines),
            "import_processor": importing,
            "generate": generated.seconds,
            "generate_processor": generated.processor,
            "generate / import": generated.processor / importing,
            "peak": generated.memory,
        }
        return figures | _by_step(path, store)


def make_routes(members: Sequence[Member], seed: int) -> list[Route]:
    """Return a few connections of each workload, most of them inside its namespace, to ports that are listened on."""
    rng = random.Random(seed)
    of_workload: dict[tuple[str, str, str], list[Speaker]] = defaultdict(list)
    ports: dict[tuple[str, str, str], list[int]] = {}
    for number, member in enumerate(members):
        if not member.host_network and member.addresses:
            ref = member.workload
            key = (ref.namespace, ref.kind, ref.name)
            node, address = f"main/{member.node}", member.addresses[0]
            of_workload[key].append(
                speaker(ref.namespace, member.name, (ref.kind, ref.name), node, address, (number % 4000, number))
            )
            ports[key] = [port for protocol, port in member.listening if protocol == "TCP"]
    near: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for key in of_workload:
        near[key[0]].append(key)
    everywhere = list(of_workload)
    found = []
    for key, own in of_workload.items():
        for _ in range(ROUTES_PER_WORKLOAD):
            other = rng.choice(near[key[0]] if rng.random() < _NEAR else everywhere)
            if other != key and ports[other]:
                found.append((rng.choice(own), rng.choice(of_workload[other]), rng.choice(ports[other])))
    return found


def _write(path: Path, lines: Iterator[bytes]) -> int:
    with path.open("wb") as stream:
        return sum(stream.write(line) > 0 for line in lines)


def _reckoned(start: float, whole: float, lines: int) -> float:
    return start + (whole - start) * LINES / lines


def _by_step(path: Path, store: str) -> dict[str, float | str]:
    """Return processor seconds by step, of the same work in this process."""
    spent: dict[str, float] = {}
    snapshot = _timed(spent, "load", partial(engine_calls.load, path))
    edges = _timed(spent, "edges", lambda: list(open_flow_store(store).edges(FlowQuestion(""))))
    inner: dict[str, float] = {}
    with ExitStack() as stack:
        for name in _STEPS:
            step = getattr(steps, name)
            stack.enter_context(patch.object(steps, name, partial(_timed, inner, name, step)))
        asked = steps.GenerationQuestion(replace=True)
        find = steps.from_flows(edges, 1)
        read_back = partial(_timed, inner, "read_back", read_policies)
        found = _timed(spent, "whole", partial(steps.generate, snapshot, SPEC, find, asked, read_back))
    _timed(spent, "yaml", partial(generation_yaml, found))
    inner["rest"] = spent.pop("whole") - sum(inner.values())
    return {
        "needs": len(found.needs),
        "policies": len(found.policies),
        "parts": found.proof.parts,
        "holds": str(found.proof.holds),
        **{f"step {name.strip('_')}": round(seconds, 3) for name, seconds in {**spent, **inner}.items()},
    }


def _timed(spent: dict[str, float], name: str, work: Any, *given: Any, **more: Any) -> Any:
    began = time.process_time()
    result = work(*given, **more)
    spent[name] = spent.get(name, 0.0) + time.process_time() - began
    return result
