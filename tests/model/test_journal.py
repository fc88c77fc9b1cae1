from __future__ import annotations

import msgspec

from firedoor.model.difference import Difference
from firedoor.model.journal import Begin, End, Entry, Passed, Record, Undoing, Undone, Writing, Written
from firedoor.model.preview import Fate, Preview, Replayed
from firedoor.model.rollout import (
    Action,
    ApplyPlan,
    Conflict,
    Cut,
    Ordering,
    Outcome,
    PolicyRef,
    Step,
    Wave,
)
from firedoor.model.verdicts import Verdict

REF = PolicyRef("networking.k8s.io/v1", "NetworkPolicy", "shop", "a")
STEPS = (Step(REF, Action.CREATE, after={"spec": 1}), Step(REF, Action.DELETE))
BEGIN = Begin("id", "time", "server", ("p",), (REF,), (Wave("shop", STEPS[:1]), Wave("", STEPS[1:])))


def record(*entries: Entry) -> Record:
    found = Record(BEGIN)
    for each in entries:
        found.take(msgspec.json.decode(msgspec.json.encode(each), type=Entry))
    return found


def test_a_record_knows_what_was_touched_the_last_first() -> None:
    found = record(BEGIN, Writing(0), Written(0, {"spec": 1}), Passed(0), Writing(1, {"spec": 2}))
    assert found.steps == list(STEPS)
    assert (found.touched, found.passed, found.is_over, found.is_undoing) == ([1, 0], {0}, False, False)
    assert (found.befores, found.afters) == ({0: None, 1: {"spec": 2}}, {0: {"spec": 1}})


def test_an_apply_that_is_over_may_be_taken_back_and_that_be_broken_off() -> None:
    applied = (Writing(0), Written(0), End(Outcome.APPLIED))
    assert record(*applied).is_over
    broken = record(*applied, Undoing("why"))
    assert (broken.is_over, broken.is_undoing, broken.reason, broken.touched) == (False, True, "why", [0])
    ended = record(*applied, Undoing(), Undone(0), End(Outcome.ROLLED_BACK))
    assert (ended.outcome, ended.touched, ended.afters) == (Outcome.ROLLED_BACK, [], {})


def test_a_plan_tells_what_is_said_against_it() -> None:
    conflict = Step(REF, Action.CHANGE, conflicts=(Conflict(".spec", "other"),))
    refused = Step(REF, Action.CREATE, rejection="no")
    difference = Difference("a", "b", ())
    plan = ApplyPlan("id", "server", Ordering((Wave("shop", (conflict, refused)),)), (), difference)
    assert plan.steps == (conflict, refused)
    assert (plan.rejected, plan.in_conflict, plan.breaks) == ((refused,), (conflict,), False)
    assert msgspec.structs.replace(plan, is_forced=True).in_conflict == ()
    assert msgspec.structs.replace(plan, ordering=Ordering(cuts=(Cut(REF, ()),))).breaks
    broken = Replayed("a", "b", "TCP", 1, Fate.BREAKS, Verdict.ACCEPTED, Verdict.DENIED, 1, 0, 0)
    assert msgspec.structs.replace(plan, preview=Preview((broken,), 0)).breaks
    assert not msgspec.structs.replace(plan, preview=Preview((), 1)).breaks
    assert str(msgspec.structs.replace(REF, namespace="")) == "NetworkPolicy a"
