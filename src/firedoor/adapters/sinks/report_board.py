"""What is wrong at this time, as report objects in the cluster: the last state counts, and needs no queue."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.adapters.sinks.courier import FIRST_PAUSE
from firedoor.adapters.sinks.last_state import LastState, each_in_turn
from firedoor.adapters.sinks.sink import plain
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.reports import FindingsReport

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from firedoor.interfaces import ClusterObjects

    Manifest = dict[str, Any]
    _Key = tuple[str, str, str]

LABEL = "firedoor.dev/sink"


class Kinds(Struct, frozen=True):
    """The kinds of the reports of an API."""

    api_version: str
    names: tuple[str, ...]


class ReportBoard(LastState[FindingsReport]):
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
        self._objects = objects
        self._kinds = kinds
        self._layout = layout
        self._written: dict[_Key, Manifest] = {}
        super().__init__(name, self._write_report, say, first_pause=first_pause)

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

    def _write_report(self, report: FindingsReport) -> None:
        objects = {_key(each): _labelled(each, self.name) for each in self._layout(report)}
        steps = [partial(self._apply, key, each) for key, each in objects.items()]
        steps += [partial(self._remove_others, kind, objects.keys()) for kind in self._kinds.names]
        each_in_turn(steps)

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
