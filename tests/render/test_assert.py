from __future__ import annotations

import json
from io import StringIO
from xml.etree import ElementTree as ET

from msgspec.structs import replace
from rich.console import Console

from firedoor.model.explanation import DirectionExplanation
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import Intent, IntentKind, IntentResult, Verification, Violation
from firedoor.model.places import Gap, GapKind
from firedoor.model.verdicts import Reason, Verdict
from firedoor.render.assert_json import assert_document, assert_json
from firedoor.render.assert_junit import assert_junit
from firedoor.render.assert_markdown import assert_markdown
from firedoor.render.assert_table import print_assert
from firedoor.render.assert_words import violation_text

OPEN = DirectionExplanation(Verdict.ACCEPTED, (Reason(detail="nothing isolates it"),))
SHUT = DirectionExplanation(
    Verdict.DENIED, (Reason("a/p", "spec.egress[0]", "p.yaml:3", "denies <all> [x]", "Policy"),)
)
HTTP = (("TCP", 80, 80),)
GOOD = IntentResult(Intent("good", IntentKind.MUST_DENY, (), (), place="i.yaml:4"))
BAD = IntentResult(
    Intent("bad \x1b & ``` <i>", IntentKind.MUST_ALLOW, (), (), place="i.yaml:9"),
    ("app=x: matches no pod",),
    (
        Violation("a/web", "a/db", HTTP, (("TCP", 81, 81),), "TCP", 80, Verdict.DENIED, SHUT, OPEN),
        Violation("10.0.0.0-10.255.255.255 and 2 more", "a/db", HTTP, (), "TCP", 80, Verdict.DENIED, SHUT, OPEN),
    ),
    3,
)
RESULTS = Verification((GOOD, BAD), (Gap(GapKind.UNREADABLE, "x:1", "cannot be read"),))


def test_the_table_tells_why_an_intent_fails() -> None:
    out = StringIO()
    print_assert(RESULTS, Console(file=out, width=10_000))
    assert out.getvalue() == (
        "RESULT  DEMAND      INTENT              PLACE\n"
        "holds   must-deny   good                i.yaml:4\n"
        "fails   must-allow  bad \\x1b & ``` <i>  i.yaml:9\n"
        "\n"
        "bad \\x1b & ``` <i> (i.yaml:9)\n"
        "  app=x: matches no pod\n"
        "  a/web -> a/db: denied on TCP 80, unknown on TCP 81\n"
        "    egress denied: Policy a/p spec.egress[0] denies <all> [x] (p.yaml:3)\n"
        "  10.0.0.0/8 and 2 more -> a/db: denied on TCP 80\n"
        "    egress denied: Policy a/p spec.egress[0] denies <all> [x] (p.yaml:3)\n"
        "  and 3 more\n"
        "\n"
        "2 intents: 1 fail; 1 gap\n"
    )


def test_junit_counts_and_escapes() -> None:
    root = ET.fromstring(assert_junit(RESULTS))  # noqa: S314 - our own output
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    good, bad = root.iter("testcase")
    assert good.find("failure") is None
    assert (bad.get("file"), bad.get("line"), bad.get("name")) == ("i.yaml", "9", "bad \\x1b & ``` <i>")
    failure = bad.find("failure")
    assert failure is not None
    assert failure.get("message") == "app=x: matches no pod"
    assert "denies <all> [x]" in (failure.text or "")


def test_markdown_keeps_names_inside_their_place() -> None:
    text = assert_markdown(RESULTS)
    assert "<i>" not in text.replace("`bad \\x1b & ''' <i>`", "")
    assert text.count("```") == 2


def test_the_document_says_whether_all_hold() -> None:
    assert assert_document(RESULTS)["holds"] is False
    assert assert_document(Verification((GOOD,)))["summary"] == {
        "intents": 1, "hold": 1, "fail": 0, "excepted": 0,
    }  # fmt: skip


def test_one_that_is_excepted_is_no_failure_and_says_why() -> None:
    found = Verification((GOOD, replace(BAD, excepted="it moves")))
    assert (found.failed, found.excepted) == (0, 1)
    out = StringIO()
    print_assert(found, Console(file=out, width=10_000))
    assert "excepted  must-allow" in out.getvalue()
    assert "  excepted: it moves\n  app=x: matches no pod\n" in out.getvalue()
    assert out.getvalue().endswith("2 intents: all others hold, 1 excepted\n")
    _, bad = ET.fromstring(assert_junit(found)).iter("testcase")  # noqa: S314 - our own output
    skipped = bad.find("skipped")
    assert skipped is not None
    assert (skipped.get("message"), bad.find("failure")) == ("it moves", None)
    document = json.loads(assert_json(found))
    assert document["summary"] == {"intents": 2, "hold": 1, "fail": 0, "excepted": 1}
    assert [each["excepted"] for each in document["intents"]] == ["", "it moves"]
    assert "| excepted | must-allow |" in assert_markdown(found)


def test_one_that_is_unknown_has_nothing_that_is_surely_wrong() -> None:
    doubt = Violation("a", "b", (), HTTP, "TCP", 80, Verdict.UNKNOWN, OPEN, OPEN)
    assert IntentResult(GOOD.intent, (), (doubt,)).is_unknown
    assert not GOOD.is_unknown
    assert not BAD.is_unknown
    assert not IntentResult(GOOD.intent, (), BAD.violations).is_unknown


def test_a_message_is_told_by_its_type_and_code() -> None:
    message = (("ICMP", 0, 0),)
    violation = Violation("a", "b", message, (), "ICMP", 0, Verdict.DENIED, SHUT, OPEN, IcmpMessage(4, 3, 1))
    found = IntentResult(Intent("ping", IntentKind.MUST_ALLOW, (), (), place="i.yaml:4"), (), (violation,))
    assert violation_text(found, violation) == "a -> b: denied on ICMP type 3 code 1"
    told = json.loads(assert_json(Verification((found,))))["intents"][0]["violations"][0]
    assert told["icmp"] == {"version": 4, "type": 3, "code": 1}
