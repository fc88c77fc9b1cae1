from __future__ import annotations

import json
from io import StringIO

import pytest
import yaml
from rich.console import Console

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.connections import PeerEnd
from firedoor.model.difference import (
    ChangeKind,
    ConnectionChange,
    Difference,
    PodChange,
    PolicyChange,
    Presence,
    TrafficChange,
)
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.render.diff_json import diff_json
from firedoor.render.diff_markdown import diff_markdown
from firedoor.render.diff_table import print_diff
from firedoor.render.diff_yaml import diff_yaml
from firedoor.render.markdown_text import MOST_OPEN_ROWS, MOST_ROWS, code, section

HTTP, DNS = (("TCP", 80, 80),), (("UDP", 53, 53),)
WEB, DB = (PeerEnd(ObjectRef("Deployment", "shop", name)) for name in ("web", "db"))
OUTSIDE, NAME = PeerEnd(ips="10.0.0.0-10.255.255.255"), PeerEnd(domain="api.example.com")
CHANGES = (
    ConnectionChange(
        ChangeKind.ADDED, OUTSIDE, WEB, TrafficChange(ALL_TRAFFIC), (), ALL_TRAFFIC, dst_presence=Presence.NEW
    ),
    ConnectionChange(
        ChangeKind.CHANGED,
        WEB,
        DB,
        TrafficChange(HTTP, DNS, opened=DNS, closed=HTTP),
        DNS,
        HTTP,
        HTTP,
        DNS,
        details=(PodChange(tuple("abcdef"), (), TrafficChange(HTTP, DNS, HTTP, DNS, HTTP), "on the same node"),),
    ),
    ConnectionChange(ChangeKind.UNKNOWN, DB, NAME, TrafficChange(unsettled=DNS), DNS, (), (), DNS),
)
DIFFERENCE = Difference(
    "git:main:a",
    "b",
    CHANGES,
    (PolicyChange(ObjectRef("NetworkPolicy", "shop", "web"), "changed", ("spec.ingress",)),),
    (),
    (Gap(GapKind.UNREADABLE, "b/x.yaml:1", "cannot be read"),),
)


def table(difference: Difference) -> str:
    out = StringIO()
    print_diff(difference, Console(file=out, width=10_000))
    return out.getvalue()


def test_the_table_has_before_and_after_details_policies_and_counts() -> None:
    assert table(DIFFERENCE) == (
        "CHANGE          SOURCE      DESTINATION      BEFORE            AFTER\n"
        "added           10.0.0.0/8  shop/web (new)   none              all\n"
        "changed         shop/web    shop/db          UDP 53  ? TCP 80  TCP 80  ? UDP 53\n"
        "became unknown  shop/db     api.example.com  UDP 53            ? UDP 53\n"
        "\n"
        "shop/web -> shop/db, a, b, c, d and 2 more on the same node: + TCP 80, - UDP 53, now unknown: TCP 80,"
        " now accepted: UDP 53, now denied: TCP 80\n"
        "\n"
        "changed  NetworkPolicy shop/web (spec.ingress)\n"
        "\n"
        "3 connections changed: 1 added, 1 changed, 1 became unknown; 1 policy changed; gaps: 0 before, 1 after\n"
    )


def test_json_and_yaml_hold_everything() -> None:
    document = json.loads(diff_json(DIFFERENCE))
    assert document == yaml.safe_load(diff_yaml(DIFFERENCE))
    assert document["changes"][0]["dst"] == {"workload": "shop/web", "kind": "Deployment", "presence": "new"}
    assert document["changes"][0]["src"] == {"ips": "10.0.0.0-10.255.255.255"}
    assert document["changes"][2]["dst"] == {"domain": "api.example.com"}
    assert document["changes"][1]["details"][0]["where"] == "on the same node"
    assert document["gaps"]["new"] == [{"source": "b/x.yaml:1", "reason": "cannot be read", "object": None}]


def test_markdown_has_a_section_for_each_sort_of_change() -> None:
    text = diff_markdown(DIFFERENCE)
    assert text.startswith("**Who can reach whom**, `git:main:a` to `b`: 3 connections changed")
    assert [line for line in text.splitlines() if line.startswith("**")][1:] == [
        "**Added (1)**", "**Changed (2)**", "**Policies (1)**",
    ]  # fmt: skip
    assert "| added | `10.0.0.0/8` | `shop/web` (new) | `none` | `all` |" in text


def test_long_tables_are_folded_and_then_cut() -> None:
    rows = [["a"]] * MOST_OPEN_ROWS
    assert "<details>" not in section("t", ["x"], rows)
    assert section("t", ["x"], [*rows, ["a"]]).startswith("<details>")
    assert "and 3 more" in section("t", ["x"], [["a"]] * (MOST_ROWS + 3))


@pytest.mark.parametrize(
    ("text", "shown"), [("", ""), ("a|b", "`a\\|b`"), ("a`@all`", "`a'@all'`"), ("a\n<b>\x1b", "`a\\n<b>\\x1b`")]
)
def test_a_code_span_holds_any_text(text: str, shown: str) -> None:
    assert code(text) == shown
