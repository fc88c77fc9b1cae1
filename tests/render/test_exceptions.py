from __future__ import annotations

from datetime import date
from io import StringIO

from rich.console import Console

from firedoor.model.exceptions import (
    BaselineEntry,
    Carrier,
    Disabled,
    Pattern,
    Review,
    Suppressed,
    Waiver,
    WaiverState,
    WaiverUse,
)
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.label_text import parse_selector
from firedoor.model.places import ObjectRef
from firedoor.render.exceptions_json import reviewed
from firedoor.render.exceptions_text import print_review
from firedoor.render.findings_json import findings_document

WEB = ObjectRef("Deployment", "shop", "web")
FINDING = Finding("dns-blocked", Severity.LOW, Confidence.HIGH, WEB, "web.yaml:1", "it is so", "why", (), Fix("do"))
CARRIED = Waiver(("dns-blocked",), Carrier(WEB), "no [names] \x1b needed", "web.yaml:3", date(2027, 1, 31))
PATTERN = Waiver(
    ("*",), Pattern("team-*", "Pod", "x", parse_selector("a=b")), "a sandbox", ".firedoor.yaml:2", date(2026, 1, 1)
)
REVIEW = Review(
    (Suppressed(FINDING, CARRIED),),
    (
        WaiverUse(CARRIED, WaiverState.USED, 1),
        WaiverUse(PATTERN, WaiverState.EXPIRED, 2),
        WaiverUse(PATTERN, WaiverState.EXPIRED, 0),
        WaiverUse(Waiver(("a", "b"), Pattern(), "old", "f:1"), WaiverState.UNUSED, 0),
        WaiverUse(PATTERN, WaiverState.SKIPPED, 0),
    ),
    (Disabled("port-not-listened", "too many", ".firedoor.yaml:9"),),
    2,
    (BaselineEntry("dns-blocked", WEB, "it was so"),),
    "b.json",
    ".firedoor.yaml",
)


def text_of(review: Review, *, show_ignored: bool) -> str:
    out = StringIO()
    print_review(review, Console(file=out, width=500), show_ignored=show_ignored)
    return out.getvalue()


def test_nothing_left_out_is_nothing_said() -> None:
    assert text_of(Review(), show_ignored=True) == ""


def test_a_terminal_gets_numbers_and_what_wants_attention() -> None:
    assert text_of(REVIEW, show_ignored=False) == (
        "settings: .firedoor.yaml\n"
        "1 finding ignored by exceptions (--show-ignored lists them)\n"
        "  expired exception: every check namespace team-*, kind Pod, name x, labels a=b: a sandbox (until 2026-01-01)"
        " [.firedoor.yaml:2]: 2 findings reported again\n"
        "  expired exception: every check namespace team-*, kind Pod, name x, labels a=b: a sandbox (until 2026-01-01)"
        " [.firedoor.yaml:2]: no finding of this command is like that any more\n"
        "  unused exception: a, b everywhere: old [f:1]: no finding of this command is like that\n"
        "not run: port-not-listened, too many [.firedoor.yaml:9]\n"
        "baseline b.json: 2 findings known, 1 fixed since the baseline\n"
    )


def test_what_is_ignored_and_fixed_is_listed_on_demand() -> None:
    lines = text_of(REVIEW, show_ignored=True).splitlines()
    assert lines[1:4] == [
        "1 finding ignored by exceptions:",
        "  low dns-blocked  Deployment shop/web: it is so",
        "    ignored: no [names] \\x1b needed (until 2027-01-31) [web.yaml:3]",
    ]
    assert lines[-1] == "  fixed: dns-blocked  Deployment shop/web: it was so"


def test_json_has_all_of_it() -> None:
    document = reviewed(findings_document((FINDING, FINDING), (), {}), frozenset({1}), REVIEW)
    findings = document["findings"]
    assert isinstance(findings, list)
    assert [each["known"] for each in findings] == [False, True]
    carried = {
        "checks": ["dns-blocked"],
        "object": {"kind": "Deployment", "namespace": "shop", "name": "web"},
        "reason": CARRIED.reason,
        "source": "web.yaml:3",
        "expires": "2027-01-31",
    }
    assert document["suppressed"] == [
        {**{key: value for key, value in findings[0].items() if key != "known"}, "exception": carried}
    ]
    exceptions = document["exceptions"]
    assert isinstance(exceptions, list)
    assert exceptions[0] == {"state": "used", "findings": 1, **carried}
    assert exceptions[1]["pattern"] == {"namespace": "team-*", "kind": "Pod", "name": "x", "labels": "a=b"}
    assert (exceptions[3]["pattern"], exceptions[3]["expires"]) == ({}, None)
    assert document["disabled"] == [{"check": "port-not-listened", "reason": "too many", "source": ".firedoor.yaml:9"}]
    assert document["baseline"] == {
        "source": "b.json",
        "known": 2,
        "fixed": [{"check": "dns-blocked", "object": carried["object"], "message": "it was so"}],
    }
    assert document["config"] == ".firedoor.yaml"


def test_without_baseline_and_configuration_json_says_null() -> None:
    document = reviewed(findings_document((), (), {}), frozenset(), Review())
    assert (document["baseline"], document["config"], document["suppressed"]) == (None, None, [])
