from __future__ import annotations

from tests.engine.rbac_least.asked import JANE, WEB, allowed, for_object

from firedoor.engine.rbac_least.usage import MOST_FAULTS, Usage
from firedoor.model.audit import AuditEvent, AuditOutcome, AuditSkip, SkipKind

LIST = for_object("list", "pods", "shop")


def test_a_request_counts_once_whatever_stages_tell_of_it() -> None:
    usage = Usage()
    usage.read(
        [
            allowed(WEB, LIST, audit_id="1", start=True),
            allowed(WEB, LIST, audit_id="1"),
            allowed(WEB, LIST, audit_id="2", start=True),
            allowed(WEB, LIST, audit_id="3"),
        ]
    )
    assert usage.allowed.of(WEB) == {LIST: 3}
    assert usage.summary().requests == 3


def test_allowed_and_denied_and_undecided_requests_are_kept_apart() -> None:
    usage = Usage()
    usage.read(
        [
            allowed(WEB, LIST),
            AuditEvent(JANE, LIST, AuditOutcome.DENIED),
            AuditEvent(JANE, LIST, AuditOutcome.UNDECIDED),
        ]
    )
    assert (usage.allowed.of(JANE), usage.denied.of(JANE)) == ({}, {LIST: 1})
    assert usage.summary().undecided == 1
    assert list(usage.users()) == [WEB, JANE]


def test_the_span_is_that_of_all_requests_in_whatever_order() -> None:
    usage = Usage()
    times = ("2026-01-02T00:00:00.5Z", "2026-01-02T00:00:00.55Z", "2026-01-01T00:00:00Z", "")
    usage.read(allowed(WEB, LIST, time) for time in times)
    assert (usage.summary().first, usage.summary().last) == (times[2], times[1])


def test_of_many_names_a_few_are_kept_and_all_are_counted() -> None:
    usage = Usage(2, frozenset({"db"}))
    names = [f"s{number}" for number in range(50)]
    usage.read(allowed(WEB, for_object("get", "secrets", "shop", name)) for name in (*names, "db", *names))
    kept = usage.allowed.of(WEB)
    assert [each.name for each in kept] == ["s0", "s1", "s2", "db"]
    assert sum(kept.values()) == 101


def test_what_is_left_out_is_counted_and_the_first_faults_are_told() -> None:
    usage = Usage()
    faults = [AuditSkip(SkipKind.UNREADABLE, f"a.log:{line}", "broken") for line in range(MOST_FAULTS + 5)]
    usage.read([AuditSkip(SkipKind.STAGE, "a.log:1"), *faults])
    summary = usage.summary()
    assert summary.skipped == {"stage": 1, "unreadable": MOST_FAULTS + 5}
    assert summary.faults == tuple(faults[:MOST_FAULTS])
    assert (summary.first, summary.last) == ("", "")
