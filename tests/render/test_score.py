from __future__ import annotations

import json
from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.score import Measure, MeasureId, Moment, NamespaceScore, Score, TenetScore, Unit
from firedoor.render.score_json import score_document, trend_document
from firedoor.render.score_markdown import score_markdown, trend_markdown
from firedoor.render.score_text import print_score, print_trend
from firedoor.render.score_words import title_of

HOSTILE = "web\x1b[31m`|<b>"
OPEN = tuple(
    Unit("shop", ObjectRef("Pod", "shop", f"{HOSTILE}-{number:02}"), 3, 1, 1, "no policy", ("pod-unprotected",), "a:1")
    for number in range(30)
)
UNKNOWN = Unit("shop", ObjectRef("Pod", "shop", "dark"), 2, 0, 2, "not read")
DENYING = Measure(MeasureId.DEFAULT_DENY_INGRESS, (*OPEN, UNKNOWN))
NONE = Measure(MeasureId.MESH_MTLS, reason="no mesh was seen")
EMPTY = Measure(MeasureId.DEFAULT_DENY_EGRESS)
WHOLE = Measure(MeasureId.PSS_BASELINE, (Unit("shop", ObjectRef("Pod", "shop", "web"), 1, 1),))
SCORE = Score(
    (
        TenetScore("1", (), "nothing of it can be seen"),
        TenetScore("2", (DENYING, EMPTY, NONE)),
        TenetScore("5", (WHOLE,)),
    ),
    (NamespaceScore("shop", (DENYING, EMPTY, WHOLE)), NamespaceScore("quiet", (EMPTY, EMPTY, WHOLE))),
    (Gap(GapKind.TEMPLATE, "x.yaml:1", "braces"),),
    "spec",
)
BETTER = replace(
    SCORE,
    tenets=(SCORE.tenets[0], SCORE.tenets[1], TenetScore("5", (replace(WHOLE, units=(*WHOLE.units, OPEN[0])),))),
    captured_at="2026-03-01T12:00:00Z",
)
MOMENTS = (Moment("old.snap", SCORE), Moment("new.snap", BETTER), Moment("same.snap", SCORE))


def text(score: Score, *, verbose: bool = False) -> str:
    out = StringIO()
    print_score(score, Console(file=out, width=300), verbose=verbose)
    return out.getvalue()


def test_the_report_tells_number_count_and_the_first_of_what_is_in_the_way() -> None:
    lines = text(SCORE).splitlines()
    assert lines[0] == "Tenet 1 All data sources and computing services are considered resources: not measured"
    assert (
        "Tenet 2 All communication is secured regardless of network location: 32.6 to 67.3 % (1 of 3 measures)" in lines
    )
    assert "  Pods that deny by default what comes in: 32.6 to 67.3 % (30 of 92 pods, 32 not known)" in lines
    assert "    - Pod shop/web\\x1b[31m`|<b>-00 (1 of 3): no policy [pod-unprotected]" in lines
    assert "    and 26 more: -v shows all" in lines
    assert "  Pods that deny by default what goes out: not measured (no pods)" in lines
    assert "  Pods of the mesh that take mutual TLS alone: not measured (no mesh was seen)" in lines
    assert lines[-1].startswith("1 gap in what was read: ")


def test_the_verbose_report_tells_all_that_is_in_the_way() -> None:
    told = text(SCORE, verbose=True)
    assert told.count("\n    - ") == 31
    assert "    - Pod shop/dark (not known): not read" in told


def test_namespaces_have_a_column_for_what_is_measured_in_any_of_them() -> None:
    rows = [line.split() for line in text(SCORE).splitlines()]
    (titles,) = [row for row in rows if row[:1] == ["NAMESPACE"]]
    assert titles == ["NAMESPACE", "DEFAULT-DENY-INGRESS", "PSS-BASELINE"]
    assert ["quiet", "-", "100", "%"] in rows


def test_without_namespaces_and_gaps_the_report_ends_with_the_tenets() -> None:
    plain = replace(SCORE, namespaces=(), gaps=())
    assert "NAMESPACE" not in text(plain)
    assert "gap" not in text(plain)
    assert "amespaces" not in score_markdown(plain)
    assert "gap" not in score_markdown(plain)


def test_documents_have_all_that_is_in_the_way() -> None:
    document = json.loads(json.dumps(score_document(SCORE)))
    (first, empty, _) = document["tenets"][1]["measures"]
    assert (first["met"], first["unknown"], first["total"]) == (30, 32, 92)
    assert first["share"] == {"low": 32.6, "high": 67.3}
    assert len(first["shortfalls"]) == 31
    assert first["shortfalls"][0]["checks"] == ["pod-unprotected"]
    assert (empty["share"], document["capturedAt"], document["tenets"][0]["share"]) == (None, None, None)
    assert [each["namespace"] for each in document["namespaces"]] == ["shop", "quiet"]
    assert document["gaps"][0]["source"] == "x.yaml:1"


def test_markdown_folds_what_is_in_the_way_and_names_are_no_markup() -> None:
    page = score_markdown(SCORE)
    assert (
        "| **2 All communication is secured regardless of network location** | **32.6 to 67.3 % (1 of 3 measures)** |"
        in page
    )
    assert "and 11 more\n" in page
    assert "\x1b" not in page
    assert all(line.count("`") % 2 == 0 for line in page.splitlines())


def test_a_trend_has_a_column_for_each_state_and_says_how_far_it_moved() -> None:
    out = StringIO()
    print_trend(MOMENTS[:2], Console(file=out, width=300))
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert lines[:2] == ["1: old.snap", "2: new.snap (2026-03-01T12:00:00Z)"]
    assert "pss-baseline 100 % 50 to 75 %" in lines
    assert "tenet 1 not measured not measured" in lines
    page = trend_markdown(MOMENTS)
    assert "| Workloads that meet the level baseline | 100 % | 50 to 75 % | 100 % | 0 |" in page
    sure = replace(
        SCORE,
        tenets=(
            *SCORE.tenets[:2],
            TenetScore("5", (replace(WHOLE, units=(*WHOLE.units, replace(OPEN[0], unknown=0))),)),
        ),
    )
    moved = trend_markdown((Moment("a", SCORE), Moment("b", sure)))
    assert "| Workloads that meet the level baseline | 100 % | 50 % | -50.0 |" in moved


def test_the_document_of_a_trend_has_the_numbers_of_each_state() -> None:
    document = trend_document(MOMENTS)
    states = json.loads(json.dumps(document))["states"]
    assert [each["name"] for each in states] == ["old.snap", "new.snap", "same.snap"]
    assert [each["capturedAt"] for each in states] == [None, "2026-03-01T12:00:00Z", None]
    assert "shortfalls" not in states[0]["tenets"][1]["measures"][0]
    assert states[0]["gaps"] == 1


@pytest.mark.parametrize("measure", MeasureId)
def test_every_measure_has_words(measure: MeasureId) -> None:
    assert title_of(measure)
