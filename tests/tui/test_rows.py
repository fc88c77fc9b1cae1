from __future__ import annotations

import pytest

from firedoor.api import load
from firedoor.demo import shop
from firedoor.model.connections import PeerConnection, PeerEnd
from firedoor.model.findings import Severity
from firedoor.model.inventory import CoverageRow, Inventory, PodRow
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.tui.rows import (
    Line,
    Question,
    connection_lines,
    end_names,
    finding_lines,
    gap_text,
    namespace_lines,
    overview,
    workload_lines,
)
from firedoor.tui.work import Steps
from firedoor.tui.world import World, connections_of, read_world


@pytest.fixture(scope="module")
def world() -> World:
    with shop() as path:
        return read_world(lambda _progress: load(path), Steps())


def test_namespaces_tell_what_is_in_them(world: World) -> None:
    found = {each.target: each for each in namespace_lines(world.diagnosis)}
    assert list(found) == ["ingress-nginx", "kube-system", "monitoring", "shop", "shop-data"]
    assert found["shop"].cells == ("shop", "11", "11", "10 of 11", "14 (4 high)")
    assert (found["shop"].style, found["kube-system"].style) == ("red", "")
    assert overview(world.diagnosis) == "5 namespaces, 20 workloads, 20 pods, 31 findings, 0 gaps"


def test_workloads_are_those_of_the_namespace(world: World) -> None:
    found = {each.target: each.cells for each in workload_lines(world.diagnosis, "shop")}
    assert len(found) == 11
    payment = found[ObjectRef("Deployment", "shop", "payment")]
    assert payment == ("payment", "Deployment", "1", "open", "open", "1 (1 high)")
    assert workload_lines(world.diagnosis, "nowhere") == []


def test_connections_lead_to_questions(world: World) -> None:
    ref = ObjectRef("Deployment", "shop", "cart")
    found = connection_lines(connections_of(world, ref), ref, world.names)
    assert found == connection_lines(world.cluster.reach().found.connections, ref, world.names)
    assert {each.cells[0] for each in found} == {"<- from", "-> to"}
    targets = [each.target for each in found]
    assert Question("shop/cart", "shop-data/redis", "6379/TCP") in targets
    assert Question("monitoring/node-exporter", "shop/cart", "") in targets


def test_an_end_outside_is_asked_about_by_its_first_address() -> None:
    ref = ObjectRef("Pod", "shop", "web")
    everybody = PeerEnd(ips="0.0.0.0-255.255.255.255")
    domain = PeerEnd(domain="example.org")
    known = (
        PeerConnection(everybody, PeerEnd(ref), (("TCP", 1, 65535),)),
        PeerConnection(PeerEnd(ref), domain, (), (("TCP", 443, 443),)),
        PeerConnection(PeerEnd(ref), domain, ()),
    )
    first, second = connection_lines(known, ref, {})
    assert first.target == Question("0.0.0.0", "shop/pod/web", "")
    assert second.target == Question("shop/pod/web", "example.org", "443/TCP")
    assert (second.cells[2:], second.style) == (("", "TCP 443"), "yellow")


def test_findings_are_narrowed_by_severity_and_namespace(world: World) -> None:
    everything = finding_lines(world.diagnosis, "", None)
    severe = finding_lines(world.diagnosis, "shop", Severity.HIGH)
    assert (len(everything), len(severe)) == (31, 4)
    assert {each.cells[0] for each in severe} == {"high"}
    assert [each.target for each in everything] == list(range(31))


def test_gaps_stand_after_the_findings_unless_severity_matters(world: World) -> None:
    gaps = (
        Gap(GapKind.FOREIGN, "a.yaml:1", "is no object", "leave it out", ObjectRef("X", "shop", "x")),
        Gap(GapKind.TEMPLATE, "b.yaml:1", "is a template"),
    )
    from msgspec.structs import replace  # noqa: PLC0415

    diagnosis = replace(world.diagnosis, gaps=gaps)
    found = finding_lines(diagnosis, "", None)
    assert [(each.cells[0], each.target) for each in found[-2:]] == [("gap", 31), ("gap", 32)]
    assert sum(each.cells[0] == "gap" for each in finding_lines(diagnosis, "shop-data", None)) == 1
    assert not [each for each in finding_lines(diagnosis, "", Severity.LOW) if each.cells[0] == "gap"]
    assert gap_text(gaps[0]).splitlines() == [
        "gap: foreign",
        "at: a.yaml:1",
        "about: X shop/x",
        "is no object",
        "what to do: leave it out",
    ]
    assert "about" not in gap_text(gaps[1])


def test_workloads_that_share_a_name_are_named_with_their_kind() -> None:
    pods = tuple(
        PodRow("shop", name, kind, f"{name}-{kind}") for name, kind in (("a", "Job"), ("a", "Pod"), ("b", "Pod"))
    )
    inventory = Inventory(pods, (), (), (), CoverageRow("", 3, 0, 0, 0, 3, 0, 0))
    assert sorted(end_names(inventory).values()) == ["shop/b", "shop/job/a", "shop/pod/a"]


def test_a_line_has_words_in_any_order_and_case() -> None:
    line = Line(("high", "Deployment shop/web"))
    assert line.has("WEB high")
    assert not line.has("web low")
    assert line.has("")
