from __future__ import annotations

import json
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace
from rich.console import Console

from firedoor.model.conformance import (
    CaseResult,
    CaseStatus,
    Conformance,
    FeatureResult,
    Observation,
    Passage,
    ProfileResult,
    TryResult,
)
from firedoor.model.probing import Outcome
from firedoor.model.verdicts import Verdict
from firedoor.render.conformance_json import conformance_json
from firedoor.render.conformance_junit import conformance_junit
from firedoor.render.conformance_text import print_conformance

PASSES = Observation(Passage.PASSES, Outcome.CONNECTED)
BLOCKED = Observation(Passage.BLOCKED, Outcome.TIMED_OUT, "no answer")


def tried(expected: Verdict | None, seen: Observation, *accepting: str, port: int = 8080) -> TryResult:
    return TryResult(0, "x/b", "x/a", "TCP", port, False, expected, accepting, seen)


GOOD = CaseResult(
    "ingress-default-deny", "ingress", "Nobody gets in.", CaseStatus.PASSES, (tried(Verdict.DENIED, BLOCKED),)
)
WRONG = replace(tried(Verdict.DENIED, replace(PASSES, looks=3), port=8081), stage=1, is_through_service=True)
BAD = CaseResult(
    "port-range", "endPort", "A range opens its ports.", CaseStatus.FAILS,
    (tried(Verdict.DENIED, BLOCKED), WRONG, tried(Verdict.ACCEPTED, BLOCKED)),
)  # fmt: skip
OPEN = CaseResult(
    "block-of-one-pod", "ipBlock", "Whether a block lets a pod in.", CaseStatus.OPEN,
    (tried(None, PASSES, "calico", "none"), tried(Verdict.DENIED, BLOCKED)), left_open="It is up to the plugin.",
)  # fmt: skip
UNKNOWN = Observation(Passage.UNKNOWN, Outcome.CHECK_FAILED, "no SCTP \x1b here")
UNCHECKED = CaseResult(
    "sctp-port", "SCTP", "A port is opened.", CaseStatus.UNCHECKED, (tried(Verdict.ACCEPTED, UNKNOWN),), UNKNOWN.detail
)
FEATURES = (
    FeatureResult("ingress", 1, 0, 0, 0, ()),
    FeatureResult("endPort", 1, 1, 0, 1, ("ignored: a range opens its first port alone",)),
    FeatureResult("SCTP", 0, 0, 0, 1, ()),
    FeatureResult("ipBlock", 0, 0, 1, 0, ()),
)
CALICO = ProfileResult("calico", "CIDRs match any address.", 4, ("endPort",), (), ())
WEAVE = ProfileResult("weave", "endPort is not read.", 2, ("endPort",), ("endPort",), ())
OVN = ProfileResult("ovn", "except beats others.", 0, (), (), ("except",))
NONE = ProfileResult("none", "Nothing enforces.", 90, ("a", "b", "c", "d", "e", "f", "g", "h"), (), ())
FOUND = Conformance(
    (GOOD, BAD, OPEN, UNCHECKED), FEATURES, (CALICO, WEAVE, OVN, NONE), ("weave",), "calico", 0, ("one node",)
)


def text(found: Conformance) -> str:
    out = StringIO()
    print_conformance(found, Console(file=out, width=10_000))
    return out.getvalue()


def test_the_text_tells_what_is_enforced_which_profile_fits_and_what_was_seen() -> None:
    assert text(FOUND) == (
        "PART     RESULT                CASES\n"
        "ingress  enforced              1 case\n"
        "endPort  not as the API says   3 cases, 1 fails, 1 could not be checked; "
        "ignored: a range opens its first port alone\n"
        "SCTP     could not be checked  1 case\n"
        "ipBlock  left open by the API  1 case\n"
        "\n"
        "CNI profiles\n"
        "  fits best: weave\n"
        "    weave: endPort is not read; is documented to differ in endPort\n"
        "  agrees too, but for what is documented of it: ovn\n"
        "  firedoor judges this cluster by calico, which is wrong about 4 connections; differs in endPort\n"
        "  give --cni weave to the other commands\n"
        "\n"
        "Not as the API says\n"
        "  port-range: A range opens its ports.\n"
        "    x/b -> x/a TCP 8081 through a Service in state 2 passes, and must be blocked (tried 3 times)\n"
        "    x/b -> x/a TCP 8080 is blocked, and must pass\n"
        "\n"
        "Left open by the API\n"
        "  block-of-one-pod: Whether a block lets a pod in.\n"
        "    x/b -> x/a TCP 8080 passes\n"
        "\n"
        "Could not be checked\n"
        "  sctp-port: A port is opened.\n"
        "    no SCTP \\x1b here\n"
        "\n"
        "note: one node\n"
        "\n"
        "1 case passes, 1 fails, 1 about what the API leaves open, 1 could not be checked\n"
    )


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ("ovn", "ovn, which agrees with what was seen; is documented to differ, and does not, in except"),
        ("none", "none, which is wrong about 90 connections; differs in a, b, c, d, e, f and 2 more"),
    ],
)
def test_the_profile_in_use_is_judged(chosen: str, line: str) -> None:
    assert f"  firedoor judges this cluster by {line}\n" in text(replace(FOUND, chosen=chosen))


