from __future__ import annotations

import json
from pathlib import Path

import pytest

from firedoor.demo import shop
from tests.cli.command import assert_golden, firedoor, process

EVERYTHING = b"""
apiVersion: v1
kind: ServiceAccount
metadata: {namespace: shop, name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: shop, name: '"><script>'}
rules: [{verbs: [get], apiGroups: [""], resources: [secrets]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: shop, name: web}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: '"><script>'}
subjects:
- {kind: ServiceAccount, name: web}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: anna}
"""


@pytest.mark.parametrize("output", ["dot", "mermaid"])
def test_the_demo_is_drawn(output: str) -> None:
    with shop() as folder:
        ran = firedoor("rbac", "graph", "-o", output, ".", cwd=folder)
    assert (ran.code, ran.err) == (0, "")
    assert_golden(f"rbac-graph-demo.{output}", ran.out)


def test_dot_is_the_default() -> None:
    ran = firedoor("rbac", "graph", "-", stdin=EVERYTHING)
    assert ran.out == firedoor("rbac", "graph", "-o", "dot", "-", stdin=EVERYTHING).out
    assert ran.out.startswith("digraph rbac {")


def test_json_has_nodes_edges_and_what_is_left_out() -> None:
    document = firedoor("rbac", "graph", "-o", "json", "-", stdin=EVERYTHING).document
    assert document["schema"] == "firedoor/rbac-graph/v1"
    assert [each["id"] for each in document["nodes"]] == [
        "subject/ServiceAccount/shop/web",
        "subject/User//anna",
        "binding/RoleBinding/shop/web",
        'role/Role/shop/"><script>',
    ]
    assert {each["severity"] for each in document["nodes"]} == {"high"}
    assert [each["kind"] for each in document["edges"]] == ["bound", "bound", "grants"]
    assert {each["place"] for each in document["edges"]} == {"<stdin>:11"}
    assert document["left_out"] == {"bindings": 0, "roles": 0, "unbound": 0}


def test_the_page_has_names_as_data_only() -> None:
    ran = firedoor("rbac", "graph", "-o", "html", "-", stdin=EVERYTHING)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("<script") == 2
    assert r"\u003cscript>" in ran.out


def test_subject_namespace_and_all_choose() -> None:
    def names(*arguments: str) -> list[str]:
        document = firedoor("rbac", "graph", "-o", "json", *arguments, "-", stdin=EVERYTHING).document
        return [each["name"] for each in document["nodes"] if each["part"] == "subject"]

    assert names("--as", "anna") == ["anna"]
    assert names("--as", "anna", "--as", "system:serviceaccount:shop:web") == ["web", "anna"]
    assert names("-n", "shop", "--all") == names("-A") == ["web", "anna"]
    assert names("--as", "eve", "--as-group", "developers") == ["developers", "eve"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ("--as", "shop/web"),
            "no binding or service account is named 'shop/web' (did you mean system:serviceaccount:shop:web?)",
        ),
        (("--as-group", "x"), "--as-group is given without --as"),
    ],
)
def test_a_wrong_question_is_an_error(arguments: tuple[str, ...], error: str) -> None:
    ran = firedoor("rbac", "graph", *arguments, "-", stdin=EVERYTHING)
    assert (ran.code, ran.error.partition(";")[0]) == (2, error)


def test_nothing_in_scope_is_an_error() -> None:
    pod = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    ran = firedoor("rbac", "graph", "-", stdin=pod)
    assert (ran.code, ran.error) == (
        3, "no role or binding was found; check the path, or the context of the cluster"
    )  # fmt: skip
    ran = firedoor("rbac", "graph", "-n", "nowhere", "-", stdin=pod + b"---" + EVERYTHING)
    # Manifests that name no namespace are taken to be in it, but these all do.
    assert (ran.code, ran.error.partition(";")[0]) == (3, "nothing was found in namespace nowhere")


def test_an_unknown_format_is_an_error() -> None:
    ran = firedoor("rbac", "graph", "-o", "table", "-", stdin=EVERYTHING)
    assert (ran.code, "'table' is not one of" in ran.error) == (2, True)


def test_what_is_broken_is_a_gap_and_the_rest_is_drawn() -> None:
    ran = firedoor("rbac", "graph", "-", stdin=EVERYTHING + b"---\na: [\n")
    assert ran.code == 0
    assert ran.out.startswith("// gap: ")
    assert "1 gap: what was not understood or not read may hide more" in ran.out


def test_the_order_of_files_and_of_hashing_says_nothing(tmp_path: Path) -> None:
    documents = EVERYTHING.split(b"---")
    for number, each in enumerate(documents):
        (tmp_path / f"{number}.yaml").write_bytes(each)
    texts = {process("rbac", "graph", "-o", "json", str(tmp_path), PYTHONHASHSEED=seed).out for seed in ("1", "2")}
    assert len(texts) == 1
    assert len(json.loads(texts.pop())["nodes"]) == 4
