"""
Run the benchmarks: ``python -m benchmarks [--smoke] [--pods N]``.

Prints figures of this one run, and their ratios, which are what compares between
machines. Ends with code 1 when the engine and a plain pairwise evaluator, or the bit
matrices with ports, disagree.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from benchmarks.live.watching import watched as watch
from benchmarks.running import Bench
from benchmarks.table import Figure, render

SMALL = 1_000
USUAL = 10_000
ATTACKED = 50_000
WATCHED = 50_000
CHANGES = 100.0
"""So many objects change in a second while a cluster is watched."""
CLUSTER_POLICIES = 60
MOST_BITS = 50_000
"""Two bit matrices of more pods than this do not fit into a small machine's memory."""


def main() -> None:
    """Run all benchmarks, small with ``--smoke``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="small sizes, to see that the benchmarks run")
    parser.add_argument("--pods", type=int, default=USUAL, help=f"size of the large cluster (default {USUAL})")
    parser.add_argument("--seed", type=int, default=1, help="seed of the clusters")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds after which a measurement is given up")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the clusters there, and use those it has")
    chosen = parser.parse_args()
    small, large = (200, 600) if chosen.smoke else (SMALL, chosen.pods)
    watched, seconds = (large, 6.0) if chosen.smoke else (WATCHED, 60.0)
    compared = {large} if chosen.smoke else {small, min(large, USUAL), min(large, MOST_BITS)}
    with tempfile.TemporaryDirectory() as folder:
        kept = chosen.keep or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        bench = Bench(kept, chosen.seed, chosen.limit, 1 if chosen.smoke else 3)
        print(_machine())
        show(f"{large:,} pods", _scale(bench, large))
        show(f"growth from {small:,} to {large:,} pods", _growth(bench, small, large))
        show("variants", _variants(bench, large))
        for pods in sorted(compared):
            show(f"other ways, {pods:,} pods", _others(bench, pods))
        show(f"whole commands, {large:,} pods", _commands(bench, large))
        show(f"attack paths, {min(large, ATTACKED):,} pods", _attack(bench, min(large, ATTACKED)))
        show(f"posture, {min(large, USUAL):,} pods", _posture(bench, min(large, USUAL)))
        show(f"replay, {min(large, USUAL):,} pods", _replay(bench, min(large, USUAL)))
        show(f"generated policies, {min(large, USUAL):,} pods", _generation(bench, min(large, USUAL)))
        show(f"single changes, {large:,} pods", _updates(bench, large))
        show(f"watched for {seconds:.0f} s, {watched:,} pods", _watched(bench, watched, seconds))
        show(f"admission, {large:,} pods", _admission(bench, large))
        faults = (
            _unequal(bench, large)
            + _misjudged(bench, large)
            + [fault for pods in sorted(compared) for fault in _differing(bench, pods)]
        )
        faults += [
            fault
            for pods in sorted(compared)
            for cluster_policies in (0, CLUSTER_POLICIES)
            for fault in _faults(bench, pods, cluster_policies)
        ]
    if faults:
        sys.exit("\n".join(faults))


def show(title: str, figures: list[Figure]) -> None:
    """Print a table as soon as it is there."""
    print(render(title, figures), flush=True)


def _machine() -> str:
    """Return what the figures depend on besides the program."""
    others = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "msgspec"))
    return f"Python {platform.python_version()}, {versions}, {os.cpu_count()} processors{others}\n"


def _scale(bench: Bench, pods: int) -> list[Figure]:
    path = bench.cluster(pods)
    floor, engine = bench.measure("floor", path), bench.measure("engine", path)
    listing, point = bench.measure("connections", path), bench.measure("point", path)
    loading = bench.measure("loading", path)
    decode, size = floor["decode"], floor["bytes"]
    return [
        Figure("JSON", size / 1e6, "MB"),
        Figure("read the file", floor["read"], "s"),
        Figure("floor: bare typed decode", decode, "s"),
        Figure("load", engine["load"], "s"),
        Figure("compile", engine["compile"], "s"),
        Figure("all pairs of classes", engine["all_pairs"], "s"),
        Figure("classes", engine["classes"], ""),
        Figure("list all connections of workloads", listing["seconds"], "s"),
        Figure("load / floor", loading["load"] / decode, "x", "<= 2.0"),
        Figure("population / floor", loading["populate"] / decode, "x", "<= 0.3"),
        Figure("load + population: peak memory / JSON bytes", loading["peak"] / size, "x", "<= 2.0"),
        Figure("compile + all pairs / floor", engine.judged / decode, "x", "<= 1.0"),
        Figure("load + compile + all pairs / floor", engine.seconds / decode, "x", "<= 3.0"),
        Figure("peak memory / JSON bytes", engine["peak"] / size, "x", "<= 2.5"),
        Figure("floor: peak memory / JSON bytes", floor["peak"] / size, "x"),
        Figure("warm point query", point["warm"] * 1e6, "us", "<= 50"),
    ]


def _growth(bench: Bench, small: int, large: int) -> list[Figure]:
    """Return how much more a pod or policy costs in the large cluster than in the small one."""
    floors = [bench.measure("floor", bench.cluster(pods)) for pods in (small, large)]
    engines = [bench.measure("engine", bench.cluster(pods)) for pods in (small, large)]
    larger = (floors[1]["pods"] + floors[1]["policies"]) / (floors[0]["pods"] + floors[0]["policies"])
    return [
        Figure("floor, per pod and policy", floors[1]["decode"] / floors[0]["decode"] / larger, "x"),
        Figure("load, per pod and policy", engines[1]["load"] / engines[0]["load"] / larger, "x"),
        Figure(
            "compile + all pairs, per pod and policy", engines[1].judged / engines[0].judged / larger, "x", "<= 1.5"
        ),
    ]


def _variants(bench: Bench, pods: int) -> list[Figure]:
    usual = bench.measure("engine", bench.cluster(pods))
    found = []
    for variant in ("ones", "wide"):
        engine = bench.measure("engine", bench.cluster(pods, variant))
        found += [
            Figure(f"{variant}: classes", engine["classes"], ""),
            Figure(f"{variant}: compile + all pairs", engine.judged, "s"),
            Figure(f"{variant} / ordinary, compile + all pairs", engine.judged / usual.judged, "x", "<= 3.0"),
            Figure(f"{variant} / ordinary, peak memory", engine["peak"] / usual["peak"], "x"),
        ]
    return found


def _others(bench: Bench, pods: int) -> list[Figure]:
    path = bench.cluster(pods)
    engine, bits = bench.measure("engine", path), bench.measure("bitmatrix", path)
    ports = bench.measure("portbits", path)
    reckoned = "" if ports["measured"] == ports["matrices"] else f" (from {ports['measured']:.0f} matrices)"
    point = bench.measure("point", path)
    pairwise = point["pairwise"] * point["members"] ** 2
    return [
        Figure("pairwise, one verdict", point["pairwise"] * 1e6, "us"),
        Figure("pairwise, all pairs on one port (extrapolated)", pairwise, "s"),
        Figure("pairwise / compile + all pairs", pairwise / engine.judged, "x", ">= 5,000 at 10,000 pods"),
        Figure("bit matrix without ports", bits["seconds"], "s"),
        Figure("bit matrix without ports, peak memory", bits["peak"] / 1e6, "MB"),
        Figure("bit matrix without ports / compile + all pairs", bits["seconds"] / engine.judged, "x"),
        Figure("intervals of ports", ports["intervals"], ""),
        Figure("bit matrix, made anew for each interval (extrapolated)", bits["seconds"] * ports["intervals"], "s"),
        Figure(
            "bit matrix for each interval / compile + all pairs",
            bits["seconds"] * ports["intervals"] / engine.judged,
            "x",
            ">= 100 at 10,000 pods",
        ),
        Figure("bit matrices that differ", ports["matrices"], ""),
        Figure(f"bit matrices that share rows and rules{reckoned}", ports["seconds"], "s"),
        Figure("bit matrices that share rows and rules, peak memory", ports["peak"] / 1e6, "MB"),
        Figure(
            f"bit matrices that share rows and rules{reckoned} / compile + all pairs",
            ports["seconds"] / engine.judged,
            "x",
        ),
    ]


def _commands(bench: Bench, pods: int) -> list[Figure]:
    path = bench.cluster(pods)
    whole, start, floor = (bench.measure(what, path) for what in ("command", "help", "floor"))
    return [
        Figure("firedoor --help", start["seconds"], "s", "<= 0.25"),
        Figure("firedoor reach --summary", whole["seconds"], "s"),
        Figure("firedoor reach --summary / floor", whole["seconds"] / floor["decode"], "x", "<= 3.0"),
        Figure("firedoor reach --summary, peak memory / JSON bytes", whole["peak"] / floor["bytes"], "x", "<= 2.5"),
    ]


def _attack(bench: Bench, pods: int) -> list[Figure]:
    found = bench.measure("attack", bench.cluster(pods, bindings=max(1, pods * 2 // 5)))
    whole = found["compile"] + found["graph"] + found["paths"]
    return [
        Figure("bindings", found["bindings"], ""),
        Figure("load", found["load"], "s"),
        Figure("attack graph", found["graph"], "s"),
        Figure("ten paths from the internet to cluster-admin, and the cut", found["paths"], "s"),
        Figure("steps of the shortest", found["steps"], ""),
        Figure("all workloads ranked", found["rank"], "s"),
        Figure("compile + attack graph + paths / load", whole / found["load"], "x"),
        Figure(
            "compile + attack graph + ranking / load", (whole - found["paths"] + found["rank"]) / found["load"], "x"
        ),
        Figure("peak memory", found["peak"] / 1e6, "MB"),
    ]


def _posture(bench: Bench, pods: int) -> list[Figure]:
    found = bench.measure("posture", bench.cluster(pods))
    return [
        Figure("load", found["load"], "s"),
        Figure("diagnose, all checks", found["diagnose"], "s"),
        Figure("findings", found["findings"], ""),
        Figure("diagnose / load", found["diagnose"] / found["load"], "x", "<= 5"),
        Figure("peak memory", found["peak"] / 1e6, "MB"),
    ]


def _replay(bench: Bench, pods: int) -> list[Figure]:
    """Return verdicts a second, by time, and by the seconds of all processors."""
    found = bench.measure("replay", bench.cluster(pods))
    figures = [Figure("encoded connections replayed", found["connections"], "")]
    for name in ("uniform", "zipf"):
        for threads in (1, 2):
            rate = found["connections"] / found[f"{name}_{threads}"] / 1e6
            spent = found["connections"] / found[f"{name}_{threads}_processor"] / 1e6
            words = f"{name}, {threads} thread" + "s" * (threads - 1)
            figures.append(Figure(words, rate, "million/s", ">= 10" if threads > 1 else ""))
            figures.append(Figure(f"{words}, for a second of a processor", spent, "million"))
    return figures


def _generation(bench: Bench, pods: int) -> list[Figure]:
    """Return policies for flows beside the import of ten million of them, and where the time goes."""
    found = bench.measure("generation", bench.cluster(pods))
    steps = {name: found[name] for name in found.figures if name.startswith("step ")}
    whole = sum(steps.values())
    return [
        Figure("lines of flows imported", found["lines"], ""),
        Figure("import of ten million, reckoned from these: processor", found["import_processor"], "s"),
        Figure("generate: processor", found["generate_processor"], "s"),
        Figure("generate / import, by processor", found["generate / import"], "x", "<= 1"),
        Figure("needs", found["needs"], ""),
        Figure("parts that were proved to be needed", found["parts"], ""),
        Figure("peak memory", found["peak"] / 1e6, "MB"),
        *(Figure(f"share of {name.removeprefix('step ')}", 100 * each / whole, "%") for name, each in steps.items()),
    ]


def _updates(bench: Bench, pods: int) -> list[Figure]:
    """Return how long single changes take, processor time from the change to new rows or answers."""
    found = bench.measure("updates", bench.cluster(pods))
    kinds = {
        "one policy changed": ("policy", "<= 2"),
        "one pod changed (known profile)": ("known", "<= 10"),
        "one pod changed (unseen profile)": ("unseen", "<= 10"),
    }
    figures = [
        Figure(f"{name}: {which}", found[f"{kind}_{which}"], "ms", goal)
        for name, (kind, goal) in kinds.items()
        for which in ("median", "p99")
    ]
    return [*figures, Figure("compiled anew instead", found["anew"], "")]


def _watched(bench: Bench, pods: int, seconds: float) -> list[Figure]:
    """Return how a watch keeps up with a cluster that changes all the time, on whatever else the machine does."""
    if not sys.platform.startswith("linux"):
        return []
    run = watch(bench.cluster(pods, owners=True), CHANGES, seconds)
    found = run.figures()
    return [
        Figure("changes a second", float(found["rate"]), ""),
        Figure("changes that were told of", float(found["waited"]), ""),
        Figure("changes that were not", float(found["missed"]), "", "0"),
        Figure("lag: median", float(found["lag_median"]), "s"),
        Figure("lag: p99", float(found["lag_p99"]), "s", "<= 20"),
        Figure("share of a processor", float(found["processor"]), "", "<= 1"),
        Figure("memory at first", float(found["memory_first"]) / 1e6, "MB"),
        Figure("memory at last / at first", float(found["memory_last"]) / float(found["memory_first"]), "x", "<= 1.2"),
    ]


def _admission(bench: Bench, pods: int) -> list[Figure]:
    """Return how long an API server waits for answers of the webhook, over TLS."""
    found = bench.measure("admission", bench.cluster(pods))
    kinds = {
        "a policy": ("policy", "<= 50"),
        "a workload": ("workload", "<= 50"),
        "a policy, while changes of the cluster are taken in": ("busy", ""),
    }
    figures = [Figure("intents", found["intents"], ""), Figure("prepare for a cluster", found["prepared"], "s")]
    for name, (kind, goal) in kinds.items():
        figures += [
            Figure(f"{name}: median", found[f"{kind}_median"], "ms"),
            Figure(f"{name}: p99", found[f"{kind}_p99"], "ms", goal),
            Figure(f"{name}: p99 of the processor", found[f"{kind}_processor"], "ms"),
        ]
    return [*figures, Figure("peak memory", found["peak"] / 1e6, "MB")]


def _misjudged(bench: Bench, pods: int) -> list[str]:
    """Return whether the webhook refused otherwise than the whole cluster would say, compiled with the change."""
    found = bench.measure("admission", bench.cluster(pods))
    if not found.figures:
        return [f"{pods:,} pods: the webhook answered nothing within {bench.limit:.0f} s"]
    differing, checked = found["differing"], found["checked"]
    return [f"{pods:,} pods: {differing:.0f} of {checked:.0f} changes are misjudged"] if differing else []


def _unequal(bench: Bench, pods: int) -> list[str]:
    """Return whether a changed network answered otherwise than one that is compiled from the changed cluster."""
    found = bench.measure("updates", bench.cluster(pods))
    if not found.figures:
        return [f"{pods:,} pods: no changes were measured within {bench.limit:.0f} s"]
    differing, checked = found["differing"], found["checked"]
    return [f"{pods:,} pods: after changes {differing:.0f} of {checked:.0f} answers differ"] if differing else []


def _differing(bench: Bench, pods: int) -> list[str]:
    """Return what the bit matrices with ports answered otherwise than the engine; those that took too long nothing."""
    ports = bench.measure("portbits", bench.cluster(pods))
    asked, accepted, differing = ports["asked"], ports["accepted"], ports["differing"]
    if not ports.figures:
        return []
    if differing:
        return [f"{pods:,} pods: {differing:.0f} of {asked:.0f} answers differ; {ports.text('first_difference')}"]
    if not 0 < accepted < asked:
        return [f"{pods:,} pods: the bit matrices show nothing: {accepted:.0f} of {asked:.0f} are accepted"]
    return []


def _faults(bench: Bench, pods: int, cluster_policies: int) -> list[str]:
    """Return what the engine answered otherwise than the pairwise evaluator."""
    name = f"{pods:,} pods, {cluster_policies} cluster policies"
    point = bench.measure("point", bench.cluster(pods, cluster_policies=cluster_policies))
    asked, accepted, differing = point["asked"], point["accepted"], point["differing"]
    if not point.figures:
        return [f"{name}: the engine was not held against the pairwise evaluator within {bench.limit:.0f} s"]
    if differing:
        return [f"{name}: {differing:.0f} of {asked:.0f} answers differ; {point.text('first_difference')}"]
    if not 0 < accepted < asked:
        return [f"{name}: the sample shows nothing: {accepted:.0f} of {asked:.0f} are accepted"]
    print(f"{name}: {asked:.0f} verdicts, all as the pairwise evaluator says, {accepted:.0f} of them accepted")
    return []


if __name__ == "__main__":
    main()
