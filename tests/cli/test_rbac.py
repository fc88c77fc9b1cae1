from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

import pytest
import yaml

from tests.cli.command import ROOT, Ran, assert_golden, firedoor, process

DEMO = ROOT / "src" / "firedoor" / "demo"
FRONTEND = "system:serviceaccount:shop:frontend"
INGRESS = "system:serviceaccount:ingress-nginx:ingress-nginx"


UNREAD = b"""\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: auditors, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: auditor}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: auditors}]
"""
DEBUG = b"""
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: debug, namespace: shop},
 rules: [{apiGroups: [""], resources: [pods/exec], verbs: [create]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: debug, namespace: shop},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: debug},
 subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]}
"""


def rbac(*arguments: str, cwd: Path = DEMO, stdin: bytes = b"") -> Ran:
    return firedoor("rbac", *arguments, cwd=cwd, stdin=stdin)


def test_what_is_allowed_names_binding_role_and_rule_with_their_lines() -> None:
    ran = rbac("can", "get", "secrets", "--as", FRONTEND, "-n", "shop", "shop")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("rbac-can.txt", ran.out)
    document = rbac("can", "get", "secrets", "--as", FRONTEND, "-n", "shop", "shop", "-o", "json").document
    assert (document["schema"], document["allowed"]) == ("firedoor/rbac-can/v1", True)
    (grant,) = document["because"]
    assert (grant["binding"]["name"], grant["rule"]["path"]) == ("frontend-config", "rules[1]")
    place = grant["rule"]["source"]
    assert place in ran.out
    name, _, line = place.partition(":")
    assert "- apiGroups" in (DEMO / name).read_text().splitlines()[int(line) - 1]


def test_the_exit_code_is_the_answer() -> None:
    asked = ("can", "get", "secrets", "shop", "--as")
    assert rbac(*asked, FRONTEND).code == 10
    assert rbac(*asked, FRONTEND, "-n", "shop").code == 0
    assert rbac(*asked, FRONTEND, "-n", "shop", "-A").code == 10
    ran = rbac(*asked, "bob", "--as-group", "storefront-developers", "-n", "shop", "-o", "yaml")
    document = yaml.safe_load(ran.out)
    assert (ran.code, document["allowed"], document["unsure"]) == (10, False, [])
    assert process("rbac", *asked, FRONTEND, cwd=DEMO) == rbac(*asked, FRONTEND)


def test_a_name_is_told_from_a_path() -> None:
    asked = ("--as", INGRESS, "-n", "shop")
    assert rbac("can", "get", "secrets", "market-tls", "shop", *asked).code == 0
    assert rbac("can", "get", "secrets", "market-tls", "-f", "shop", *asked).code == 0
    assert rbac("can", "get", "secrets", "shop", *asked).code == 10
    assert rbac("can", "get", "secrets", "--name", "market-tls", "shop", *asked).code == 0
    assert rbac("can", "get", "secrets", "--name", "shop", "shop", *asked).out.startswith(
        f"DENIED  {INGRESS}: get secrets shop in namespace shop\n"
    )
    assert rbac("can", "get", "secrets", "market-tls", "-", "shop", *asked).code == 0
    assert rbac("can", "get", "/metrics", "shop", "--as", "system:serviceaccount:monitoring:prometheus").code == 0
    ran = rbac("can", "get", "secrets", "gone.yaml", *asked)
    assert (ran.code, ran.error) == (2, "gone.yaml: no such file or folder; check the path")


def test_who_can_lists_holders_and_whom_it_is_not_known_of() -> None:
    asked = ("who-can", "get", "secrets", "shop", "-")
    ran = rbac(*asked, stdin=UNREAD)
    assert (ran.code, ran.err) == (0, "")
    assert_golden("rbac-who-can.txt", ran.out)
    document = rbac(*asked, "-o", "json", stdin=UNREAD).document
    assert [each["name"] for each in document["subjects"]] == ["system:masters", "ci-deployer", "frontend"]
    assert [each["name"] for each in document["unsure"]] == ["auditors"]
    assert document["indirect"] is None
    assert yaml.safe_load(rbac(*asked, "-o", "yaml", stdin=UNREAD).out) == document
    rows = list(csv.DictReader(StringIO(rbac(*asked, "-o", "csv", stdin=UNREAD).out)))
    assert [row["name"] for row in rows] == ["system:masters", "ci-deployer", "frontend", "auditors"]


