"""The status of custom resources in the cluster: written where it is another, and never twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from firedoor.adapters.sinks.courier import FIRST_PAUSE
from firedoor.adapters.sinks.last_state import LastState, each_in_turn
from firedoor.errors import SourceError
from firedoor.model.resource_status import WantedStatus
from firedoor.model.zero_trust import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.interfaces import ClusterObjects

    Status = dict[str, Any]
    _Place = tuple[str, str]

LABEL = ("app.kubernetes.io/managed-by", "firedoor-watch")
REFRESH = 3600.0
"""So old a status may be before it is written again, and what is in the cluster before it is read again."""
_SELECTORS = {"zerotrustbaselines": "", "connectivityreports": "=".join(LABEL)}
_LONGEST_PAUSE = 60.0
_INSTALL = "install it with `firedoor watch --print custom-resources | kubectl apply --server-side -f -`"


class ResourceBoard(LastState[tuple[WantedStatus, ...]]):
    """
    Keeps the status of objects, and makes and removes those that are firedoor's own.

    What the cluster has is read once, then every hour, and after each trouble: whoever begins anew writes nothing
    that is there already.
    """

    def __init__(
        self,
        name: str,
        objects: ClusterObjects,
        say: Callable[[str], None],
        *,
        now: Callable[[], float] = time.time,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        """`now` returns Unix time."""
        self._objects = objects
        self._now = now
        self._known: dict[str, dict[_Place, Status]] = {}
        self._read_at = 0.0
        super().__init__(name, self._write_all, say, first_pause=first_pause, longest_pause=_LONGEST_PAUSE)

    def _write_all(self, wanted: tuple[WantedStatus, ...]) -> None:
        if self._now() - self._read_at > REFRESH:
            self._known = {}
        try:
            each_in_turn(partial(self._write_kind, plural, wanted) for plural in _SELECTORS)
        except BaseException:
            # What it is like now, after what went wrong, is not known.
            self._known = {}
            raise

    def _write_kind(self, plural: str, wanted: tuple[WantedStatus, ...]) -> None:
        if plural not in self._known:
            self._known[plural] = self._read(plural)
            self._read_at = self._now()
        own = {(each.namespace, each.name): each for each in wanted if each.plural == plural}
        steps = [partial(self._write_one, place, each) for place, each in own.items()]
        steps += [partial(self._remove, plural, place) for place in [*self._known[plural]] if place not in own]
        each_in_turn(steps)

    def _read(self, plural: str) -> dict[_Place, Status]:
        """Return the status of all objects of a kind, with the identity of each."""
        try:
            found = self._objects.items(API_VERSION, plural, _SELECTORS[plural])
        except SourceError as error:
            if "404" not in error.problem:
                raise
            raise SourceError(f"{plural}.{API_VERSION.partition('/')[0]} is not installed; {_INSTALL}") from error
        return {
            (each["metadata"]["namespace"], each["metadata"]["name"]): {
                **(each.get("status") or {}),
                "uid": each["metadata"].get("uid", ""),
            }
            for each in found
        }

    def _write_one(self, place: _Place, wanted: WantedStatus) -> None:
        known = self._known[wanted.plural].get(place)
        if known is not None and wanted.uid and known["uid"] != wanted.uid:
            # Another object of the name: a status is written to whichever is there, so that it may have that of this.
            known = None
        at = _text(self._now())
        status = _timed(wanted.status, known or {}, at)
        if known is not None and _timeless(status) == _timeless(known) and not self._is_old(known):
            return
        body: dict[str, Any] = {
            "apiVersion": API_VERSION,
            "kind": wanted.kind,
            "metadata": {"namespace": wanted.namespace, "name": wanted.name},
        }
        if known is None and not wanted.uid:
            labelled = {**body, "metadata": {**body["metadata"], "labels": dict([LABEL])}}
            if not self._objects.apply(labelled, wanted.plural):
                return
        if self._objects.apply({**body, "status": {**status, "lastEvaluated": at}}, wanted.plural, "status"):
            self._known[wanted.plural][place] = {**status, "lastEvaluated": at, "uid": wanted.uid}

    def _remove(self, plural: str, place: _Place) -> None:
        """Remove a report that is not wanted; of a baseline that is gone nothing is left to be done."""
        if _SELECTORS[plural]:
            self._objects.delete(API_VERSION, plural, *place)
        self._known[plural].pop(place, None)

    def _is_old(self, known: Status) -> bool:
        try:
            then = datetime.fromisoformat(str(known.get("lastEvaluated", "")))
        except ValueError:
            return True
        return self._now() - then.timestamp() > REFRESH


def _timed(status: Status, known: Status, at: str) -> Status:
    """Return a status whose conditions have the instants at which they became what they are."""
    if "conditions" not in status:
        return status
    before = {each.get("type"): each for each in known.get("conditions") or ()}
    return {**status, "conditions": [*_conditions(status["conditions"], before, at)]}


def _conditions(wanted: list[Status], before: dict[Any, Status], at: str) -> Iterator[Status]:
    for each in wanted:
        old = before.get(each["type"], {})
        is_same = old.get("status") == each["status"] and "lastTransitionTime" in old
        yield {**each, "lastTransitionTime": old["lastTransitionTime"] if is_same else at}


def _timeless(status: Status) -> Status:
    return {key: each for key, each in status.items() if key not in {"lastEvaluated", "uid"}}


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
