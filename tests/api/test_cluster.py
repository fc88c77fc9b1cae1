"""Each question from Python is answered as the command answers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firedoor.api import Cluster, FiredoorError, NothingInScopeError, Result, load
from firedoor.demo import shop
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.verdicts import Verdict
from tests.cli.command import SETS, firedoor

Ask = Callable[[Cluster], Result[Any]]

ENDS = ("books/stock", "books-data/stock-db")
INTENTS = "intents.yaml"

ANSWERS: dict[str, tuple[tuple[str, ...], Ask]] = {
    "reach": (("reach",), lambda it: it.reach()),
    "reach of an end": (
        ("reach", "--from", ENDS[0], "--port", "3306", "--pods"),
        lambda it: it.reach(ENDS[0], port=3306, pods=True),
    ),
    "reach by labels": (("reach", "-l", "app=stock"), lambda it: it.reach(selector="app=stock")),
    "explain": (
        ("explain", "--from", ENDS[0], "--to", ENDS[1], "--port", "3306"),
        lambda it: it.explain(*ENDS, 3306),
    ),
    "explain of UDP": (
        ("explain", "--from", ENDS[0], "--to", ENDS[1], "--port", "53/UDP"),
        lambda it: it.explain(*ENDS, 53, "udp"),
    ),
    "explain of ping": (
        ("explain", "--from", ENDS[0], "--to", ENDS[1], "--protocol", "icmp"),
        lambda it: it.explain(*ENDS, protocol="icmp"),
    ),
    "summary": (("reach", "--summary"), lambda it: it.summary()),
    "exposure": (("reach", "--exposed"), lambda it: it.exposure()),
    "diagnose": (("diagnose",), lambda it: it.diagnose()),
    "diagnose of a namespace": (("diagnose", "-n", "books"), lambda it: it.diagnose(namespace="books")),
    "blast": (("blast",), lambda it: it.blast()),
    "blast from": (("blast", "--from", ENDS[0], "--possible"), lambda it: it.blast_from(ENDS[0], possible=True)),
    "blast to": (("blast", "--to", ENDS[1], "--port", "3306"), lambda it: it.blast_to(ENDS[1], port="3306")),
    "paths": (
        ("paths", "--from", "internet", "--to", ENDS[1], "--any-port"),
        lambda it: it.paths("internet", ENDS[1], any_port=True),
    ),
    "rank": (("paths", "--rank"), lambda it: it.rank()),
    "policies": (("policies",), lambda it: it.policies()),
    "score": (("score",), lambda it: it.score()),
}

RIGHTS: dict[str, tuple[tuple[str, ...], Ask]] = {
    "who-can": (
        ("rbac", "who-can", "get", "secrets", "PATH", "--indirect"),
        lambda it: it.rbac.who_can("get", "secrets", indirect=True),
    ),
    "show": (
        ("rbac", "show", "system:serviceaccount:kube-system:coredns", "PATH"),
        lambda it: it.rbac.show("system:serviceaccount:kube-system:coredns"),
    ),
    "risks": (("rbac", "risks", "PATH", "--severity", "low"), lambda it: it.rbac.risks(severity="low")),
}


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(SETS)
        return load("shop")


def said(arguments: tuple[str, ...], path: str) -> Any:
    ran = firedoor(*(path if each == "PATH" else each for each in arguments), "-o", "json")
    return json.loads(ran.out)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_the_document_of_the_command(name: str, cluster: Cluster) -> None:
    arguments, ask = ANSWERS[name]
    found = ask(cluster)
    assert found.to_dict() == said((arguments[0], "shop", *arguments[1:]), "shop")
    shown = found.table()
    assert all(len(row) == len(shown.columns) for row in shown.rows)
    assert repr(found).startswith("<")


@pytest.mark.parametrize("name", RIGHTS)
def test_rights_are_told_as_the_command_tells_them(name: str) -> None:
    arguments, ask = RIGHTS[name]
    with shop() as path:
        found = ask(load(path))
        assert found.to_dict() == said(arguments, str(path))
    assert found.rows()
    assert all(len(row) == len(found.table().columns) for row in found.table().rows)


def test_whether_somebody_may_do_something() -> None:
    user = "system:serviceaccount:kube-system:coredns"
    with shop() as path:
        found = load(path).rbac.can(user, "list", "services")
        assert found.to_dict() == said(("rbac", "can", "list", "services", "PATH", "--as", user), str(path))
    assert found.found.verdict == "allowed"
    assert found.rows()[0]["rule"]
    assert found.headline == f"ALLOWED {user}: list services in all namespaces"


def test_two_states_are_compared() -> None:
    with shop() as path:
        whole, part = load(path), load(path / "shop", path / "namespaces.yaml")
        change = whole.diff(part, names=("before", "after"))
        assert (change.found.old, change.found.new) == ("before", "after")
        ran = firedoor("assert", str(path / INTENTS), str(path), "-o", "json")
        held = whole.assertions(path / INTENTS)
        assert held.to_dict() == json.loads(ran.out)
        assert held.found.failed == 3
        made = whole.generate(from_manifests=True)
        ran = firedoor("generate", str(path), "--from-manifests", "-o", "json")
        assert made.to_dict() == json.loads(ran.out)
        assert made.found.proof.holds
        assert all("kind: NetworkPolicy" in str(row["yaml"]) for row in made.rows())
        asked = whole.generate(from_intents=path / INTENTS, namespace="shop", kind="cilium")
        assert {row["namespace"] for row in asked.rows()} == {"shop"}
    assert change.rows()
    assert "was removed" in change._repr_html_()


def test_two_policies_are_compared(cluster: Cluster) -> None:
    first, second = (str(each["policy"]).partition(" ")[2] for each in cluster.policies().rows()[:2])
    found = cluster.compare(first, second)
    arguments = ("policies", "shop", "--compare", first, second)
    assert found.to_dict() == said(arguments, "shop")
    assert [row["direction"] for row in found.rows()] == ["both directions", "ingress", "egress"]


def test_the_map_counts_what_it_shows(cluster: Cluster) -> None:
    found = cluster.map()
    assert found.rows()[0].keys() >= {"source", "destination", "pairs"}
    assert "<svg" in found.to_html()
    assert "sandbox" in found._repr_html_()
    assert "<script" not in found.to_html()


def test_there_is_no_map_of_one_namespace() -> None:
    with shop() as path, pytest.raises(NothingInScopeError, match="no two namespaces"):
        load(path / "shop").map()


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda it: it.explain("books/nobody", ENDS[1], 80), "no pod or workload of that name"),
        (lambda it: it.explain(*ENDS), "no port is given"),
        (lambda it: it.explain(*ENDS, 0), "'0' is no port"),
        (lambda it: it.explain(*ENDS, "80/UDP", "TCP"), "is no port of TCP"),
        (lambda it: it.explain(*ENDS, 80, "QUIC"), "there is no protocol 'QUIC'"),
        (lambda it: it.explain(*ENDS, 80, "icmp"), "icmp has no ports"),
        (lambda it: it.explain(*ENDS, 80, icmp_type=3), "types and codes are of ICMP"),
        (lambda it: it.explain(*ENDS, protocol="icmp", icmp_type=256), "no message of type 256"),
        (lambda it: it.reach(port="http"), "'http' is no port"),
        (lambda it: it.reach(selector="a in"), "write it as kubectl does"),
        (lambda it: it.reach(namespace="nowhere"), "there is no namespace nowhere"),
        (lambda it: it.generate(), "what is needed must come from one place"),
        (lambda it: it.generate(from_manifests=True, from_flows=True), "what is needed must come from one place"),
        (lambda it: it.generate(from_manifests=True, kind="psp"), "no policies of the kind 'psp'"),
        (lambda it: it.assertions("nothing.yaml"), "nothing.yaml: "),
        (lambda it: it.assertions("-"), "standard input is no file"),
        (lambda it: it.diagnose(baseline="nothing.json"), "nothing.json: "),
        (lambda it: it.rbac.risks(severity="awful"), "there is no severity 'awful'"),
        (lambda it: it.rbac.can("eve", "get", "pods"), "no role or binding was found"),
    ],
)
def test_a_wrong_question_is_an_error_for_people(ask: Ask, problem: str, cluster: Cluster) -> None:
    with pytest.raises(FiredoorError, match=re.escape(problem)):
        ask(cluster)


def test_a_store_without_flows_is_said(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(NothingInScopeError, match="has no flows"):
        cluster.generate(from_flows=tmp_path / "store")


def test_connections_that_were_seen_make_policies(cluster: Cluster, tmp_path: Path) -> None:
    source = FlowPeer(PeerKind.WORKLOAD, "books", "Deployment", "stock")
    destination = FlowPeer(PeerKind.WORKLOAD, "books-data", "StatefulSet", "stock-db")
    edge = FlowEdge(source, destination, "TCP", 3306, FlowVerdict.ALLOWED, 1, 0, 0)
    (tmp_path / "edges.jsonl").write_bytes(msgspec.json.encode(edge))
    found = cluster.generate(from_edges=tmp_path / "edges.jsonl", dns=False)
    assert found.found.proof.holds
    assert "3306" in "".join(str(row["yaml"]) for row in found.rows())


def test_exceptions_hold_on_a_day(tmp_path: Path) -> None:
    config = tmp_path / "settings.yaml"
    config.write_text(
        "ignore:\n- {check: namespace-without-default-deny, reason: known, expires: 2027-01-31}\n", encoding="utf-8"
    )
    with shop() as path:
        cluster = load(path, config=config)
        before, after = (cluster.diagnose(day=date(2027, month, 1)) for month in (1, 2))
    assert len(before.rows()) < len(after.rows())


def test_the_verdict_is_typed(cluster: Cluster) -> None:
    found = cluster.explain(*ENDS, "3306/TCP")
    assert found.found.verdict is Verdict.ACCEPTED
    assert all(row["source"] for row in found.rows() if row["policy"])


def test_a_cluster_tells_what_it_is(cluster: Cluster) -> None:
    assert repr(cluster).startswith("<Cluster from manifests: ")
    assert cluster.cni == "spec"
    assert "&lt;" not in cluster._repr_html_()
    assert len(cluster.gaps) == len(cluster.snapshot.gaps)