def test_without_a_profile_in_use_none_is_judged_and_one_is_recommended_if_the_default_is_worse() -> None:
    spec = replace(CALICO, name="spec", wrong=9)
    assert "judges" not in text(replace(FOUND, chosen=""))
    assert "give --cni" not in text(replace(FOUND, chosen=""))
    assert "  give --cni weave to the other commands\n" in text(
        replace(FOUND, chosen="", profiles=(spec, *FOUND.profiles))
    )


@pytest.mark.parametrize("best", [("calico",), ("weave",)])
def test_a_profile_under_which_answers_are_no_better_is_not_recommended(best: tuple[str, ...]) -> None:
    alike = replace(CALICO, wrong=WEAVE.wrong)
    shown = text(replace(FOUND, profiles=(alike, WEAVE, OVN, NONE), best=best, unforetold=1))
    assert "give --cni" not in shown
    assert "  1 connection of these cases neither a profile nor a known way to get the API wrong foretells\n" in shown


def test_where_nothing_was_checked_no_profile_is_told() -> None:
    shown = text(Conformance((UNCHECKED,), (FEATURES[2],), (CALICO,), (), "calico", 0))
    assert "  nothing could be checked, so that no profile can be told from others\n" in shown
    assert "fits best" not in shown


def test_an_open_connection_that_is_not_known_says_why() -> None:
    half = replace(OPEN, tries=(tried(None, PASSES), tried(None, UNKNOWN)))
    assert "x/b -> x/a TCP 8080 is not known: no SCTP \\x1b here\n" in text(replace(FOUND, cases=(half,)))


def test_junit_has_a_test_for_each_case() -> None:
    root = ET.fromstring(conformance_junit(FOUND))  # noqa: S314 - our own output
    (suite,) = root
    good, bad, opened, unchecked = suite.findall("testcase")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "1")
    assert (good.get("classname"), len(good)) == ("firedoor.conformance.ingress", 0)
    failure, skipped = bad.find("failure"), unchecked.find("skipped")
    assert failure is not None
    assert failure.get("message") == "A range opens its ports."
    assert "must be blocked" in str(failure.text)
    assert opened.findtext("system-out") == "x/b -> x/a TCP 8080 passes"
    assert skipped is not None
    assert skipped.get("message") == "no SCTP \\x1b here"
    assert "fits best: weave" in str(suite.findtext("system-out"))


def test_json_has_everything() -> None:
    document = json.loads(conformance_json(FOUND))
    assert document["schema"] == "firedoor/conformance/v1"
    assert document["holds"] is False
    assert document["summary"] == {"passes": 1, "fails": 1, "open": 1, "unchecked": 1}
    assert document["features"][1] == {
        "feature": "endPort",
        "status": "fails",
        "cases": {"passes": 1, "fails": 1, "open": 0, "unchecked": 1},
        "readings": ["ignored: a range opens its first port alone"],
    }
    profiles = document["profiles"]
    assert (profiles["best"], profiles["chosen"], profiles["chosenAgrees"]) == (["weave"], "calico", False)
    assert profiles["all"][1] == {
        "name": "weave", "agrees": True, "wrong": 2, "features": ["endPort"], "documented": ["endPort"], "missed": [],
    }  # fmt: skip
    opened = document["cases"][2]
    assert (opened["status"], opened["leftOpen"]) == ("open", "It is up to the plugin.")
    assert opened["connections"][0] == {
        "state": 0, "src": "x/b", "dst": "x/a", "protocol": "TCP", "port": 8080, "throughService": False,
        "expected": None, "acceptedUnder": ["calico", "none"], "seen": "passes", "outcome": "connected", "detail": "",
        "looks": 1,
    }  # fmt: skip
    assert document["notes"] == ["one node"]


def test_json_judges_no_profile_where_none_is_in_use() -> None:
    without = replace(FOUND, chosen="", cases=(replace(UNCHECKED, tries=()),))
    document = json.loads(conformance_json(without))
    assert document["profiles"]["chosenAgrees"] is None


def test_what_was_never_tried_has_no_outcome() -> None:
    never = replace(UNCHECKED, tries=(tried(Verdict.ACCEPTED, Observation(Passage.UNKNOWN, detail="not tried")),))
    document = json.loads(conformance_json(replace(FOUND, cases=(never,))))
    assert document["cases"][0]["connections"][0]["outcome"] is None
