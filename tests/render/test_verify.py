from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace
from rich.console import Console

from firedoor.model.intents import EndTerm, Intent, IntentKind
from firedoor.model.labels import LabelSelector
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.probing import Outcome, Probe, ProbeSite
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Goal, GoalKind, Judgement, Share, VerifyReport
from firedoor.render import verify_text, verify_words
from firedoor.render.verify_html import verify_html
from firedoor.render.verify_json import verify_json, verify_plan_json
from firedoor.render.verify_junit import verify_junit
from firedoor.render.verify_text import print_verify, print_verify_plan
from firedoor.render.verify_words import goal_text, matrix, share_text
from firedoor.usecases.verify import VerifyQuestion
from tests.reference.networkpolicy import Options
from tests.verifying import SimulatedNetwork, pod, shop, verified, without

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "</td><script>x\x1b[31m&'\""


def db_is_deaf(probe: Probe, sites: Sequence[ProbeSite]) -> Outcome | None:
    return Outcome.REFUSED if sites[probe.destination].pod == "db" and probe.port == 5432 else None


@cache
def report() -> VerifyReport:
    """A report with every kind of result, and causes."""
    ends = tuple(EndTerm(each, labels=LabelSelector({"app": each})) for each in ("web", "job", "api"))
    intents = (
        Intent(
            "web uses the api", IntentKind.MUST_ALLOW, (ends[0],), (ends[2],), (("TCP", 8080, 8080),), place="i.yaml:4"
        ),
        Intent("no job resolves", IntentKind.MUST_DENY, (ends[1],), (ends[2],), (("UDP", 53, 53),), place="i.yaml:9"),
    )
    network = SimulatedNetwork(without([*shop(), pod("idle", 5)], "job"), faults=[db_is_deaf])
    question = VerifyQuestion(intents=intents, through_service=True)
    found = verified([*shop(), pod("idle", 5)], network, question=question, settle=0)
    late = next(number for number, each in enumerate(found.checked) if each.judgement is Judgement.AGREES)
    unknown = next(
        number
        for number, each in enumerate(found.checked)
        if each.judgement is Judgement.AGREES and number > late + 1 and not each.planned.probe.is_through_service
    )
    checked = list(found.checked)
    checked[late] = replace(checked[late], judgement=Judgement.LATE, late=2.5, attempts=3)
    checked[unknown] = replace(
        checked[unknown],
        judgement=Judgement.UNKNOWN,
        planned=replace(checked[unknown].planned, expected=Verdict.UNKNOWN),
    )
    gap = Gap(GapKind.UNREADABLE, "x.yaml:1", "cannot be read")
    return replace(
        found,
        checked=tuple(checked),
        plan=replace(found.plan, unprobed_pods=2, gaps=(gap,), notes=("bear this in mind",)),
        unusable=(("shop/lost", "quota"),),
        left_behind="pod shop/firedoor-probe-1",
    )


def agreeing() -> VerifyReport:
    return verified(shop(), SimulatedNetwork(shop()))


def text_of(found: VerifyReport) -> str:
    out = StringIO()
    print_verify(found, Console(file=out, width=10_000))
    return out.getvalue()


def plan_text(found: VerifyReport) -> str:
    out = StringIO()
    print_verify_plan(found.plan, Console(file=out, width=10_000))
    return out.getvalue()


def golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("FIREDOOR_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_a_report_is_told_as_stored_in_every_format() -> None:
    golden("verify.txt", text_of(report()))
    golden("verify.json", verify_json(report()))
    golden("verify.xml", verify_junit(report()))
    golden("verify.html", verify_html(report()))


def test_a_plan_is_told_as_stored() -> None:
    found = replace(report(), plan=replace(report().plan, left_out=(0, 1), impossible=(2,)))
    golden("verify-plan.txt", plan_text(found))
    golden("verify-plan.json", verify_plan_json(found.plan))


def test_where_all_agrees_no_cause_is_told() -> None:
    found = agreeing()
    assert "cause" not in text_of(found)
    assert "profile predicts" not in text_of(found)
    assert "cause" not in verify_html(found).partition("<body>")[2]
    assert json.loads(verify_json(found))["agrees"] is True
    assert text_of(found).splitlines()[-1].startswith(f"{len(found.checked)} connections: {len(found.checked)} as the")


def test_a_pattern_that_nothing_explains_is_told_to_be_one() -> None:
    found = replace(report(), causes=())
    assert "none that is known explains any of it" in text_of(found)
    assert "None that is known fits" in verify_html(found)


def test_junit_counts_what_it_holds() -> None:
    suite = ET.fromstring(verify_junit(report())).find("testsuite")  # noqa: S314 - our own output
    assert suite is not None
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(report().checked) + 2
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) > 0
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) > 0


