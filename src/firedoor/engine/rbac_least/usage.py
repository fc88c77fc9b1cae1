"""The requests of audit logs, counted: memory grows with different requests, not with events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.model.audit import AuditOutcome, AuditSkip, AuditSummary, SkipKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.access import AccessRequest, User
    from firedoor.model.audit import AuditEvent

MOST_FAULTS = 20
"""How many unreadable lines are told one by one."""

_Counts = dict["AccessRequest", int]


class Tally:
    """
    How often each user made each request.

    Of requests that differ in the name of the object alone, `most_names` and one more are
    kept, and all whose name is in `kept_names`; further ones count as the last of them.
    """

    def __init__(self, most_names: int, kept_names: frozenset[str]) -> None:
        """Begin with nothing."""
        self.most_names = most_names
        self._kept_names = kept_names
        self._counts: dict[User, _Counts] = {}
        self._names: dict[User, dict[AccessRequest, dict[str, None]]] = {}

    def add(self, user: User, request: AccessRequest) -> None:
        """Count a request."""
        counts = self._counts.setdefault(user, {})
        if request not in counts and request.name:
            request = self._kept(user, request)
        counts[request] = counts.get(request, 0) + 1

    def users(self) -> Iterable[User]:
        """Return all users that made a request."""
        return self._counts

    def of(self, user: User) -> _Counts:
        """Return the requests of a user with their counts."""
        return self._counts.get(user, {})

    def _kept(self, user: User, request: AccessRequest) -> AccessRequest:
        names = self._names.setdefault(user, {}).setdefault(replace(request, name=""), {})
        if request.name in self._kept_names:
            return request
        if len(names) > self.most_names:
            return replace(request, name=next(reversed(names)))
        names[request.name] = None
        return request


class Usage:
    """What audit logs tell, event by event: allowed and denied requests, the time span and what was left out."""

    def __init__(self, most_names: int = 0, kept_names: frozenset[str] = frozenset()) -> None:
        """Begin with nothing; `most_names` and `kept_names` are those of `Tally`."""
        self.allowed = Tally(most_names, kept_names)
        self.denied = Tally(most_names, kept_names)
        self._tallies = {AuditOutcome.ALLOWED: self.allowed, AuditOutcome.DENIED: self.denied}
        self._running: set[tuple[str, User, AccessRequest]] = set()
        self._requests = self._undecided = 0
        self._first = self._last = ""
        self._skipped: dict[str, int] = {}
        self._faults: list[AuditSkip] = []

    def read(self, entries: Iterable[AuditEvent | AuditSkip]) -> None:
        """Take all that a log holds."""
        for each in entries:
            if isinstance(each, AuditSkip):
                self._skip(each)
            else:
                self._take(each)

    def summary(self) -> AuditSummary:
        """Return what was read so far."""
        return AuditSummary(
            self._requests, self._first, self._last, self._undecided, dict(self._skipped), tuple(self._faults)
        )

    def users(self) -> Iterator[User]:
        """Yield all users, each once."""
        yield from dict.fromkeys((*self.allowed.users(), *self.denied.users()))

    def _skip(self, skip: AuditSkip) -> None:
        self._skipped[str(skip.kind)] = self._skipped.get(str(skip.kind), 0) + 1
        if skip.kind is SkipKind.UNREADABLE and len(self._faults) < MOST_FAULTS:
            self._faults.append(skip)

    def _take(self, event: AuditEvent) -> None:
        key = (event.audit_id, event.user, event.request)
        if event.is_start:
            self._running.add(key)
        elif key in self._running:
            # The request was counted when its response began.
            self._running.remove(key)
            return
        self._requests += 1
        if event.time:
            self._first = min(self._first or event.time, event.time, key=_moment)
            self._last = max(self._last, event.time, key=_moment)
        tally = self._tallies.get(event.outcome)
        if tally is None:
            self._undecided += 1
        else:
            tally.add(event.user, event.request)


def _moment(time: str) -> str:
    # Fractions of a second differ in length: without the letter behind them texts sort as times do.
    return time.rstrip("Z")
