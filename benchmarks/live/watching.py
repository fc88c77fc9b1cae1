"""``firedoor watch`` beside an API server whose cluster changes: how far behind it is, and what it takes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from typing import IO, Any, NamedTuple

Figures = dict[str, float | str]

LONGEST_START = 300.0
_SETTLING = 20.0
"""So many seconds after the changes have begun memory is looked at for the first time."""
_LAST = 30.0
"""So long the answer to the last change is waited for."""
_TICKS = os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """A process at a time: seconds since it was watched, its processor seconds, bytes of memory and open files."""

    at: float
    processor: float
    memory: int
    files: int


class Run(NamedTuple):
    """What was seen while a cluster changed."""

    sent: int
    seconds: float
    lags: list[float]
    """How many seconds each change that was waited for took to be told of."""
    missed: int
    """How many were not told of at all."""
    samples: list[Sample]
    kinds: dict[str, int]
    events: int
    counted: float
    """How many changes of objects the watch says that it has judged."""

    def figures(self) -> Figures:
        """Return what it comes to."""
        first, last = self.samples[0], self.samples[-1]
        cuts = quantiles(self.lags, n=100, method="inclusive") if len(self.lags) > 1 else [float("nan")] * 99
        return {
            "sent": self.sent,
            "rate": self.sent / self.seconds,
            "judged": self.counted,
            "events": self.events,
            "lag_median": cuts[49],
            "lag_p99": cuts[98],
            "lag_last": self.lags[-1] if self.lags else float("nan"),
            "waited": len(self.lags),
            "missed": self.missed,
            "processor": (last.processor - first.processor) / (last.at - first.at),
            "memory_first": first.memory,
            "memory_last": last.memory,
            "memory_most": max(each.memory for each in self.samples),
            "files_first": first.files,
            "files_last": last.files,
        }


def watched(
    cluster: Path, rate: float, seconds: float, *, every: float = 5.0, note: Callable[[Sample], None] | None = None
) -> Run:
    """Watch a cluster from a file while it changes; `note` is told every so many seconds how it is."""
    with tempfile.TemporaryDirectory() as folder, _server(cluster, rate, seconds) as (server, url):
        home = Path(folder)
        with _watch(home, url) as (watch, metrics):
            told: list[tuple[float, dict[str, Any]]] = []
            asked: list[dict[str, Any]] = []
            assert watch.stdout is not None  # noqa: S101 - it was asked for
            assert server.stdin is not None  # noqa: S101
            assert server.stdout is not None  # noqa: S101
            _reading(watch.stdout, lambda line: told.append((time.time(), json.loads(line))))
            _until_ready(watch, metrics)
            server.stdin.write("go\n")
            server.stdin.flush()
            changing = _reading(server.stdout, lambda line: asked.append(json.loads(line)))
            began, samples = time.monotonic(), list[Sample]()
            while "sent" not in (asked[-1] if asked else {}) and changing.is_alive():
                time.sleep(min(every, 1.0))
                at = time.monotonic() - began
                if at >= min(_SETTLING, seconds / 3) and (not samples or at - samples[-1].at >= every):
                    samples.append(_sample(watch.pid, at))
                    if note is not None:
                        note(samples[-1])
            last = asked.pop()
            _until_told(told, asked)
            samples.append(_sample(watch.pid, time.monotonic() - began))
            counted = _counted(metrics)
        lags = [each for each in (_lag(one, told) for one in asked) if each is not None]
        return Run(
            last["sent"],
            last["seconds"],
            lags,
            len(asked) - len(lags),
            samples,
            last["kinds"],
            len(told),
            counted,
        )


@contextmanager
def _server(cluster: Path, rate: float, seconds: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "benchmarks.live.server", str(cluster)]
    command += ["--rate", str(rate), "--seconds", str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101
            url = server.stdout.readline().strip()
            if not url:
                sys.exit("the API server did not start")
            yield server, url
        finally:
            server.terminate()


@contextmanager
def _watch(home: Path, url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    kubeconfig = home / "kubeconfig"
    kubeconfig.write_text(
        json.dumps(
            {
                "clusters": [{"name": "a", "cluster": {"server": url}}],
                "users": [{"name": "a", "user": {"token": "t"}}],
                "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
                "current-context": "a",
            }
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        metrics = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "firedoor", "watch", "--kubeconfig", str(kubeconfig), "-o", "json"]
    command += ["--state", str(home / "state"), "--metrics", metrics]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
        try:
            yield watch, f"http://{metrics}"
        finally:
            watch.terminate()


def _reading(stream: IO[str], take: Callable[[str], None]) -> threading.Thread:
    def read() -> None:
        # What runs is ended while it is read.
        with suppress(ValueError):
            for line in stream:
                take(line)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread


def _until_ready(watch: subprocess.Popen[str], metrics: str) -> None:
    end = time.monotonic() + LONGEST_START
    while time.monotonic() < end and watch.poll() is None:
        try:
            with urllib.request.urlopen(f"{metrics}/readyz", timeout=5):  # noqa: S310 - it is on loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit("firedoor watch did not get ready")


def _until_told(told: list[tuple[float, dict[str, Any]]], asked: list[dict[str, Any]]) -> None:
    end = time.monotonic() + _LAST
    while asked and time.monotonic() < end and _lag(asked[-1], told) is None:
        time.sleep(0.1)


def _lag(asked: dict[str, Any], told: list[tuple[float, dict[str, Any]]]) -> float | None:
    """Return after how many seconds the first event came that a change is a cause of."""
    cause = f"NetworkPolicy {asked['namespace']}/canary changed"
    times = (at for at, event in told if at >= asked["at"] and cause in event["causes"])
    first = next(times, None)
    return None if first is None else first - asked["at"]


def _sample(pid: int, at: float) -> Sample:
    folder = Path("/proc") / str(pid)
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    line = next(each for each in (folder / "status").read_text().splitlines() if each.startswith("VmRSS:"))
    processor = (int(fields[11]) + int(fields[12])) / _TICKS
    return Sample(at, processor, int(line.split()[1]) * 1024, len(list((folder / "fd").iterdir())))


def _counted(metrics: str) -> float:
    with urllib.request.urlopen(f"{metrics}/metrics", timeout=10) as answer:  # noqa: S310 - it is on loopback
        lines = answer.read().decode().splitlines()
    return sum(float(each.split()[-1]) for each in lines if each.startswith("firedoor_object_changes_total"))
