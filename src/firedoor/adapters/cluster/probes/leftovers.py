"""What runs have made, found again by its label, and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes.objects import RefusedError
from firedoor.adapters.cluster.probes.pacing import at_once
from firedoor.adapters.cluster.probes.settings import RUN_LABEL, is_ours
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from firedoor.adapters.cluster.probes.objects import Objects

Manifest = dict[str, Any]

KINDS = ("Pod", "Service", "Deployment", "Job")
"""In the order in which they are deleted: the timer goes last, and takes the rest along if we do not come so far."""

_AT_ONCE = 8
_PAUSE = 0.5
_UNDONE = "what was made for probes may be left in part"
_REMEDY = f"it works no longer than its time to live; `firedoor verify --cleanup` finds it by the label {RUN_LABEL}"


class Leftovers:
    """Deletes what runs have made, and nothing else."""

    def __init__(self, objects: Objects, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """Take the cluster, and what tells and passes the time."""
        self._objects = objects
        self._clock = clock
        self._sleep = sleep

    def remove(
        self, selector: str, namespaces: Iterable[str], patience: float, kinds: Sequence[str] = KINDS
    ) -> list[str]:
        """
        Delete what has a label in some namespaces (empty: in all), and return its names once it is gone.

        The endpoints of services go with these. Raises ``SourceError``, which names what is
        left, where it is not gone after `patience` seconds.
        """
        places = sorted(set(namespaces))
        removed: dict[str, None] = {}
        end = self._clock() + patience
        try:
            while True:
                faults: dict[str, str] = {}
                left = [name for kind in kinds for name in self._begin(kind, places, selector, faults)]
                removed.update(dict.fromkeys(left))
                if not left and not faults:
                    return list(removed)
                if faults or self._clock() >= end:
                    break
                self._sleep(_PAUSE)
        except SourceError as error:
            raise SourceError(f"{_UNDONE}: {error.problem}", place=error.place, remedy=_REMEDY) from error
        raise self._unfinished(left, faults)

    def _begin(self, kind: str, places: list[str], selector: str, faults: dict[str, str]) -> list[str]:
        """Delete the objects of a kind, and return the names of those that are still there."""
        found: list[Manifest] = []
        for place in places:
            try:
                found += self._objects.list(kind, place, selector)
            except RefusedError as error:
                faults[f"every {kind} of {f'namespace {place}' if place else 'all namespaces'}"] = error.problem
        ours = [each for each in found if is_ours(each["metadata"]["name"], each["metadata"].get("labels") or {})]
        done = at_once(lambda each: self._delete(kind, each), ours, _AT_ONCE)
        faults.update({name: fault for name, fault in done if fault})
        return [_name(kind, each) for each in ours]

    def _delete(self, kind: str, found: Manifest) -> tuple[str, str]:
        if not found["metadata"].get("deletionTimestamp"):
            try:
                self._objects.delete(kind, found)
            except RefusedError as error:
                return _name(kind, found), error.problem
        return _name(kind, found), ""

    def _unfinished(self, left: list[str], faults: dict[str, str]) -> SourceError:
        told = [f"{name} ({reason})" for name, reason in faults.items()]
        told += [f"{name} (it is still going)" for name in left if name not in faults]
        return SourceError(f"{_UNDONE}: {', '.join(told)}", place=self._objects.server, remedy=_REMEDY)


def _name(kind: str, found: Manifest) -> str:
    return f"{kind} {found['metadata']['namespace']}/{found['metadata']['name']}"
