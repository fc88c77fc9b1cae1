from __future__ import annotations

import csv
from io import StringIO

import pytest
import yaml

from tests.cli.command import firedoor, process

DEMO = "../../../src/firedoor/demo/shop"


def test_numbers_are_those_of_the_pairs_that_reach_lists() -> None:
    document = firedoor("reach", "--summary", DEMO, "-o", "json").document
    listed = firedoor("reach", "--pods", DEMO, "-o", "json").document
    between_pods = {
        (each["src"]["pod"], each["dst"]["pod"])
        for each in listed["connections"]
        if "pod" in each["src"] and "pod" in each["dst"]
    }
    pairs = document["pairs"]
    assert pairs["all_traffic"] + pairs["some_traffic"] == len(between_pods)
    assert pairs["total"] == document["pods"] * (document["pods"] - 1)
    assert pairs["none"] == pairs["total"] - len(between_pods) - pairs["unknown"]
    assert document["policies"] == {"NetworkPolicy": 33}


def test_formats_agree() -> None:
    document = firedoor("reach", "--summary", DEMO, "-o", "json").document
    assert yaml.safe_load(firedoor("reach", "--summary", DEMO, "-o", "yaml").out) == document
    rows = dict(csv.reader(StringIO(firedoor("reach", "--summary", DEMO, "-o", "csv").out)))
    assert (rows["pods"], rows["pairs.total"]) == (str(document["pods"]), str(document["pairs"]["total"]))
    text = firedoor("reach", "--summary", DEMO).out
    assert f"{document['pods']} pods of {document['workloads']} workloads" in text
    assert "FROM ONE POD TO ANOTHER" in text


def test_a_process_prints_the_same_as_a_call() -> None:
    assert process("reach", "--summary", DEMO) == firedoor("reach", "--summary", DEMO)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("-o", "dot"), "-o dot does not go with --summary"),
        (("--to", "shop/db"), "--to does not go with --summary"),
        (("-n", "shop"), "--namespace does not go with --summary"),
        (("--port", "80"), "--port does not go with --summary"),
    ],
)
def test_what_narrows_the_answer_is_refused(options: tuple[str, ...], problem: str) -> None:
    result = firedoor("reach", "--summary", DEMO, *options)
    assert result.code == 2
    assert problem in result.err
