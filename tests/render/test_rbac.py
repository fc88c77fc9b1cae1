from __future__ import annotations

import csv
import os
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from firedoor.model.access import AccessRequest, Grant, User
from firedoor.model.access_answers import (
    AccessAnswer,
    AccessDoubt,
    AccessHolder,
    AccessHolders,
    AccessMatrix,
    AccessRow,
    AccessWay,
)
from firedoor.model.places import Gap, GapKind, ObjectRef, Place
from firedoor.model.rbac import PolicyRule, Subject
from firedoor.render.json_text import json_text
from firedoor.render.rbac_csv import holders_csv, matrix_csv
from firedoor.render.rbac_json import can_document, show_document, who_can_document
from firedoor.render.rbac_table import holders_summary, matrix_summary, print_holders, print_matrix
from firedoor.render.rbac_text import print_access
from firedoor.render.rbac_words import request_text, rule_text

GOLDEN = Path(__file__).parent / "golden"
WEB = Subject("ServiceAccount", "web", "shop")
DEVS = Subject("Group", "devs")
EVIL = Subject("User", "=[red]\x1b")
MASTERS = Subject("Group", "system:masters")
SECRETS = PolicyRule(("get", "list"), ("",), ("secrets",), ("tls",))
SCALE = PolicyRule(("*",), ("apps",), ("deployments/scale", "*"))
URLS = PolicyRule(("get",), non_resource_urls=("/metrics", "/healthz*"))
MANY = PolicyRule(("get",), ("", "batch"), ("pods", "jobs"))
GRANT = Grant(
    SECRETS,
    WEB,
    "shop",
    ObjectRef("RoleBinding", "shop", "web"),
    ObjectRef("Role", "shop", "web"),
    "rules[1]",
    None,
    Place("rbac.yaml", 20),
    Place("rbac.yaml", 1, 0, {"rules[1]": 9}),
)
GATHERED = Grant(
    SCALE,
    DEVS,
    "",
    ObjectRef("ClusterRoleBinding", "", "devs"),
    ObjectRef("ClusterRole", "", "admin"),
    "rules[0]",
    ObjectRef("ClusterRole", "", "part"),
    Place("devs.yaml", 3),
    Place("part.yaml", 1, 0, {"rules[0]": 7}),
)
GAP = Gap(GapKind.INCOMPLETE, "b.yaml:3", "there is no ClusterRole view", "add it", ObjectRef("RoleBinding", "a", "b"))
BLUNT = Gap(GapKind.UNREADABLE, "c.yaml:1", "this is no YAML")
REQUEST = AccessRequest("get", "secrets", name="tls", namespace="shop")
ALLOWED = AccessAnswer(
    User("web[red]\x1b", ("devs",)),
    REQUEST,
    is_everywhere=False,
    verdict="allowed",
    because=(GRANT, GATHERED),
    is_master=True,
    notes=("a remark",),
)
UNKNOWN = AccessAnswer(
    User("alice", ("devs",)),
    AccessRequest("get", "deployments", "scale", "apps"),
    is_everywhere=True,
    verdict="unknown",
    unsure=(GAP, BLUNT),
    elsewhere=("a", "b"),
)
HOLDERS = AccessHolders(
    AccessRequest("get", "secrets", name="tls"),
    is_everywhere=True,
    holders=(
        AccessHolder(MASTERS),
        AccessHolder(WEB, (GRANT, msgspec.structs.replace(GRANT, path="rules[0]"))),
        AccessHolder(WEB, (GATHERED,), DEVS),
        AccessHolder(EVIL, (GRANT, GATHERED)),
    ),
    doubts=(AccessDoubt(DEVS, (GAP,)),),
    ways=(
        AccessWay(DEVS, "exec", WEB, (GRANT, GATHERED)),
        AccessWay(EVIL, "bind", ObjectRef("ClusterRole", "", "admin"), (GATHERED,)),
    ),
    notes=("a remark",),
    gaps=(BLUNT,),
)
MATRIX = AccessMatrix(
    User("alice", ("devs",)),
    "shop",
    (
        AccessRow("secrets", ("get", "use"), namespace="shop", names=("tls", "db"), via=(GRANT,)),
        AccessRow("deployments/scale", ("*",), "apps", via=(GATHERED,)),
    ),
    (AccessRow("/metrics", ("get",), via=(GATHERED,)),),
    is_master=True,
    notes=("a remark",),
    gaps=(GAP,),
)


