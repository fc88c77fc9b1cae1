"""No finding is lost between those that are reported and those that are not, whatever the exceptions are."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from firedoor.engine.posture.fingerprints import fingerprint
from firedoor.engine.posture.sifting import compared, waived
from firedoor.model.exceptions import BaselineEntry, Carrier, Pattern, Waiver, WaiverState
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.labels import LabelSelector
from firedoor.model.places import ObjectRef
from tests.examples import some

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

CHECKS = ("dns-blocked", "pod-unprotected", "secrets-read")
NAMES = ("web", "api", "shop")
REFS = st.one_of(
    st.builds(ObjectRef, st.sampled_from(("Deployment", "Pod")), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.builds(ObjectRef, st.sampled_from(("Namespace", "ClusterRole")), st.just(""), st.sampled_from(NAMES)),
)
MESSAGES = st.builds("{}[{}] of {} pods on TCP/{}".format, st.sampled_from(("in", "out")), *[st.integers(0, 3)] * 3)
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(CHECKS),
        st.sampled_from(Severity),
        st.just(Confidence.HIGH),
        REFS,
        st.builds("file:{}".format, st.integers(1, 9)),
        MESSAGES,
        st.just("why"),
        st.just(()),
        st.just(Fix("do")),
    ),
    max_size=8,
)
GLOBS = st.sampled_from(("", "*", "w*", "?pi", "[sa]*", "shop"))
LABELS = st.fixed_dictionaries({}, optional={"app": st.sampled_from(NAMES)})
SCOPES = st.one_of(
    st.builds(Carrier, REFS),
    st.builds(
        Pattern,
        GLOBS,
        st.sampled_from(("", "deployment", "Namespace")),
        GLOBS,
        st.one_of(st.none(), st.builds(LabelSelector, LABELS)),
    ),
)
DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 5))
WAIVERS = st.lists(
    st.builds(
        Waiver,
        st.lists(st.sampled_from((*CHECKS, "*")), min_size=1, max_size=2).map(tuple),
        SCOPES,
        st.just("reason"),
        st.just("file:1"),
        st.one_of(st.none(), DAYS),
    ),
    max_size=6,
)
KNOWN_LABELS = st.dictionaries(REFS, st.lists(LABELS, max_size=2).map(tuple), max_size=4)


@some
@given(FINDINGS, WAIVERS, KNOWN_LABELS, DAYS)
def test_a_finding_is_left_out_just_when_an_exception_holds_for_it(
    findings: list[Finding],
    waivers: list[Waiver],
    labels: dict[ObjectRef, tuple[dict[str, str], ...]],
    today: date,
) -> None:
    chosen, uses = waived(findings, waivers, labels, today, CHECKS)
    assert len(chosen) == len(findings)
    met = [0] * len(waivers)
    for finding, under in zip(findings, chosen, strict=True):
        live = []
        for number, each in enumerate(waivers):
            if each.is_for(finding.check) and each.scope.holds(finding.object, labels.get(finding.object, ())):
                met[number] += 1
                if each.expires is None or today <= each.expires:
                    live.append(each)
        assert (under in live) if live else (under is None)
    assert [each.findings for each in uses] == met
    for use, number in zip(uses, met, strict=True):
        is_past = use.waiver.expires is not None and use.waiver.expires < today
        expected = WaiverState.EXPIRED if is_past else WaiverState.USED if number else WaiverState.UNUSED
        assert use.state is expected


@some
@given(FINDINGS, st.randoms(use_true_random=False), st.integers(1, 90))
def test_fingerprints_do_not_change_with_lines_and_order(
    findings: list[Finding], shuffler: random.Random, shift: int
) -> None:
    moved = [replace(each, source=f"elsewhere/file:{shift}", evidence=(f"file:{shift}",)) for each in findings]
    shuffler.shuffle(moved)
    assert sorted(map(fingerprint, moved)) == sorted(map(fingerprint, findings))
    entries = [BaselineEntry(each.check, each.object, each.message) for each in findings]
    assert compared(moved, entries) == ((True,) * len(findings), ())


@some
@given(FINDINGS, FINDINGS)
def test_what_is_known_and_what_is_fixed_make_up_the_baseline(before: list[Finding], after: list[Finding]) -> None:
    entries = [BaselineEntry(each.check, each.object, each.message) for each in before]
    known, fixed = compared(after, entries)
    assert sum(known) + len(fixed) == len(entries)
    recognised = sorted(fingerprint(each) for each, is_known in zip(after, known, strict=True) if is_known)
    assert sorted([*recognised, *map(fingerprint, fixed)]) == sorted(map(fingerprint, before))
    new = {fingerprint(each) for each, is_known in zip(after, known, strict=True) if not is_known}
    assert not new & set(map(fingerprint, fixed))
