"""What observations say of each case, of each part of the API, and of the CNI profiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.engine.conformance.fitting import Fitting
from firedoor.engine.conformance.shapes import Feature
from firedoor.engine.reach.cni import PROFILES
from firedoor.model.conformance import CaseResult, CaseStatus, Conformance, FeatureResult, Passage, TryResult
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.conformance.predicting import Predictor
    from firedoor.engine.conformance.readings import Reading
    from firedoor.engine.conformance.shapes import Case
    from firedoor.model.conformance import Observation


class Observed(Struct, frozen=True, gc=False):
    """
    A case and what was seen in it, stage by stage and try by try.

    Where it could not be run `reason` says why, and nothing was seen.
    """

    case: Case
    stages: tuple[tuple[Observation, ...], ...] = ()
    reason: str = ""


def judged(observed: Sequence[tuple[Observed, Predictor]], chosen: str, notes: Sequence[str] = ()) -> Conformance:
    """Return what it comes to; a predictor tells what is expected where its case was run."""
    cases = tuple(_case(*each) for each in observed)
    fitting = Fitting([(each.case, each.stages, predictor) for each, predictor in observed])
    profiles, best = fitting.profiles()
    features = tuple(_features(cases, fitting.readings))
    return Conformance(cases, features, profiles, best, chosen, fitting.unforetold, tuple(notes))


def _case(observed: Observed, predictor: Predictor) -> CaseResult:
    case = observed.case
    found = tuple(_tries(observed, predictor))
    return CaseResult(
        case.name,
        case.feature.value,
        case.tells,
        _status(found),
        found,
        observed.reason or _doubt(found),
        case.left_open,
    )


def _tries(observed: Observed, predictor: Predictor) -> Iterator[TryResult]:
    for number, seen in enumerate(observed.stages):
        stage = observed.case.stages[number]
        expected = predictor.decided(observed.case, number)
        by_profile = [(name, predictor.verdicts(observed.case, number, each)) for name, each in PROFILES.items()]
        for position, tried in enumerate(stage.tries):
            yield TryResult(
                number,
                tried.source,
                tried.destination,
                tried.protocol,
                tried.port,
                tried.is_through_service,
                expected[position],
                tuple(name for name, verdicts in by_profile if verdicts[position] is Verdict.ACCEPTED),
                seen[position],
            )


def _status(tries: Sequence[TryResult]) -> CaseStatus:
    if any(each.is_wrong for each in tries):
        return CaseStatus.FAILS
    if not tries or any(each.seen.passage is Passage.UNKNOWN for each in tries):
        return CaseStatus.UNCHECKED
    return CaseStatus.OPEN if any(each.expected is None for each in tries) else CaseStatus.PASSES


def _doubt(tries: Sequence[TryResult]) -> str:
    """Return why something in a case is not known; empty where all of it is."""
    return next((each.seen.detail for each in tries if each.seen.passage is Passage.UNKNOWN), "")


def _features(cases: Sequence[CaseResult], readings: Sequence[Reading]) -> Iterator[FeatureResult]:
    for feature in Feature:
        found = [each.status for each in cases if each.feature == feature]
        if found:
            yield FeatureResult(
                feature.value,
                found.count(CaseStatus.PASSES),
                found.count(CaseStatus.FAILS),
                found.count(CaseStatus.OPEN),
                found.count(CaseStatus.UNCHECKED),
                tuple(each.text for each in readings if each.feature is feature),
            )
