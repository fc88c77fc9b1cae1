from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from firedoor.model.rbac_graph import LeftOut, RbacGraph
from firedoor.render.rbac_graph_dot import rbac_graph_dot
from firedoor.render.rbac_graph_json import rbac_graph_json
from firedoor.render.rbac_graph_mermaid import rbac_graph_mermaid
from firedoor.render.rbac_graph_words import kind_text, lines_of, name_text, notes_of, pictured, risk_text, summary_of
from tests.render.rbac_graphs import ANNA, BELOW, EVIL, TOP, graph, tenants

GOLDEN = Path(__file__).parent / "golden"
RENDERINGS: dict[str, Callable[[RbacGraph], str]] = {
    "rbac-graph.dot": rbac_graph_dot,
    "rbac-graph.mmd": rbac_graph_mermaid,
    "rbac-graph.json": rbac_graph_json,
}
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@pytest.mark.parametrize("name", RENDERINGS)
def test_output_is_the_golden_file(name: str) -> None:
    text = RENDERINGS[name](graph())
    if os.environ.get("FIREDOOR_UPDATE_GOLDEN"):
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("render", RENDERINGS.values())
def test_no_name_can_drive_a_terminal(render: Callable[[RbacGraph], str]) -> None:
    assert "\x1b" not in render(graph())


def test_names_are_nothing_but_strings_in_dot() -> None:
    lines = [line for line in rbac_graph_dot(graph()).splitlines() if not line.startswith("//")]
    bare = [STRING.sub("S", line) for line in lines]
    assert not any("script" in line or "alert" in line or "co" in line.split("=")[0] for line in bare)
    assert sum(line.count('"') for line in bare) == 0
    # An entity in a string would be read as the character that it stands for.
    assert r"anna &amp; co\\n\"</b>" in "".join(lines)


def test_names_are_nothing_but_text_in_mermaid() -> None:
    text = rbac_graph_mermaid(graph())
    assert "<script" not in text
    assert "%%{" not in text
    assert set(re.findall(r"<[^>]*>", text)) == {"<br/>"}
    # Each label is between the only quotes of its line.
    assert {line.count('"') for line in text.splitlines()} == {0, 2}


def test_json_is_whole_where_pictures_draw_what_is_alike_as_one() -> None:
    many = tenants(60)
    assert len(json.loads(rbac_graph_json(many))["nodes"]) == 180
    dot = rbac_graph_dot(many)
    assert dot.count(" -> ") == 2
    assert r'label="60 service accounts\napp in 60 namespaces"' in dot
    assert "3 nodes for 180: roles with the same rules are drawn as one" in dot
    assert '"60 RoleBindings<br/>team-0000/app-0 and 59 more"' in rbac_graph_mermaid(many)
    assert pictured(tenants(33)) == tenants(33)


def test_a_name_in_json_is_the_name_itself() -> None:
    document = json.loads(rbac_graph_json(graph()))
    assert EVIL in {each["name"] for each in document["nodes"]}
    ids = {each["id"] for each in document["nodes"]}
    assert {each["from"] for each in document["edges"]} | {each["to"] for each in document["edges"]} <= ids


def test_words_of_a_node() -> None:
    assert (kind_text(BELOW), name_text(BELOW)) == ("ClusterRole", "below")
    assert risk_text(BELOW) == "medium: pod-exec, a-risk and 2 more"
    assert lines_of(TOP)[-2:] == ["permits get on secrets", "and 2 more"]
    assert lines_of(ANNA)[1:] == ["high: secrets-read, Reads Secrets", "medium: pod-exec, Runs commands in pods"]
    binding = pictured(tenants(60)).nodes[1]
    assert lines_of(binding)[-1] == "and 50 more"
    inside = replace(binding, namespace="shop", name="", members=tuple(
        replace(each, namespace="shop") for each in binding.members
    ))  # fmt: skip
    assert (kind_text(inside), name_text(inside)) == ("60 RoleBindings of shop", "shop/app-0 and 59 more")
    mixed = replace(inside, kind="", members=(replace(binding.members[0], namespace=""), *binding.members[1:2]))
    assert (kind_text(mixed), name_text(mixed)) == ("2 bindings of shop", "app-0 and 1 more")


def test_notes_tell_what_is_left_out() -> None:
    one, more = (replace(graph(), left_out=each, notes=(), gaps=()) for each in (LeftOut(1, 1, 1), LeftOut(2, 2, 2)))
    assert notes_of(one) == [
        "1 binding that comes with Kubernetes is left out, --all shows it",
        "1 aggregated role that comes with Kubernetes is left out, --all shows it",
        "1 role that no binding refers to is left out, `firedoor rbac risks` lists such as unused-role",
    ]
    assert notes_of(more) == [
        "2 bindings that come with Kubernetes are left out, --all shows them",
        "2 aggregated roles that come with Kubernetes are left out, --all shows them",
        "2 roles that no binding refers to are left out, `firedoor rbac risks` lists such as unused-role",
    ]


def test_an_empty_graph_says_why_it_is_empty() -> None:
    empty = RbacGraph((), (), LeftOut(bindings=3))
    assert "3 bindings that come with Kubernetes are left out" in rbac_graph_dot(empty)
    assert "3 bindings that come with Kubernetes are left out" in rbac_graph_mermaid(empty)
    assert summary_of(empty) == "0 workloads, 0 subjects, 0 bindings, 0 roles"
    assert rbac_graph_dot(RbacGraph((), ())).splitlines()[-1] == "}"
    assert rbac_graph_mermaid(RbacGraph((), ())) == "flowchart LR\n"


def test_the_summary_counts_parts_and_roles_with_risks() -> None:
    assert summary_of(graph()) == ("1 workload, 4 subjects, 3 bindings, 4 roles; roles with risks: 1 high, 1 medium")