def test_json_refers_to_sites_and_goals_that_are_there() -> None:
    found = json.loads(verify_json(report()))
    names = {each["name"] for each in found["sites"]}
    assert all({each["src"], each["dst"]} <= names for each in found["probes"])
    assert all(goal < len(found["goals"]) for each in found["probes"] for goal in each["goals"])
    assert sum(found["summary"][each.value] for each in Judgement) == found["summary"]["probes"]
    assert sum(count for row in found["truth"].values() for count in row.values()) == found["summary"]["probes"]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.seen.add(tag)
        if tag not in {"br", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def hostile() -> VerifyReport:
    found = report()
    sites = tuple(replace(site, workload=ObjectRef("Pod", "shop", HOSTILE), pod=HOSTILE) for site in found.plan.sites)
    return replace(found, plan=replace(found.plan, sites=sites), left_behind=HOSTILE, unusable=((HOSTILE, HOSTILE),))


def test_names_cannot_break_out_of_any_format() -> None:
    page = verify_html(hostile())
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    assert "script" not in tags.seen
    assert all("\x1b" not in each for each in (page, text_of(hostile()), verify_junit(hostile()), plan_text(hostile())))
    ET.fromstring(verify_junit(hostile()))  # noqa: S314 - our own output
    assert HOSTILE in json.loads(verify_json(hostile()))["sites"][0]["name"]


def test_a_page_asks_nobody_for_anything() -> None:
    page = verify_html(report())
    assert "default-src 'none'" in page
    assert not any(each in page for each in ("http://", "https://", "<script", "@import", "url("))
    assert "prefers-color-scheme:dark" in page


def test_long_lists_are_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_text, "MOST_EACH", 1)
    found = verified(shop(), SimulatedNetwork(shop(), options=Options(enforced=False)), settle=0)
    assert "and 2 more (-o json lists all)" in text_of(found)
    cut = replace(found, plan=replace(found.plan, left_out=(0, 1, 2)))
    assert "and 2 more (-o json lists all)" in plan_text(cut)


def test_a_table_is_for_few_pods_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = agreeing()
    names, cells = matrix(found) or ([], [])
    assert names == [str(site) for site in found.plan.sites]
    assert any("+" in cell and "-" in cell for row in cells for cell in row)
    monkeypatch.setattr(verify_words, "MOST_SITES", 2)
    assert matrix(found) is None
    assert "From each pod" not in text_of(found)
    assert "From each pod" not in verify_html(found)


def test_a_share_of_nothing_is_told_as_such() -> None:
    assert share_text(Share(0, 0)) == "there is no connection between different ends"
    assert share_text(Share(1, 4)) == "they stand for 25.0 % of all connections by port"


def test_a_plan_in_short_is_its_numbers() -> None:
    out = StringIO()
    print_verify_plan(report().plan, Console(file=out, width=10_000), is_short=True)
    assert plan_text(report()).endswith(out.getvalue())
    assert "CONNECTION" not in out.getvalue()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (GoalKind.CHANGE, "what changed from Pod shop/a to Pod shop/b"),
        (GoalKind.NODE, "Pod shop/a counts as its node where it connects to Pod shop/b"),
    ],
)
def test_what_is_shown_between_two_workloads_is_told_with_both(kind: GoalKind, said: str) -> None:
    ends = (ObjectRef("Pod", "shop", name) for name in ("a", "b"))
    assert goal_text(Goal(kind, subject=next(ends), peer=next(ends))) == said
