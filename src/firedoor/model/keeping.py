"""Snapshots of a cluster that changes, each made from the one before: what did not change is not sorted again."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from firedoor.model.address_gaps import node_address_gaps, pod_address_gaps
from firedoor.model.assembly import FIELDS, ShelfKey, SnapshotBuilder, shelf_key
from firedoor.model.places import GapKind
from firedoor.model.policy_gaps import policy_gaps
from firedoor.model.population import ordinal_gaps
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.model.workloads import Pod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from firedoor.model.decoding import ModelObject
    from firedoor.model.places import Gap


class SnapshotKeeper(SnapshotBuilder):
    """
    Keeps the objects of a live cluster, which are added first and exchanged afterwards.

    What it builds is what a `SnapshotBuilder` makes of the same objects, as long as `is_exact`.
    """

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.is_exact = True
        """Whether every object was there once, and had a name; where not, what is built is not to be used."""
        self._stale: dict[type, set[ShelfKey]] = {}
        self._runs: dict[type, dict[ShelfKey, tuple[ModelObject, ...]]] = {}
        self._parts: dict[str, tuple[ModelObject, ...]] = {}
        self._odd: dict[tuple[str, str], Pod] = {}
        """The pods of which an address is none."""
        self._told: dict[str, tuple[tuple[object, ...], list[Gap]]] = {}

    def add(self, each: ModelObject) -> None:
        """Add an object before anything is built."""
        if not each.metadata.name:
            self.is_exact = False
        super().add(each)

    def exchange(self, before: ModelObject | None, after: ModelObject | None) -> None:
        """Take an object away, and put another one in its place."""
        for old, new in ((before, None), (None, after)):
            each = old if new is None else new
            if each is None:
                continue
            form, metadata = type(each), each.metadata
            key = shelf_key(each, form, metadata.namespace)
            shelf = self._shelves[form]
            names = shelf.setdefault(key, {})
            there = names.pop(metadata.name, None)
            if there is not old or not metadata.name:
                self.is_exact = False
            if new is not None:
                names[metadata.name] = new
            elif not names:
                del shelf[key]
            self._stale.setdefault(form, set()).add(key)
            if isinstance(each, Pod):
                self._note(each, is_there=new is not None)

    def build(self, origin: Origin, gaps: Iterable[Gap] = ()) -> Snapshot:
        """Return the snapshot as it is now; `gaps` are those of this time."""
        if not self._parts:
            self._begin()
        for form, stale in self._stale.items():
            self._sort(form, stale)
        self._stale.clear()
        snapshot = Snapshot(origin=origin, **self._parts)  # type: ignore[arg-type]
        nodes, workloads, objects = snapshot.nodes, snapshot.workloads, snapshot.policy_objects
        found = [
            *gaps,
            *self._once("ordinals", (workloads,), lambda: ordinal_gaps(snapshot)),
            *self._once("nodes", (nodes,), lambda: node_address_gaps(nodes)),
            *pod_address_gaps(tuple(self._odd.values())),
            *self._once("policies", (objects, bool(snapshot.network_policies)), lambda: policy_gaps(snapshot)),
        ]
        found.sort(key=lambda gap: (gap.source, gap.path, gap.reason))
        return Snapshot(origin=origin, gaps=tuple(found), **self._parts)  # type: ignore[arg-type]

    def _begin(self) -> None:
        self.is_exact &= not any(each.kind is GapKind.DUPLICATE for each in self._gaps)
        for form in FIELDS:
            self._runs[form] = {}
            self._sort(form, self._shelves[form])
        pods = [each for names in self._shelves[Pod].values() for each in names.values() if isinstance(each, Pod)]
        wrong = {each.object for each in pod_address_gaps(pods)}
        for pod in pods if wrong else ():
            self._note(pod, is_there=True)

    def _sort(self, form: type, stale: Iterable[ShelfKey]) -> None:
        shelf, runs = self._shelves[form], self._runs[form]
        for key in stale:
            names = shelf.get(key)
            if names is None:
                runs.pop(key, None)
            else:
                runs[key] = tuple([names[name] for name in sorted(names)])
        self._parts[FIELDS[form]] = tuple(chain.from_iterable(map(runs.__getitem__, sorted(runs))))

    def _note(self, pod: Pod, *, is_there: bool) -> None:
        place = pod.metadata.namespace, pod.metadata.name
        self._odd.pop(place, None)
        if is_there and any(pod_address_gaps((pod,))):
            self._odd[place] = pod

    def _once(self, name: str, told_by: tuple[object, ...], find: Callable[[], Iterable[Gap]]) -> list[Gap]:
        """Return the gaps that `find` finds, found again where anything is another object than before."""
        known = self._told.get(name)
        if known is None or any(one is not other for one, other in zip(known[0], told_by, strict=True)):
            known = self._told[name] = told_by, list(find())
        return known[1]
