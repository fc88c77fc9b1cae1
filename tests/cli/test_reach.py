from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest
import yaml

from tests.cli.command import assert_golden, firedoor, process


def pairs(*arguments: str) -> set[tuple[str, str]]:
    """The ends of the connections that the command lists, as it names them."""
    document = firedoor("reach", *arguments, "-o", "json").document
    return {(name(each["src"]), name(each["dst"])) for each in document["connections"]}


def name(end: dict[str, str]) -> str:
    return end.get("pod") or end.get("workload") or end["ips"]


EVERYTHING = "0.0.0.0-255.255.255.255"


def test_the_table_of_rendered_helm_output_is_as_stored() -> None:
    ran = firedoor("reach", "helm-output/rendered.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("reach-helm-output.txt", ran.out)


def test_a_process_prints_the_same_as_a_call() -> None:
    assert process("reach", "shop", "-o", "json") == firedoor("reach", "shop", "-o", "json")


def test_from_and_to_keep_one_end() -> None:
    everything = pairs("shop")
    assert pairs("shop", "--from", "edge/gateway") == {each for each in everything if each[0] == "edge/gateway"}
    assert pairs("shop", "--to", "books-data/stock-db") == {
        each for each in everything if each[1] == "books-data/stock-db"
    }
    assert pairs("shop", "--from", "books/stock", "--to", "books-data/stock-db") == {
        ("books/stock", "books-data/stock-db")
    }


def test_an_end_may_be_a_whole_namespace_an_address_or_the_outside() -> None:
    everything = pairs("shop")
    assert pairs("shop", "--to", "books-data/*") == {each for each in everything if each[1].startswith("books-data/")}
    assert pairs("shop", "--from", "outside") == {each for each in everything if each[0] == EVERYTHING}
    assert ("books/billing", "203.0.113.0-203.0.113.127") in pairs("shop", "--to", "203.0.113.7")
    assert ("books/billing", "203.0.113.0-203.0.113.127") not in pairs("shop", "--to", "203.0.113.200")


def test_a_namespace_must_hold_at_least_one_end() -> None:
    found = pairs("shop", "-n", "books-data")
    assert found == {each for each in pairs("shop") if any(end.startswith("books-data/") for end in each)}
    assert found


def test_a_selector_chooses_by_the_labels_of_pods() -> None:
    found = pairs("shop", "-l", "app in (queue)")
    assert found == {each for each in pairs("shop") if "books-data/queue" in each}
    assert found
    assert pairs("shop", "-l", "app=nobody") == set()


@pytest.mark.parametrize(
    ("port", "protocol", "number"), [("53/UDP", "UDP", 53), ("udp/53", "UDP", 53), ("3306", "TCP", 3306)]
)
def test_a_port_is_all_that_is_left_of_the_traffic(port: str, protocol: str, number: int) -> None:
    connections = firedoor("reach", "shop", "--port", port, "-o", "json").document["connections"]
    assert connections
    for each in connections:
        assert each["traffic"] == [{"protocol": protocol, "from": number, "to": number}]


def test_pods_tells_the_pods_of_a_set_apart() -> None:
    found = pairs("shop", "--pods", "--to", "books-data/stock-db-0", "--from", "books/stock")
    assert {to for _, to in found} == {"books-data/stock-db-0"}
    assert "3306" in firedoor("reach", "shop", "--pods", "--to", "books-data/stock-db-0").out


def test_a_pod_without_pods_is_refused_rather_than_not_found() -> None:
    error = firedoor("reach", "shop", "--to", "books-data/stock-db-0").error
    assert error == (
        "books-data/stock-db-0 is a pod of books-data/stock-db; add --pods, or ask for books-data/stock-db"
    )


def test_the_plugin_decides_whether_blocks_match_pods() -> None:
    spec, calico = pairs("shop", "--cni", "spec"), pairs("shop", "--cni", "calico")
    document = firedoor("reach", "shop", "--cni", "none", "-o", "json").document
    assert document["cni"] == "none"
    assert spec <= calico
    assert len(document["connections"]) == 16 * 15 + 2 * 16  # every pod with every other, and with the outside


def test_formats_agree_on_the_pairs() -> None:
    document = firedoor("reach", "shop", "-o", "json").document
    assert yaml.safe_load(firedoor("reach", "shop", "-o", "yaml").out) == document
    rows = csv.DictReader(StringIO(firedoor("reach", "shop", "-o", "csv").out))
    assert {(row["source"], row["destination"]) for row in rows} == pairs("shop")


@pytest.mark.parametrize(
    ("output", "start"), [("dot", "digraph"), ("mermaid", "flowchart"), ("html", "<!doctype html>")]
)
def test_pictures_name_the_workloads(output: str, start: str) -> None:
    ran = firedoor("reach", "shop", "-o", output)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.lower().startswith(start)
    assert "stock-db" in ran.out


def test_what_cannot_be_decided_is_listed_apart() -> None:
    document: Any = firedoor("reach", "broken", "-o", "json").document
    assert document["unknown"]
    assert document["gaps"]
    assert all(each["traffic"] for each in document["unknown"])
