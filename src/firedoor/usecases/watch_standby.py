"""A watch beside which others run: what it must know to go on where the one that leads ends."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from firedoor.model.feed import Turn
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.leading import Elector

BEFORE = 60.0
"""What a leader saw so many seconds before it was last heard of, it may not have told any more."""
_KEPT = 300.0
"""Turns are kept for so long; their snapshots share what did not change."""


class Standby:
    """
    Keeps what happened to the cluster lately while another replica leads.

    Whoever takes over tells it again from shortly before the leader was last heard of: some was told already, and is
    told once more rather than not at all.
    """

    def __init__(self, elector: Elector | None, clock: Callable[[], float], note: Callable[[], None]) -> None:
        """Without an elector there is nobody else. `clock` is the elector's; `note` is called at turns of others."""
        self._elector = elector
        self._clock = clock
        self._note = note
        self._turns: deque[tuple[float, Turn]] = deque()
        self._has_begun = False
        self._earlier: Snapshot | None = None

    def led(self, turns: Iterable[Turn]) -> Iterator[Turn]:
        """Yield the turns that this replica is to judge, from when it leads; raises ``SourceError`` when it did."""
        for turn in turns:
            elector = self._elector
            if elector is None or elector.is_leading:
                if not self._has_begun:
                    yield from self._begun(turn)
                else:
                    yield turn
            elif elector.has_led:
                raise elector.lost
            else:
                self._keep(turn)
                self._note()

    def earlier(self) -> Snapshot | None:
        """Return the cluster as it was before the first turn; None where nobody else led that was heard of."""
        return self._earlier

    def must_lead(self) -> None:
        """Raise ``SourceError`` where this replica led, and another may by now: what was judged is its to tell."""
        elector = self._elector
        if elector is not None and elector.has_led and not elector.is_leading:
            raise elector.lost

    def _begun(self, turn: Turn) -> Iterator[Turn]:
        """Yield what the leader before may not have told, and the first turn of one's own."""
        self._has_begun = True
        until = None if self._elector is None else self._elector.others_until
        if until is None or not self._turns:
            self._turns.clear()
            # Its changes are those since a turn that was not judged.
            yield replace(turn, changes=None)
            return
        while len(self._turns) > 1 and self._turns[1][0] <= until - BEFORE:
            self._turns.popleft()
        self._earlier = self._turns.popleft()[1].snapshot
        while self._turns:
            yield self._turns.popleft()[1]
        yield turn

    def _keep(self, turn: Turn) -> None:
        now = self._clock()
        if not self._turns or turn.changes is None or turn.changes:
            self._turns.append((now, turn))
        while len(self._turns) > 1 and now - self._turns[1][0] > _KEPT:
            self._turns.popleft()
