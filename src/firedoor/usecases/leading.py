"""
One of several replicas leads: it holds a Lease and renews it, the others wait until it does not.

As client-go's ``tools/leaderelection`` does it: clocks are never compared. Whether a lease has run out is told by how
long ago, by one's own clock, its record was last seen to change.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.errors import SourceError
from firedoor.model.leading import JITTER, LeaseRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.interfaces import LeaseStore
    from firedoor.model.leading import FoundLease, Timing


class Elector:
    """
    Tries to get a lease, keeps it, and gives it back.

    `run` is called in a thread of its own; everything else may be asked in any.
    """

    def __init__(
        self,
        store: LeaseStore,
        identity: str,
        timing: Timing,
        clock: Callable[[], float],
        jitter: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        """`clock` never goes back, `jitter` is a number from 0 to 1; `say` is told when something changes."""
        self.identity = identity
        self.has_led = False
        """Whether it led once: who does so no longer must end, since what it knows is not what was told since."""
        self._store = store
        self._timing = timing
        self._clock = clock
        self._jitter = jitter
        self._say = say
        self._observed: FoundLease | None = None
        self._observed_at = 0.0
        self._others_at: float | None = None
        self._renewed: float | None = None
        self._said = ""

    @property
    def is_leading(self) -> bool:
        """Whether the lease is held, and was renewed lately enough that nobody else can have it."""
        renewed = self._renewed
        return renewed is not None and self._clock() - renewed < self._timing.deadline

    @property
    def others_until(self) -> float | None:
        """When, by one's own clock, another leader was last seen to renew the lease, or to give it back."""
        return self._others_at

    @property
    def lost(self) -> SourceError:
        """What is raised by who led and does no longer."""
        held = self._observed.record.holder if self._observed is not None else ""
        by = f", which {held} has now" if held not in {"", self.identity} else ""
        return SourceError(
            f"this replica leads no longer: it could not renew its lease{by}",
            place=self._store.name,
            remedy="start it again, and it waits for its turn; see whether the API server answers in time",
        )

    def run(self, is_over: Callable[[], bool], wait: Callable[[float], object]) -> None:
        """Wait for the lease, and renew it until it `is_over` or it is lost; `wait` may return early then."""
        retry = self._timing.retry
        while not is_over():
            if self.try_once():
                self.has_led = True
                self._tell(f"{self.identity} leads: it holds {self._store.name}")
                break
            wait(retry * (1 + JITTER * self._jitter()))
        while not is_over():
            wait(retry)
            if not is_over() and not self.try_once() and not self.is_leading:
                return

    def release(self) -> None:
        """Give the lease back, so that nobody has to wait until it runs out; a failure is no harm."""
        found = self._observed
        if not self.is_leading or found is None:
            return
        self._renewed = None
        now = _now()
        record = LeaseRecord("", 1, now, now, found.record.transitions)
        try:
            self._store.update(found, record)
        except SourceError as error:
            self._tell(f"{self._store.name} could not be given back: {error.problem}")

    def try_once(self) -> bool:
        """Return whether the lease is held now, after one try to get or renew it."""
        # The lease counts from before the request: it may have been written at once, and answered late.
        began = self._clock()
        try:
            is_held = self._renew(began) or self._acquire(began)
        except SourceError as error:
            self._tell(f"{self._store.name}: {error.problem}")
            return False
        if is_held:
            self._renewed = began
        return is_held

    def _renew(self, began: float) -> bool:
        """Return whether the lease that one has could be written again as one knows it."""
        found = self._observed
        if found is None or not self.is_leading:
            return False
        try:
            updated = self._store.update(found, replace(found.record, renewed=_now(), seconds=self._seconds))
        except SourceError:
            # Somebody wrote it meanwhile, or it is gone: it is read.
            return False
        self._observe(updated, began)
        return True

    def _acquire(self, began: float) -> bool:
        found = self._store.read()
        now = _now()
        if found is None:
            self._observe(self._store.create(LeaseRecord(self.identity, self._seconds, now, now)), began)
            return True
        self._observe(found, self._clock())
        record = found.record
        is_own = record.holder == self.identity
        if record.holder and not is_own:
            if self._clock() < self._observed_at + record.seconds:
                self._tell(f"{self.identity} waits: {record.holder} leads, by {self._store.name}")
                # It was another's since: what one held is lost.
                self._renewed = None
                return False
            self._others_at = self._observed_at
        acquired, transitions = (record.acquired, 0) if is_own else (now, 1)
        new = LeaseRecord(self.identity, self._seconds, acquired, now, record.transitions + transitions)
        self._observe(self._store.update(found, new), began)
        return True

    def _observe(self, found: FoundLease, at: float) -> None:
        if self._observed is None or self._observed.record != found.record:
            before = self._observed.record.holder if self._observed is not None else ""
            self._observed_at = at
            if found.record.holder != self.identity and {before, found.record.holder} - {self.identity, ""}:
                self._others_at = at
        self._observed = found

    @property
    def _seconds(self) -> int:
        return int(self._timing.duration)

    def _tell(self, text: str) -> None:
        if text != self._said:
            self._said = text
            self._say(text)


def _now() -> str:
    """Return the time as the API writes it (``metav1.MicroTime``)."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
