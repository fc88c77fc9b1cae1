from __future__ import annotations

import csv
from io import StringIO

import pytest
import yaml

from tests.cli.command import firedoor, process


def test_one_hop_is_what_reach_lists() -> None:
    reached: dict[str, set[str]] = {}
    for each in firedoor("reach", "shop", "-o", "json").document["connections"]:
        if "workload" in each["src"] and "workload" in each["dst"]:
            reached.setdefault(each["src"]["workload"], set()).add(each["dst"]["workload"])
    document = firedoor("blast", "shop", "-o", "json").document
    assert document["schema"] == "firedoor/blast/v1"
    for row in document["rows"]:
        name = f"{row['workload']['namespace']}/{row['workload']['name']}"
        assert row["one_hop"]["workloads"] == len(reached.get(name, ()))
    sizes = [row["all_hops"]["workloads"] for row in document["rows"]]
    assert sizes == sorted(sizes, reverse=True)


def test_formats_agree() -> None:
    document = firedoor("blast", "shop", "-o", "json").document
    assert yaml.safe_load(firedoor("blast", "shop", "-o", "yaml").out) == document
    rows = list(csv.DictReader(StringIO(firedoor("blast", "shop", "-o", "csv").out)))
    assert [int(row["all_hops_pods"]) for row in rows] == [row["all_hops"]["pods"] for row in document["rows"]]
    ran = firedoor("blast", "shop")
    assert ran.out.startswith("WORKLOAD")
    assert process("blast", "shop").out == ran.out


def test_paths_to_and_from_an_end_mirror_each_other() -> None:
    document = firedoor("blast", "shop", "--from", "books/stock", "-o", "json").document
    assert (document["schema"], document["from"]) == ("firedoor/blast-paths/v1", "books/stock")
    (first, *_) = document["reached"]
    name = f"{first['workload']['namespace']}/{first['workload']['name']}"
    back = firedoor("blast", "shop", "--to", name, "-o", "json").document
    assert {each["workload"]["name"]: each["hops"] for each in back["reaching"]}["stock"] == first["hops"]
    rows = list(csv.DictReader(StringIO(firedoor("blast", "shop", "--from", "books/stock", "-o", "csv").out)))
    assert [int(row["hops"]) for row in rows] == [each["hops"] for each in document["reached"]]
    ran = firedoor("blast", "shop", "--to", name)
    assert "1 hop: " in ran.out
    assert f"able to reach {name}" in ran.out.splitlines()[-1]


def test_a_port_narrows_and_possibility_widens() -> None:
    def hops(*arguments: str) -> int:
        document = firedoor("blast", "shop", *arguments, "-o", "json").document
        return sum(row["one_hop"]["pods"] for row in document["rows"])

    assert hops("--port", "3306") < hops() <= hops("--possible")


def test_a_namespace_keeps_its_own_workloads() -> None:
    everything = firedoor("blast", "shop", "-o", "json").document["rows"]
    found = firedoor("blast", "shop", "-n", "books-data", "-o", "json").document["rows"]
    assert found == [each for each in everything if each["workload"]["namespace"] == "books-data"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--from", "books/nobody"), "books/nobody: no pod or workload of that name"),
        (("--from", "192.0.2.1"), "192.0.2.1 is no pod of the cluster"),
        (("--from", "books/stock", "--to", "books/stock"), "--from and --to were both given"),
        (("--port", "http"), "'http' is no port"),
        (("-n", "book"), "there is no namespace book"),
    ],
)
def test_bad_questions_are_refused_in_one_line(arguments: tuple[str, ...], problem: str) -> None:
    assert firedoor("blast", "shop", *arguments).error.startswith(problem)


def test_without_pods_nothing_is_in_scope() -> None:
    ran = firedoor("blast", "-", stdin=b"{apiVersion: v1, kind: Namespace, metadata: {name: a}}")
    assert ran.code == 3
    assert ran.error.startswith("no pod or workload was found")
