from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console

from firedoor.model.places import Gap, GapKind
from firedoor.model.summary import Pairs, ReachSummary, Side
from firedoor.render.summary_csv import summary_csv
from firedoor.render.summary_json import summary_json
from firedoor.render.summary_table import print_summary

SUMMARY = ReachSummary(
    10_001, 3, 2, {"NetworkPolicy": 4}, Pairs(1, 99_999_999, 0, 20_000), Side(10_000, 0, 0), Side(1, 2, 10_001)
)
GAPS = (Gap(GapKind.TEMPLATE, "a.yaml:3", "template syntax is left"),)


def _text(summary: ReachSummary) -> str:
    stream = StringIO()
    print_summary(summary, Console(file=stream, width=200))
    return stream.getvalue()


def test_shares_are_nothing_or_everything_only_where_they_are() -> None:
    text = _text(SUMMARY)
    assert "10,001 pods of 3 workloads in 2 namespaces; 4 NetworkPolicy" in text
    lines = {line.split("  ")[0]: line for line in text.splitlines() if line}
    assert lines["all traffic"].endswith("< 0.1 %")
    assert lines["some traffic"].endswith("> 99.9 %")
    assert lines["unknown"].endswith("0.0 %")
    assert "10,000 (> 99.9 %)" in lines["no policy applies"]
    assert "10,001 (100.0 %)" in lines["all of the outside, on every port"]
    assert "gaps" not in text


def test_a_cluster_without_policies_and_pairs_is_told_too() -> None:
    text = _text(ReachSummary(1, 1, 1, {}, Pairs(), Side(), Side(), GAPS))
    assert "no policy" in text
    assert "1 gaps in what is known" in text


@pytest.mark.parametrize("gaps", [(), GAPS])
def test_json_and_csv_hold_the_same_numbers(gaps: tuple[Gap, ...]) -> None:
    summary = ReachSummary(2, 1, 1, {}, Pairs(none=2), Side(1), Side(), gaps, "spec")
    document = json.loads(summary_json(summary))
    assert document["schema"] == "firedoor/summary/v1"
    assert document["ingress"]["unrestricted"] == 1
    assert len(document["gaps"]) == len(gaps)
    lines = summary_csv(summary).splitlines()
    assert "pairs.none,2" in lines
    assert f"gaps,{len(gaps)}" in lines
