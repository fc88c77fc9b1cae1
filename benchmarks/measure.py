"""One measurement in a process of its own, as JSON: ``python -m benchmarks.measure floor FILE``."""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

WHOLE_COMMAND = ("reach", "--summary", "-o", "json")
"""The command that is timed as a user runs it; the file comes last."""

Figures = dict[str, float | str]
_SLOW_SAMPLE = 2000
_CHANGES = 200
_ONE_POD = b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}'
_REPLAYED = 10_000_000
_ENOUGH = 60.0
"""Seconds after which the bit matrices of the ports that are left are reckoned from those so far."""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and result of one run, the collector off."""
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    result = work()
    elapsed = time.perf_counter() - started
    gc.enable()
    return elapsed, result


def peak() -> int:
    """Return the most bytes of memory that this process has held."""
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says of a process includes what its parent held when it forked.
        line = next((each for each in status.read_text().splitlines() if each.startswith("VmHWM:")), None)
        if line is not None:
            return int(line.split()[1]) * 1024
    return _bytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def measure_floor(path: Path, _limit: float) -> Figures:
    """Measure the bare decode."""
    from benchmarks import floor  # noqa: PLC0415 - each measurement pays for its own imports alone

    before = peak()
    reading, data = timed(lambda: floor.read(path))
    decoding, cluster = timed(lambda: floor.decode(data))
    return {
        "bytes": len(data),
        "read": reading,
        "decode": decoding,
        "before": before,
        "peak": peak(),
        "pods": len(cluster.of(floor.Pod)),
        "policies": len(cluster.of(floor.NetworkPolicy)),
    }


def measure_loading(path: Path, _limit: float) -> Figures:
    """Measure the way from a file to the population that takes part in the network."""
    from benchmarks import engine_calls  # noqa: PLC0415

    load, snapshot = timed(lambda: engine_calls.load(path))
    populating, found = timed(lambda: engine_calls.population(snapshot))
    return {"load": load, "populate": populating, "members": len(found), "peak": peak()}


def measure_engine(path: Path, _limit: float) -> Figures:
    """Measure loading, compiling and all pairs of classes."""
    from benchmarks import engine_calls  # noqa: PLC0415

    load, snapshot = timed(lambda: engine_calls.load(path))
    loaded = peak()
    compiled, network = timed(lambda: engine_calls.compile_network(snapshot))
    pairs, rows = timed(lambda: engine_calls.all_pairs(network))
    return {
        "load": load,
        "compile": compiled,
        "all_pairs": pairs,
        "rows": rows,
        "classes": engine_calls.classes(network),
        "members": len(engine_calls.members(network)),
        "loaded_peak": loaded,
        "peak": peak(),
    }


def measure_point(path: Path, _limit: float) -> Figures:
    """Measure single verdicts beside a pairwise evaluator, which must agree on every one of them."""
    from benchmarks import engine_calls  # noqa: PLC0415
    from benchmarks.pairwise import PairwiseEvaluator  # noqa: PLC0415
    from benchmarks.sample import questions  # noqa: PLC0415

    snapshot = engine_calls.load(path)
    network = engine_calls.compile_network(snapshot)
    members = engine_calls.members(network)
    plain = PairwiseEvaluator(snapshot, members)
    asked = questions(members, _SLOW_SAMPLE)
    pairwise, expected = timed(lambda: [plain.accepts(*each) for each in asked])
    cold, verdicts = timed(lambda: [engine_calls.point_query(network, *each) for each in asked])
    warm, _ = timed(lambda: [engine_calls.point_query(network, *each) for each in asked])
    words = ["accepted" if each else "denied" for each in expected]
    differing = [number for number, word in enumerate(words) if verdicts[number] != word]
    first = ""
    if differing:
        source, destination, protocol, port = asked[differing[0]]
        first = (
            f"{members[source].full_name} to {members[destination].full_name} {protocol}/{port}: "
            f"the engine says {verdicts[differing[0]]}, the pairwise evaluator {words[differing[0]]}"
        )
    return {
        "pairwise": pairwise / len(asked),
        "cold": cold / len(asked),
        "warm": warm / len(asked),
        "asked": len(asked),
        "accepted": sum(expected),
        "differing": len(differing),
        "first_difference": first,
        "members": len(members),
    }


def measure_attack(path: Path, _limit: float) -> Figures:
    """Measure the attack graph, the paths from the internet to every right, and what each workload leads to."""
    from benchmarks import engine_calls  # noqa: PLC0415

    load, snapshot = timed(lambda: engine_calls.load(path))
    compiled, network = timed(lambda: engine_calls.compile_network(snapshot))
    built, attack = timed(lambda: engine_calls.attack_graph(network))
    walked, steps = timed(lambda: engine_calls.attack_paths(attack))
    ranked, rows = timed(lambda: engine_calls.attack_ranking(attack))
    return {
        "load": load,
        "compile": compiled,
        "graph": built,
        "paths": walked,
        "rank": ranked,
        "steps": steps,
        "workloads": rows,
        "pods": len(snapshot.pods),
        "bindings": len(snapshot.role_bindings),
        "peak": peak(),
    }


def measure_posture(path: Path, _limit: float) -> Figures:
    """Measure the diagnosis with all checks."""
    from benchmarks import engine_calls  # noqa: PLC0415

    load, snapshot = timed(lambda: engine_calls.load(path))
    judged, found = timed(lambda: engine_calls.diagnose(snapshot))
    return {"load": load, "diagnose": judged, "findings": found, "pods": len(snapshot.pods), "peak": peak()}


def measure_replay(path: Path, _limit: float) -> Figures:
    """
    Measure verdicts on many encoded connections, between any pods on any ports, by one thread and by two.

    Beside the time there are the seconds of processors, which do not hang on what else the machine does.
    """
    from benchmarks import engine_calls  # noqa: PLC0415

    network = engine_calls.compile_network(engine_calls.load(path))
    uniform = engine_calls.random_connections(network, _REPLAYED)
    figures: Figures = {"connections": _REPLAYED}
    for name, encoded in (("uniform", uniform), ("zipf", engine_calls.uneven_connections(uniform))):
        for threads in (1, 2):
            began = time.process_time()
            work = partial(engine_calls.replay_all, network, encoded, threads)
            figures[f"{name}_{threads}"], figures[f"{name}_accepted"] = timed(work)
            figures[f"{name}_{threads}_processor"] = time.process_time() - began
    return {**figures, "seconds": figures["uniform_1"], "peak": peak()}


def measure_generation(path: Path, _limit: float) -> Figures:
    """Measure generated policies beside the import of the flows that they are made from."""
    from benchmarks import generation  # noqa: PLC0415

    return generation.measure(path)


def measure_connections(path: Path, _limit: float) -> Figures:
    """Measure the listing of all connections between workloads."""
    from benchmarks import engine_calls  # noqa: PLC0415

    network = engine_calls.compile_network(engine_calls.load(path))
    seconds, found = timed(lambda: engine_calls.list_connections(network))
    return {"seconds": seconds, "connections": found, "peak": peak()}


def measure_updates(path: Path, _limit: float) -> Figures:
    """Measure single changes, and hold what the network then answers against one compiled anew."""
    from benchmarks import engine_calls  # noqa: PLC0415
    from benchmarks.updates import Updates  # noqa: PLC0415

    updates = Updates(engine_calls.load(path))
    figures: Figures = timed(lambda: updates.measure(_CHANGES))[1]
    return figures


def measure_admission(path: Path, _limit: float) -> Figures:
    """Measure answers of the webhook, over TLS, and hold some of them against the whole cluster compiled anew."""
    from benchmarks import admission  # noqa: PLC0415

    return admission.measure(path)


def measure_bitmatrix(path: Path, _limit: float) -> Figures:
    """Measure the bit matrix, its JSON already decoded."""
    from benchmarks import floor  # noqa: PLC0415
    from benchmarks.bitmatrix import BitMatrix  # noqa: PLC0415

    cluster = floor.decode(floor.read(path))
    seconds, matrix = timed(lambda: BitMatrix(cluster))
    return {"seconds": seconds, "pods": len(matrix.pods), "pairs": matrix.count(), "peak": peak()}


def measure_portbits(path: Path, _limit: float) -> Figures:
    """Measure the bit matrices of all intervals of ports, and hold a sample of their answers against the engine."""
    from benchmarks import floor  # noqa: PLC0415
    from benchmarks.portbits import PortBits  # noqa: PLC0415
    from benchmarks.portbits_check import differences  # noqa: PLC0415

    cluster = floor.decode(floor.read(path))
    rules, bits = timed(lambda: PortBits(cluster))
    began = time.perf_counter()
    matrices, measured = bits.matrices(), 0
    # Few intervals stand for all of them where they take long.
    while time.perf_counter() - began < _ENOUGH and next(matrices, None) is not None:
        measured += 1
    spent = time.perf_counter() - began
    held = peak()
    asked, accepted, differing, first = differences(bits, path, measured, _SLOW_SAMPLE)
    return {
        "seconds": rules + spent * len(bits.groups) / measured,
        "rules": rules,
        "intervals": bits.axis.size,
        "matrices": len(bits.groups),
        "measured": measured,
        "asked": asked,
        "accepted": accepted,
        "differing": differing,
        "first_difference": first,
        "peak": held,
    }


def measure_command(path: Path, limit: float) -> Figures:
    """Measure a whole command, start-up and output included."""
    return _run([*WHOLE_COMMAND, str(path)], limit)


def measure_help(_path: Path, limit: float) -> Figures:
    """Measure the start-up."""
    return _run(["--help"], limit)


def _run(arguments: list[str], limit: float) -> Figures:
    # An installed package has its byte code; what is started first writes it for a checkout.
    told = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "firedoor"]
    warming = [*command, *WHOLE_COMMAND, "-"]
    subprocess.run(warming, check=True, stdout=subprocess.DEVNULL, env=told, input=_ONE_POD)
    started = time.perf_counter()
    try:
        done = subprocess.run([*command, *arguments], check=False, stdout=subprocess.DEVNULL, env=told, timeout=limit)
    except subprocess.TimeoutExpired:
        return {}
    return {
        "seconds": time.perf_counter() - started,
        "peak": _bytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss),
        "code": done.returncode,
    }


def _bytes(maximum: int) -> int:
    return maximum if sys.platform == "darwin" else maximum * 1024


MEASUREMENTS: dict[str, Callable[[Path, float], Figures]] = {
    "floor": measure_floor,
    "loading": measure_loading,
    "engine": measure_engine,
    "attack": measure_attack,
    "posture": measure_posture,
    "replay": measure_replay,
    "generation": measure_generation,
    "point": measure_point,
    "connections": measure_connections,
    "updates": measure_updates,
    "admission": measure_admission,
    "bitmatrix": measure_bitmatrix,
    "portbits": measure_portbits,
    "command": measure_command,
    "help": measure_help,
}


def main() -> None:
    """Print the figures of one measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measure", description=__doc__)
    parser.add_argument("what", choices=sorted(MEASUREMENTS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a whole command is given up")
    chosen = parser.parse_args()
    print(json.dumps(MEASUREMENTS[chosen.what](chosen.file, chosen.limit)))


if __name__ == "__main__":
    main()
