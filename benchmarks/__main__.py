"""Run the benchmarks: ``python -m benchmarks [--smoke]``. Prints figures and ratios of this one run."""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from benchmarks.clusters import cluster
from benchmarks.pairwise import PairwiseEvaluator
from firedoor.adapters.manifests.source import ManifestSource
from firedoor.engine.reach.connectivity import ConnectionLister, workload_ends
from firedoor.engine.reach.network import Network
from firedoor.interfaces import Silent
from firedoor.model.workloads import Pod


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return seconds and result of one run, the collector off."""
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    result = work()
    elapsed = time.perf_counter() - started
    gc.enable()
    return elapsed, result


def engine(pods: int, policies: int) -> None:
    """Print what load, compile and all pairs cost beside a bare typed decode of the same bytes."""
    items = cluster(pods, policies)
    data = json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()
    only_pods = json.dumps([each for each in items if each["kind"] == "Pod"]).encode()
    floor, _ = timed(lambda: msgspec.json.decode(only_pods, type=list[Pod]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cluster.json"
        path.write_bytes(data)
        load, snapshot = timed(lambda: ManifestSource((str(path),)).load(Silent()))
    compiled, network = timed(lambda: Network(snapshot))
    pairs, found = timed(lambda: sum(1 for _ in ConnectionLister(network, workload_ends(network)).connections()))
    print(
        f"{pods:>7} pods {policies:>6} policies {len(data) / 1e6:7.1f} MB | floor {floor:6.3f} s | load {load:6.2f} s "
        f"({load / floor:5.1f}x) | compile {compiled:6.2f} s ({compiled / floor:5.1f}x) | "
        f"workload pairs {pairs:6.2f} s ({found} connections) | {len(network.profiles)} classes"
    )
    compare(network)


def compare(network: Network, sample: int = 2000) -> None:
    """Print how much faster verdicts from rows are than a pairwise evaluation in plain Python."""
    plain = PairwiseEvaluator(network.snapshot, network.members)
    positions = range(len(network.members))
    pairs = [(number * 7919 % len(positions), number * 104729 % len(positions)) for number in range(sample)]
    slow, expected = timed(lambda: [plain.accepts(first, second, "TCP", 8005) for first, second in pairs])
    fast, verdicts = timed(
        lambda: [network.verdict(first, second, "TCP", 8005) == "accepted" for first, second in pairs]
    )
    warm, _ = timed(lambda: [network.verdict(first, second, "TCP", 8005) for first, second in pairs])
    if expected != verdicts:
        sys.exit("the engine and the pairwise evaluator disagree")
    print(
        f"        {sample} verdicts: pairwise {slow * 1e6 / sample:8.1f} us each, "
        f"engine {fast * 1e6 / sample:6.1f} us cold, "
        f"{warm * 1e6 / sample:6.1f} us warm: {slow / warm:6.1f}x; all pairs pairwise would take "
        f"{slow / sample * len(positions) ** 2:10.0f} s"
    )


def command(pods: int, policies: int) -> None:
    """Print the wall time of the whole command on YAML and JSON, start-up included."""
    items = cluster(pods, policies)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (
            ("cluster.yaml", yaml.safe_dump_all(items, sort_keys=False)),
            ("cluster.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1)),
        ):
            path = Path(folder) / name
            path.write_text(text)
            seconds = []
            for _ in range(3):
                started = time.perf_counter()
                arguments = [sys.executable, "-m", "firedoor", "diagnose", str(path), "-o", "json"]
                subprocess.run(arguments, check=False, stdout=subprocess.DEVNULL)
                seconds.append(time.perf_counter() - started)
            print(
                f"diagnose {pods} pods {policies} policies, {len(text) / 1e6:5.1f} MB {name}: "
                f"{min(seconds):.2f} s wall (best of 3)"
            )
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "firedoor", "--help"], check=False, stdout=subprocess.DEVNULL)
    print(f"firedoor --help: {time.perf_counter() - started:.3f} s")


def main() -> None:
    """Run all benchmarks, small with ``--smoke``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes, to see that the benchmarks run")
    smoke = parser.parse_args().smoke
    sizes = [(200, 40)] if smoke else [(1_000, 200), (10_000, 2_000)]
    for pods, policies in sizes:
        engine(pods, policies)
    command(*((100, 20) if smoke else (1_000, 200)))


if __name__ == "__main__":
    main()
