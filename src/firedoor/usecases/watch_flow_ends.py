"""Who had which address, as a cluster that is watched shows it, and lately showed it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from firedoor.engine.flows.history import History, Seen
from firedoor.model.services import EndpointSlice, Service
from firedoor.model.workloads import Node, Pod, Workload

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.feed import ObjectChange, Turn
    from firedoor.model.snapshot import Snapshot

_KEPT = 4
_LONGEST = 300 * 10**9
_ABOUT = (Pod, Node, Service, EndpointSlice, Workload)


class Attribution:
    """
    Answers by the cluster as it is, and by how it was before the last pods went or changed their address.

    Of those earlier states the last four of five minutes are kept, for flows are told late.
    """

    def __init__(self, read_time: Callable[[str], int]) -> None:
        """`read_time` reads RFC 3339 into nanoseconds."""
        self._read_time = read_time
        self._earlier: deque[Seen] = deque(maxlen=_KEPT)
        self._current: Snapshot | None = None
        self._history: History | None = None

    def begin(self, snapshot: Snapshot) -> None:
        """Take the cluster as it was when it was watched last."""
        self._earlier.append(Seen(snapshot, self._read_time(snapshot.origin.captured_at)))

    def take(self, turn: Turn, now: int) -> None:
        """Take the cluster as it is."""
        changes = turn.changes
        if self._current is not None and changes is not None and not any(map(_is_about, changes)):
            return
        if self._current is not None and (changes is None or any(map(_is_departure, changes))):
            self._earlier.append(Seen(self._current, now))
        self._current, self._history = turn.snapshot, None
        while len(self._earlier) > 1 and now - (self._earlier[0].time or 0) > _LONGEST:
            self._earlier.popleft()

    def history(self) -> History:
        """Return who had which address when; what there is now is true until further notice."""
        if self._history is None:
            assert self._current is not None  # noqa: S101 - taken before
            self._history = History([*self._earlier, Seen(self._current, None)], self._read_time)
        return self._history


def _is_about(change: ObjectChange) -> bool:
    return isinstance(change.after or change.before, _ABOUT)


def _is_departure(change: ObjectChange) -> bool:
    before, after = change.before, change.after
    if not isinstance(before, Pod):
        return False
    return not isinstance(after, Pod) or after.addresses != before.addresses
