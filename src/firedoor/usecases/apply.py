"""
Policies written to a live cluster, wave by wave, each step kept in a journal before and after.

Whatever goes wrong, all that was done is taken back. Whenever the process ends in
between, the journal says how far it came, and what the server has tells whether the
last step arrived: the apply is finished or taken back later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.errors import FiredoorError, SourceError, WriteRefusedError
from firedoor.model.journal import Begin, End, Gates, Passed, Record, Undoing, Undone, Writing, Written
from firedoor.model.rollout import Action, Outcome
from firedoor.model.rollout_contents import is_same
from firedoor.usecases.apply_gates import require_gates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.interfaces import Journal, LivePolicies, Surroundings
    from firedoor.model.journal import Entry
    from firedoor.model.rollout import ApplyPlan, Manifest, PolicyRef, Step


def beginning(plan: ApplyPlan, time: str, paths: Sequence[str], gates: Gates, live: LivePolicies) -> Begin:
    """Return the first entry of the journal of a plan, with how many pods are ready before anything is done."""
    waves = plan.ordering.waves
    done = [each for each in plan.steps if each.action is not Action.DELETE]
    return Begin(
        plan.id,
        time,
        plan.server,
        tuple(paths),
        tuple(sorted({each.ref for each in (*done, *plan.unchanged) if not (each.is_bridge or each.is_stage)})),
        waves,
        gates,
        plan.is_forced,
        {name: live.ready(name) for name in sorted({each.namespace for each in waves if not each.is_stage})},
    )


def foreign_changes(record: Record, live: LivePolicies) -> list[PolicyRef]:
    """Return the objects that are neither as the apply left them nor as they were before: somebody changed them."""
    seen: set[PolicyRef] = set()
    found = []
    for number in record.touched:
        step = record.steps[number]
        if step.ref in seen:
            continue
        seen.add(step.ref)
        befores = [record.befores[each] for each in record.touched if record.steps[each].ref == step.ref]
        now = live.get(step.ref)
        if not any(is_same(now, each) for each in (_expected(record, number), *befores)):
            found.append(step.ref)
    return found


def _expected(record: Record, number: int) -> dict[str, object] | None:
    return record.afters.get(number, record.steps[number].after)


class Applying:
    """One apply, in the state that its record tells."""

    def __init__(self, record: Record, journal: Journal, live: LivePolicies, around: Surroundings) -> None:
        """`journal` is where the record came from, or goes to."""
        self._record = record
        self._journal = journal
        self._live = live
        self._around = around

    def finish(self) -> Outcome:
        """
        Do what is left to do, and return how it ended; the record's `reason` says why all was taken back.

        Raises ``FiredoorError`` where not even that works; the journal then stays unfinished.
        """
        if self._record.is_undoing:
            return self.take_back()
        try:
            self._do_all()
        except FiredoorError as trouble:
            return self.take_back(reason=str(trouble))
        except KeyboardInterrupt:
            return self.take_back(reason="interrupted")
        return Outcome.APPLIED

    def take_back(self, *, reason: str = "", force: bool = False) -> Outcome:
        """Make everything as it was; raises ``FiredoorError``, and `force` is for what somebody else changed since."""
        if not self._record.is_undoing or self._record.is_over:
            self._log(Undoing(reason))
        if self._record.touched:
            self._around.tell(f"taking back: {reason}" if reason else "taking back")
        for number in self._record.touched:
            self._undo(number, force=force)
            self._log(Undone(number))
        self._log(End(Outcome.ROLLED_BACK))
        return Outcome.ROLLED_BACK

    def _do_all(self) -> None:
        number = 0
        for position, wave in enumerate(self._record.begin.waves):
            began = self._around.now()
            for step in wave.steps:
                self._do(number, step)
                number += 1
            if position not in self._record.passed:
                require_gates(self._record, wave, began, self._live, self._around)
                self._log(Passed(position))
        self._log(End(Outcome.APPLIED))

    def _do(self, number: int, step: Step) -> None:
        if number in self._record.afters:
            return
        now = self._live.get(step.ref)
        if number in self._record.befores and is_same(now, step.after):
            # It was written, and the process ended before the journal heard of it.
            self._log(Written(number, now))
            return
        if not is_same(now, step.before):
            raise _changed_by_others([step.ref])
        if number not in self._record.befores:
            self._log(Writing(number, now))
        self._around.tell(f"{step.action} {step.ref}")
        try:
            after = self._write(step, now)
        except WriteRefusedError:
            # Nothing of it arrived, so that what is there now is nobody's to take back.
            self._log(Undone(number))
            raise
        self._log(Written(number, after))
        if not is_same(after, step.after):
            raise WriteRefusedError(
                f"the server made something else of {step.ref} than it said when it was tried out",
                remedy="look for an admission webhook that changes policies",
            )

    def _write(self, step: Step, now: Manifest | None) -> Manifest | None:
        if step.manifest is not None:
            # What is not there yet belongs to nobody, unless somebody makes it at this moment.
            is_forced = self._record.begin.is_forced and now is not None
            return self._live.apply(step.manifest, now, force=is_forced)
        assert now is not None  # noqa: S101 - as it was when it was planned to be deleted
        self._live.delete(now)
        return None

    def _undo(self, number: int, *, force: bool) -> None:
        step, before = self._record.steps[number], self._record.befores[number]
        if step.is_stage and step.action is Action.DELETE:
            return  # There was none before the apply.
        now = self._live.get(step.ref)
        if is_same(now, before):
            return
        if not force and not is_same(now, _expected(self._record, number)):
            raise _changed_by_others([step.ref])
        self._around.tell(f"restore {step.ref}" if before is not None else f"delete {step.ref}")
        if before is not None:
            self._live.restore(now, before)
        elif now is not None:
            self._live.delete(now)

    def _log(self, entry: Entry) -> None:
        self._journal.append(entry)
        self._record.take(entry)


def roll_back(applying: Applying, record: Record, live: LivePolicies, *, force: bool) -> Outcome:
    """Take an apply back; raises ``SourceError``, and touches nothing, where others changed its objects since."""
    if not force and (found := foreign_changes(record, live)):
        raise _changed_by_others(found)
    return applying.take_back(force=force)


def _changed_by_others(refs: Sequence[PolicyRef]) -> SourceError:
    names = ", ".join(map(str, refs))
    return SourceError(
        f"{names}: changed by somebody else meanwhile",
        remedy="see who with `kubectl get -o yaml --show-managed-fields`, then apply again; "
        "`firedoor rollback --force` restores it all the same",
    )