def shown(render: Callable[[Console], None]) -> str:
    out = StringIO()
    render(Console(file=out, width=20))
    return out.getvalue()


def golden(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("FIREDOOR_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rbac-can.txt", shown(lambda console: print_access(ALLOWED, console))),
        ("rbac-can-unknown.txt", shown(lambda console: print_access(UNKNOWN, console))),
        ("rbac-can.json", json_text(can_document(ALLOWED))),
        ("rbac-who-can.txt", shown(lambda console: print_holders(HOLDERS, console))),
        ("rbac-who-can.json", json_text(who_can_document(HOLDERS))),
        ("rbac-who-can.csv", holders_csv(HOLDERS)),
        ("rbac-show.txt", shown(lambda console: print_matrix(MATRIX, console))),
        ("rbac-show.json", json_text(show_document(MATRIX))),
        ("rbac-show.csv", matrix_csv(MATRIX)),
    ],
)
def test_answers_look_as_they_should(name: str, text: str) -> None:
    assert "\x1b" not in text
    golden(name, text)


def test_a_verdict_that_is_not_known_is_null() -> None:
    assert can_document(UNKNOWN)["allowed"] is None
    assert can_document(msgspec.structs.replace(UNKNOWN, verdict="denied"))["allowed"] is False
    assert who_can_document(msgspec.structs.replace(HOLDERS, ways=None))["indirect"] is None


def test_many_rules_are_cut_in_the_text_only() -> None:
    many = msgspec.structs.replace(ALLOWED, because=(GRANT,) * 12)
    assert "  and 2 more rules; -o json has them all\n" in shown(lambda console: print_access(many, console))
    assert len(can_document(many)["because"]) == 12  # type: ignore[arg-type]


def test_a_denial_says_that_no_rule_permits_it() -> None:
    denied = msgspec.structs.replace(UNKNOWN, verdict="denied", unsure=(), elsewhere=())
    assert shown(lambda console: print_access(denied, console)).splitlines() == [
        "DENIED  alice: get deployments.apps/scale in all namespaces",
        "  groups: devs",
        "  because no rule that a binding gives it permits this",
    ]


def test_an_answer_without_anything_is_short() -> None:
    nobody = AccessHolders(AccessRequest("get", path="/x"), is_everywhere=False, holders=())
    assert holders_summary(nobody) == "0 subjects may get /x; 0 gaps"
    nothing = AccessMatrix(User("alice", ("devs",)), "", (), ())
    text = "alice (devs) in all namespaces: 0 rows; 0 URLs; 0 gaps"
    assert matrix_summary(nothing) == text
    assert shown(lambda console: print_matrix(nothing, console)) == f"{text}\n"


def test_csv_cells_never_start_a_formula() -> None:
    names = [row["name"] for row in csv.DictReader(StringIO(holders_csv(HOLDERS)))]
    assert "'=[red]\\x1b" in names


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (SECRETS, "get, list on secrets named tls"),
        (SCALE, "* on deployments.apps/scale, *.apps"),
        (URLS, "get on /metrics, /healthz*"),
        (MANY, "get on pods, jobs of the groups core, batch"),
    ],
)
def test_rules_in_words(rule: PolicyRule, text: str) -> None:
    assert rule_text(rule) == text


def test_requests_in_words() -> None:
    assert request_text(REQUEST, is_everywhere=False) == "get secrets tls in namespace shop"
    assert request_text(AccessRequest("list", "nodes"), is_everywhere=False) == "list nodes"
    assert request_text(AccessRequest("get", path="/healthz"), is_everywhere=False) == "get /healthz"
