"""Which baselines hold, and what is to be told when one no longer does, or does again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from firedoor.usecases.watch_events import MOST_LISTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.model.events import Event
    from firedoor.model.places import ObjectRef
    from firedoor.model.resource_status import BaselineResult, WantedStatus
    from firedoor.usecases.watch_events import Moment

    _Found = tuple[BaselineResult, WantedStatus]
    """What was found of a baseline, and the status that says so."""


class BaselineBook:
    """
    What was last known of each baseline.

    Of those that are there at the first look nothing is told, as of all else. What can no longer be decided is what it
    was: a gap says that something is not known any more.
    """

    def __init__(self) -> None:
        """Start with nothing known."""
        self._holds: dict[ObjectRef, bool] | None = None
        self.states: dict[tuple[str, str], bool | None] = {}
        """Whether each holds, by namespace and name; None where that is not known."""

    def begin(self, found: Sequence[BaselineResult]) -> None:
        """Begin with what held earlier."""
        self._holds = {each.baseline.ref: each.holds for each in found if each.holds is not None}

    def take(self, found: Sequence[_Found], moment: Moment) -> list[Event]:
        """Take note of what was found of all baselines now, and return what is to be told of it."""
        before, results = self._holds, [each for each, _ in found]
        self.states = {(each.baseline.ref.namespace, each.baseline.ref.name): each.holds for each in results}
        self.begin(results)
        if before is None:
            return []
        assert self._holds is not None  # noqa: S101 - it was begun with
        there = {each.baseline.ref for each in results}
        self._holds = {ref: each for ref, each in before.items() if ref in there} | self._holds
        return [*self._changes(found, before, moment), *_gone(before, there, moment)]

    @staticmethod
    def _changes(found: Sequence[_Found], before: dict[ObjectRef, bool], moment: Moment) -> Iterator[Event]:
        for result, wanted in found:
            about, holds = result.baseline.ref, result.holds
            if holds is False and before.get(about) is not False:
                word = "no longer holds" if about in before else "does not hold"
                message = f"{about} {word}: {_reason(wanted.status)}"
                evidence = tuple(_failing(wanted.status, result))[:MOST_LISTED]
                yield moment.event(EventKind.BASELINE_BROKEN, _weight(result), about, message, evidence=evidence)
            elif holds and before.get(about) is False:
                message = f"{about} holds again: {_reason(wanted.status)}"
                yield moment.event(EventKind.BASELINE_HELD, Severity.INFO, about, message)


def _gone(before: dict[ObjectRef, bool], there: set[ObjectRef], moment: Moment) -> Iterator[Event]:
    """Yield the end of what was told of those that are there no longer."""
    for about, held in before.items():
        if not held and about not in there:
            message = f"{about} is gone: it did not hold, and is asked for no longer"
            yield moment.event(EventKind.BASELINE_HELD, Severity.INFO, about, message)


def _weight(result: BaselineResult) -> Severity:
    """Return how much it matters: as much as the worst finding, and what must not be connected is grave."""
    if any(each.is_failure and not each.is_unknown for each in result.results):
        return Severity.HIGH
    return max((each.severity for each in result.left), key=lambda each: each.rank)


def _reason(status: dict[str, Any]) -> str:
    """Return what the condition `Holds` says."""
    return next(str(each["message"]) for each in status["conditions"] if each["type"] == "Holds")


def _failing(status: dict[str, Any], result: BaselineResult) -> Iterator[str]:
    for each in status.get("failing", ()):
        yield f"intent {each['name']}: {each['message']}"
        yield from each["decidedBy"]
    for finding in result.left:
        yield f"{finding.severity} {finding.check}: {finding.message}"
