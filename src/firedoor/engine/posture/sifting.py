"""Findings sifted: which fall under an exception, and which a baseline knows."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.posture.fingerprints import identity
from firedoor.model.exceptions import EVERY_CHECK, Carrier, WaiverState, WaiverUse, home_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from firedoor.model.exceptions import BaselineEntry, Waiver
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef

Labels = tuple[dict[str, str], ...]


def waived(
    findings: Iterable[Finding],
    waivers: Sequence[Waiver],
    labels: Mapping[ObjectRef, Labels],
    today: date,
    ran: Collection[str],
) -> tuple[tuple[Waiver | None, ...], tuple[WaiverUse, ...]]:
    """
    Return the exception that each finding falls under, and what became of every exception.

    The first one that holds counts where there are several, and none that has expired before `today`. `ran` are the
    checks that were made.
    """
    shelf = _Shelf(waivers)
    met = [0] * len(waivers)
    chosen: list[Waiver | None] = []
    for finding in findings:
        under: Waiver | None = None
        for number in shelf.candidates(finding):
            each = waivers[number]
            if each.is_for(finding.check) and each.scope.holds(finding.object, labels.get(finding.object, ())):
                met[number] += 1
                if under is None and not _is_past(each, today):
                    under = each
        chosen.append(under)
    uses = (
        WaiverUse(each, _state(each, number, today, ran), number) for each, number in zip(waivers, met, strict=True)
    )
    return tuple(chosen), tuple(uses)


def compared(
    findings: Iterable[Finding], entries: Iterable[BaselineEntry]
) -> tuple[tuple[bool, ...], tuple[BaselineEntry, ...]]:
    """
    Return whether a baseline knows each finding, and its entries that are left over: what was fixed since.

    Of findings that are alike, it knows as many as it has entries, the first ones.
    """
    listed = tuple(entries)
    left = Counter(map(identity, listed))
    known: list[bool] = []
    for finding in findings:
        key = identity(finding)
        known.append(left[key] > 0)
        left[key] -= known[-1]
    fixed: list[BaselineEntry] = []
    for entry in listed:
        key = identity(entry)
        if left[key] > 0:
            left[key] -= 1
            fixed.append(entry)
    return tuple(known), tuple(fixed)


class _Shelf:
    """Exceptions by what tells fast that they are not about a finding: its object, its namespace, its check."""

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        self._carried: dict[ObjectRef, list[int]] = defaultdict(list)
        self._housed: dict[str, list[int]] = defaultdict(list)
        self._patterns: dict[str, list[int]] = defaultdict(list)
        for number, each in enumerate(waivers):
            if not isinstance(each.scope, Carrier):
                for check in each.checks:
                    self._patterns[check].append(number)
            elif each.scope.object.kind == "Namespace":
                self._housed[each.scope.object.name].append(number)
            else:
                self._carried[each.scope.object].append(number)

    def candidates(self, finding: Finding) -> Iterator[int]:
        """Yield the positions of exceptions that may be about a finding, the nearest to its object first."""
        yield from self._carried.get(finding.object, ())
        yield from self._housed.get(home_of(finding.object), ())
        yield from sorted({*self._patterns.get(finding.check, ()), *self._patterns.get(EVERY_CHECK, ())})


def _is_past(waiver: Waiver, today: date) -> bool:
    return waiver.expires is not None and waiver.expires < today


def _state(waiver: Waiver, met: int, today: date, ran: Collection[str]) -> WaiverState:
    has_run = all(check in ran or check == EVERY_CHECK for check in waiver.checks)
    if not met and not has_run:
        return WaiverState.SKIPPED
    if _is_past(waiver, today):
        return WaiverState.EXPIRED
    return WaiverState.USED if met else WaiverState.UNUSED