def test_who_can_lists_those_who_can_make_themselves_able() -> None:
    asked = ("who-can", "get", "secrets", "-n", "shop", "shop", "-", "--indirect")
    (way,) = rbac(*asked, "-o", "json", stdin=DEBUG).document["indirect"]
    assert (way["name"], way["technique"], way["target"]["name"]) == ("bob", "exec", "frontend")
    text = rbac(*asked, stdin=DEBUG).out
    assert "User bob              exec  ServiceAccount shop/frontend  shop: RoleBinding shop/debug" in text
    rows = csv.DictReader(StringIO(rbac(*asked, "-o", "csv", stdin=DEBUG).out))
    assert [row["name"] for row in rows if row["section"] == "indirect"] == ["bob"]


def test_show_is_a_matrix_of_resources_and_verbs() -> None:
    ran = rbac("show", INGRESS, "shop")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("rbac-show.txt", ran.out)
    document = rbac("show", INGRESS, "shop", "-o", "json").document
    assert yaml.safe_load(rbac("show", INGRESS, "shop", "-o", "yaml").out) == document
    rows = list(csv.DictReader(StringIO(rbac("show", INGRESS, "shop", "-o", "csv").out)))
    assert [row["verbs"].split() for row in rows] == [each["verbs"] for each in document["resources"]]
    inside = rbac("show", INGRESS, "shop", "-n", "shop", "-o", "json").document["resources"]
    assert inside == [each for each in document["resources"] if each["namespace"] in {"", "shop"}]


def test_what_show_lists_can_be_done() -> None:
    document = rbac("show", INGRESS, "shop", "-o", "json").document
    for row in document["resources"]:
        resource, _, sub = row["resource"].partition("/")
        written = f"{resource}.{row['group']}" if row["group"] else resource
        written += f"/{sub}" if sub else ""
        where = ("-n", row["namespace"]) if row["namespace"] else ()
        for verb in row["verbs"]:
            for name in row["names"] or [""]:
                named = ("--name", name) if name else ()
                assert rbac("can", verb, written, *named, *where, "--as", INGRESS, "shop").code == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("can", "get", "pods", "shop"), "missing option '--as'"),
        (("can", "get", "pods", "shop", "--as", ""), "the name of a user or group is empty"),
        (("can", "get", "a/b/c", "shop", "--as", "bob"), "'a/b/c' is no resource; write it as in pods"),
        (("can", "get", "pods", "shop", "--as", "bob", "-o", "csv"), "invalid value for '-o'"),
        (("can", "get"), "missing argument 'RESOURCE'"),
        (("who-can", "get"), "missing argument 'RESOURCE'"),
        (("show",), "missing argument 'USER'"),
        (("whoami",), "no such command 'whoami'"),
    ],
)
def test_bad_questions_are_refused_in_one_line(arguments: tuple[str, ...], problem: str) -> None:
    ran = rbac(*arguments)
    assert ran.error.startswith(problem)
    assert ran.code == 2


def test_without_roles_nothing_is_in_scope() -> None:
    for command in (("can", "get", "pods", "-", "--as", "bob"), ("who-can", "get", "pods", "-"), ("show", "bob", "-")):
        ran = rbac(*command, stdin=b"{apiVersion: v1, kind: Namespace, metadata: {name: a}}")
        assert ran.code == 3
        assert ran.error.startswith("no role or binding was found")


def test_help_lists_the_commands() -> None:
    ran = rbac("--help")
    assert (ran.code, ran.err) == (0, "")
    assert [name for name in ("can", "who-can", "show") if f"\n  {name} " not in ran.out] == []
