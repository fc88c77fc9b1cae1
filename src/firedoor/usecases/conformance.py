"""
What a network plugin enforces, found out by trying: case by case, in namespaces that are made for it.

A connection that is blocked is believed only if the same one passes without any policy:
before each case, so that it is the case that blocks it, and after them all. One that is
otherwise than expected is looked at again before it counts, because a plugin takes policies
in a while after they are written.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.conformance.judging import Observed, judged
from firedoor.engine.conformance.predicting import Predictor
from firedoor.engine.conformance.sites import SITES, SPACES
from firedoor.engine.conformance.suite import SUITE
from firedoor.engine.conformance.world import SITE_BY_KEY, World, needs
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.conformance import Observation, Passage
from firedoor.model.verdicts import Verdict
from firedoor.usecases.conformance_bench import Bench, State, prepared, usable_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from firedoor.engine.conformance.shapes import Case, Try
    from firedoor.interfaces import Progress, Scratch
    from firedoor.model.conformance import Conformance
    from firedoor.usecases.conformance_bench import NewProber

_FIRST_PAUSE = 0.5
_SHORT = 1.0
_MOST_UNENFORCED = 3
"""After so many cases in a row in which nothing is enforced at all, nobody waits long for a plugin any more."""
_WHAT = "conformance cases"


@dataclass(frozen=True, slots=True)
class ConformanceQuestion:
    """
    What is asked.

    Namespaces are called ``prefix-key``. What is not as expected is tried again for `settle`
    seconds. `chosen` is the CNI profile that a person gave, empty where nobody did.
    """

    prefix: str
    settle: float
    chosen: str = ""
    cases: Sequence[Case] = SUITE


def find_conformance(
    question: ConformanceQuestion,
    scratch: Scratch,
    new_prober: NewProber,
    wait: Callable[[float], None],
    progress: Progress,
) -> Conformance:
    """
    Return what the plugin of a cluster enforces; all that is made for it is removed, whatever happens.

    Raises ``SourceError`` where the cluster lets nothing be tried at all.
    """
    with ExitStack() as stack:
        stack.callback(scratch.close)
        nodes = usable_nodes(scratch.nodes())
        for space in SPACES:
            scratch.make(f"{question.prefix}-{space.key}", space.labels)
        world = World(question.prefix, nodes)
        sites = [each for each in SITES if not each.is_late]
        bench = prepared(stack.enter_context(new_prober()), sites, world, progress)
        return _Run(question, scratch, new_prober, wait, progress, bench).result()


class _Run:
    """The cases, one after the other, on a bench that is ready."""

    def __init__(
        self,
        question: ConformanceQuestion,
        scratch: Scratch,
        new_prober: NewProber,
        wait: Callable[[float], None],
        progress: Progress,
        bench: Bench,
    ) -> None:
        self._question = question
        self._new_prober = new_prober
        self._wait = wait
        self._progress = progress
        self._bench = bench
        self._state = State(scratch, bench.world)
        self._unenforced = 0

    def result(self) -> Conformance:
        cases = self._question.cases
        here = {each for case in cases if not self._reason(case) and not _is_late(case) for each in case.tries}
        before = self._closed(here)
        if here and len(before) == len(here):
            raise SourceError(
                f"no connection passes between the probe pods, even without policies: {before[min(here)]}",
                remedy="see whether pods of this cluster reach each other at all",
            )
        observed: list[tuple[Observed, Predictor]] = []
        for number, case in enumerate(cases):
            self._progress.step(_WHAT, number, len(cases))
            observed.append(self._observe(case, before))
        self._progress.step(_WHAT, len(cases), len(cases))
        self._state.clear()
        after = self._closed(here - before.keys())
        return judged(
            [(_believed(each, after), predictor) for each, predictor in observed],
            self._question.chosen,
            self._bench.notes,
        )

    def _reason(self, case: Case) -> str:
        """Return why a case cannot be run; empty where it can."""
        if case.places > len(self._bench.world.nodes):
            return "it takes two nodes that pods can run on"
        return next((self._bench.unusable[each] for each in sorted(needs(case)) if each in self._bench.unusable), "")

    def _closed(self, tries: Iterable[Try]) -> dict[Try, str]:
        """Return the tries that do not pass although no policy is there, with the reason."""
        failed = dict.fromkeys(sorted(tries), "")
        for pause in self._pauses():
            self._wait(pause)
            failed = _not_passing(self._bench.look(list(failed)))
            if not failed:
                break
        return failed

    def _pauses(self) -> Iterator[float]:
        """Yield how long to wait before each look, until it is no use to wait any longer."""
        left = self._question.settle
        if self._unenforced >= _MOST_UNENFORCED:
            left = min(left, _SHORT)
        yield 0.0
        pause = _FIRST_PAUSE
        while left > 0:
            yield min(pause, left)
            left -= pause
            pause *= 2

    def _observe(self, case: Case, before: dict[Try, str]) -> tuple[Observed, Predictor]:
        reason = self._reason(case)
        if reason:
            return Observed(case, reason=reason), self._bench.predictor
        try:
            if _is_late(case):
                return self._late(case)
            self._state.clear()
            closed = self._closed({each for each in case.tries if each not in before})
            observed = self._stages(case, self._bench, {**closed, **before})
        except WriteRefusedError as error:
            return Observed(case, reason=str(error)), self._bench.predictor
        self._count_unenforced(observed)
        return observed, self._bench.predictor

    def _count_unenforced(self, observed: Observed) -> None:
        """Take note of a case in which nothing is blocked that must be."""
        decided = [self._bench.predictor.decided(observed.case, number) for number in range(len(observed.stages))]
        seen = [
            found.passage
            for expected, stage in zip(decided, observed.stages, strict=True)
            for verdict, found in zip(expected, stage, strict=True)
            if verdict is Verdict.DENIED
        ]
        if seen:
            self._unenforced = self._unenforced + 1 if Passage.BLOCKED not in seen else 0

    def _late(self, case: Case) -> tuple[Observed, Predictor]:
        """Run a case whose pods are made after its policies; its last stage, without any, is its own control."""
        self._state.become(case, 0)
        with self._new_prober() as prober:
            sites = [SITE_BY_KEY[each] for each in sorted(needs(case))]
            bench = prepared(prober, sites, self._bench.world, self._progress)
            if bench.unusable:
                return Observed(case, reason=next(iter(bench.unusable.values()))), self._bench.predictor
            observed = self._stages(case, bench, {})
        *_, control = observed.stages
        failed = _not_passing(dict(zip(case.stages[-1].tries, control, strict=True)))
        return _believed(observed, failed), bench.predictor

    def _stages(self, case: Case, bench: Bench, closed: dict[Try, str]) -> Observed:
        found = []
        for number in range(len(case.stages)):
            self._state.become(case, number)
            found.append(self._stage(case, number, bench, closed))
        return Observed(case, tuple(found))

    def _stage(self, case: Case, number: int, bench: Bench, closed: dict[Try, str]) -> tuple[Observation, ...]:
        """
        Return what is seen of each try; `closed` are those that do not pass anyway.

        Looks until all is as expected. What must be blocked, and passed before, tells that the
        policies are in force; where there is no such thing, all the time is waited.
        """
        tries = case.stages[number].tries
        expected = dict(zip(tries, bench.predictor.decided(case, number), strict=True))
        seen = {each: Observation(Passage.UNKNOWN, detail=closed[each]) for each in tries if each in closed}
        blocked = [each for each in tries if each not in closed and expected[each] is Verdict.DENIED]
        others = [each for each in tries if each not in closed and expected[each] is not Verdict.DENIED]
        for look, pause in enumerate(self._pauses() if blocked or others else (), 1):
            self._wait(pause)
            # What must be blocked comes first: what passes after that passes with the policies in force.
            for part in (blocked, others):
                seen |= {tried: replace(found, looks=look) for tried, found in bench.look(part).items()}
            if blocked and all(_is_as_expected(seen[each], expected[each]) for each in (*blocked, *others)):
                break
        return tuple(seen[each] for each in tries)


def _is_late(case: Case) -> bool:
    return any(SITE_BY_KEY[each].is_late for each in needs(case))


def _is_as_expected(seen: Observation, expected: Verdict | None) -> bool:
    return seen.passage is not Passage.UNKNOWN and (expected is None or seen.passage.is_as(expected))


def _not_passing(seen: Mapping[Try, Observation]) -> dict[Try, str]:
    return {
        each: f"it does not pass where no policy is: {found.detail or found.outcome}"
        for each, found in seen.items()
        if found.passage is not Passage.PASSES
    }


def _believed(observed: Observed, failed: Mapping[Try, str]) -> Observed:
    """Return what was observed; a connection that does not pass without policies either was not blocked by them."""
    stages = tuple(
        tuple(
            replace(found, passage=Passage.UNKNOWN, detail=failed[tried])
            if tried in failed and found.passage is Passage.BLOCKED
            else found
            for tried, found in zip(stage.tries, seen, strict=True)
        )
        for stage, seen in zip(observed.case.stages, observed.stages, strict=False)
    )
    return replace(observed, stages=stages)
