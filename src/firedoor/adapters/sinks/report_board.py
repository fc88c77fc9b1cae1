"""What is wrong at this time, as report objects in the cluster: the last state counts, and needs no queue."""

from __future__ import annotations

import random
import time
from functools import partial
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.adapters.sinks.courier import FIRST_PAUSE, LONGEST_PAUSE
from firedoor.adapters.sinks.sink import plain
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.alerting import SinkState
from firedoor.model.reports import FindingsReport

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from firedoor.interfaces import ClusterObjects

    Manifest = dict[str, Any]
    _Key = tuple[str, str, str]

LABEL = "firedoor.dev/sink"
_PATIENCE = 5.0


class Kinds(Struct, frozen=True):
    """The kinds of the reports of an API."""

    api_version: str
    names: tuple[str, ...]


class ReportBoard:
    """Keeps the reports of a cluster as the last diagnosis says, in a thread of its own."""

    def __init__(
        self,
        name: str,
        objects: ClusterObjects,
        kinds: Kinds,
        layout: Callable[[FindingsReport], Iterable[Manifest]],
        say: Callable[[str], None],
        *,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """
        `layout` returns the objects of a report, which are of `kinds`.

        Those that this sink made before and that are not among them go.
        """
        self.name = name
        self._objects = objects
        self._kinds = kinds
        self._layout = layout
        self._say = say
        self._first_pause = first_pause
        self._news = Condition()
        self._wanted: tuple[float, FindingsReport] | None = None
        self._is_ending = False
        self._written: dict[_Key, Manifest] = {}
        self._delivered = self._failures = 0
        self._trouble = ""
        self._thread = Thread(target=self._run, name=f"reports {name}", daemon=True)
        self._thread.start()

    def put(self, report: FindingsReport) -> None:
        """Let the cluster say what a report says, soon."""
        with self._news:
            self._wanted = (time.time(), report)
            self._news.notify()

    def state(self) -> SinkState:
        """Return how it is doing: a report waits or does not."""
        wanted = self._wanted
        waiting = max(time.time() - wanted[0], 0.0) if wanted is not None else 0.0
        queued = int(wanted is not None)
        return SinkState(self.name, queued, waiting, self._delivered, self._failures, 0, 0, self._trouble)

    def close(self) -> None:
        """Write what is not written yet, as far as that works at once."""
        with self._news:
            self._is_ending = True
            self._news.notify()
        self._thread.join(_PATIENCE)

    def try_it(self) -> str:
        """Return what is wrong when an object is made and removed, which is empty where nothing is."""
        empty = FindingsReport("watch-test", "", "", (), ())
        try:
            for each in self._layout(empty):
                self._objects.apply(each, _plural(each))
                self._objects.delete(each["apiVersion"], _plural(each), "", each["metadata"]["name"])
        except (SourceError, WriteRefusedError) as error:
            return plain(error.problem)
        return ""

    def _run(self) -> None:
        attempts = 0
        while True:
            with self._news:
                self._news.wait_for(lambda: self._is_ending or self._wanted is not None)
                wanted = self._wanted
                if wanted is None:
                    return
            try:
                self._write(wanted[1])
            except (SourceError, WriteRefusedError) as error:
                pause = min(self._first_pause * 2.0 ** min(attempts, 20), LONGEST_PAUSE)
                attempts += 1
                self._failed(plain(error.problem))
                with self._news:
                    # All who wait for the same server must not come back together.
                    if self._news.wait_for(lambda: self._is_ending, pause * random.uniform(0.5, 1.0)):  # noqa: S311
                        return
                continue
            attempts = 0
            self._works()
            with self._news:
                if self._wanted is wanted:
                    self._wanted = None

    def _write(self, report: FindingsReport) -> None:
        objects = {_key(each): _labelled(each, self.name) for each in self._layout(report)}
        steps = [partial(self._apply, key, each) for key, each in objects.items()]
        steps += [partial(self._remove_others, kind, objects.keys()) for kind in self._kinds.names]
        trouble: SourceError | WriteRefusedError | None = None
        for step in steps:
            try:
                step()
            except (SourceError, WriteRefusedError) as error:
                # What cannot be written must not hold up the others.
                trouble = trouble or error
        if trouble is not None:
            raise trouble

    def _apply(self, key: _Key, manifest: Manifest) -> None:
        timeless = _timeless(manifest)
        # A namespace that goes needs no report.
        if self._written.get(key) != timeless and self._objects.apply(manifest, _plural(manifest)):
            self._written[key] = timeless

    def _remove_others(self, kind: str, wanted: Collection[_Key]) -> None:
        plural = _plural({"kind": kind})
        for place in self._objects.listed(self._kinds.api_version, plural, f"{LABEL}={self.name}"):
            if (plural, *place) not in wanted:
                self._objects.delete(self._kinds.api_version, plural, *place)
                self._written.pop((plural, *place), None)

    def _failed(self, problem: str) -> None:
        self._failures += 1
        if not self._trouble:
            self._say(f"sink {self.name}: {problem}; it is tried again")
        self._trouble = problem

    def _works(self) -> None:
        self._delivered += 1
        if self._trouble:
            self._say(f"sink {self.name}: works again")
        self._trouble = ""


def _plural(manifest: Manifest) -> str:
    return f"{manifest['kind'].lower()}s"


def _key(manifest: Manifest) -> _Key:
    meta = manifest["metadata"]
    return _plural(manifest), meta.get("namespace", ""), meta["name"]


def _labelled(manifest: Manifest, name: str) -> Manifest:
    meta = manifest["metadata"]
    return {**manifest, "metadata": {**meta, "labels": {**meta["labels"], LABEL: name}}}


def _timeless(manifest: Manifest) -> Manifest:
    """Return an object without the instants of its results, which are new each time."""
    results = [{key: each[key] for key in each if key != "timestamp"} for each in manifest["results"]]
    return {**manifest, "results": results}
