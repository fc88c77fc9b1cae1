"""``firedoor preview``, run as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from firedoor.model.flows import FlowEdge, FlowVerdict
from tests.cli.command import firedoor
from tests.engine.synth.making import deployment, edge, workload

CLUSTER = (
    deployment("web", "app: web") + deployment("db", "app: db") + deployment("cache", "app: cache", namespace="far")
)
POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: db}}}}
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: web}}}}}}], ports: [{{port: {port}}}]}}]
"""
WEB, DB = workload("web"), workload("db")
CACHE = workload("cache", "far")


def preview(folder: Path, edges: list[FlowEdge], new: str, *more: str, now: str = "") -> tuple[int, dict[str, object]]:
    (folder / "cluster.yaml").write_text(CLUSTER + now)
    (folder / "new.yaml").write_text(new)
    (folder / "edges.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, edges)))
    arguments = ("preview", "new.yaml", "cluster.yaml", "--from-edges", "edges.jsonl", "-o", "json", *more)
    ran = firedoor(*arguments, cwd=folder)
    assert ran.err == ""
    return ran.code, json.loads(ran.out)


def fates(found: dict[str, object]) -> list[tuple[str, str, int]]:
    changes = found["changes"]
    assert isinstance(changes, list)
    return [(each["fate"], each["source"], each["port"]) for each in changes]


def test_what_would_be_denied_breaks_the_most_frequent_first(tmp_path: Path) -> None:
    edges = [edge(WEB, DB, 5432), edge(WEB, DB, 81, count=2), edge(CACHE, DB, 5432, count=3), edge(WEB, CACHE, 80)]
    code, found = preview(tmp_path, edges, POLICY.format(name="db", port=5432))
    assert (code, found["staying"]) == (10, 2)
    assert fates(found) == [("breaks", "Deployment far/cache", 5432), ("breaks", "Deployment shop/web", 81)]
    assert fates(preview(tmp_path, edges, POLICY.format(name="db", port=5432), "-n", "far")[1]) == [
        ("breaks", "Deployment far/cache", 5432)
    ]


def test_what_was_denied_and_would_be_accepted_opens(tmp_path: Path) -> None:
    now = POLICY.format(name="db", port=5432)
    denied = [edge(WEB, DB, 81, verdict=FlowVerdict.DENIED), edge(WEB, DB, 82, verdict=FlowVerdict.DENIED)]
    code, found = preview(tmp_path, denied, POLICY.format(name="more", port=81), now=now)
    assert (code, fates(found), found["staying"]) == (0, [("opens", "Deployment shop/web", 81)], 1)


@pytest.mark.parametrize(
    ("more", "name", "expected"),
    [
        ((), "db", [("breaks", "Deployment shop/web", 5432)]),
        ((), "other", []),
        (("--replace",), "other", [("breaks", "Deployment shop/web", 5432)]),
    ],
)
def test_new_policies_stand_in_the_place_of_those_of_their_name_or_of_all(
    tmp_path: Path, more: tuple[str, ...], name: str, expected: list[tuple[str, str, int]]
) -> None:
    now = POLICY.format(name="db", port=5432)
    found = preview(tmp_path, [edge(WEB, DB, 5432)], POLICY.format(name=name, port=81), *more, now=now)[1]
    assert fates(found) == expected


def test_what_policies_deny_already_does_not_break_and_opens_if_they_let_it_pass(tmp_path: Path) -> None:
    now = POLICY.format(name="db", port=5432)
    edges = [edge(WEB, DB, 81, verdict=FlowVerdict.AUDITED), edge(WEB, DB, 82)]
    found = preview(tmp_path, edges, POLICY.format(name="more", port=81), now=now)[1]
    assert (fates(found), found["staying"]) == ([("opens", "Deployment shop/web", 81)], 1)


def test_what_cannot_be_decided_is_said(tmp_path: Path) -> None:
    broken = POLICY.format(name="db", port=5432).replace("{app: db}", "{app: {{ .Values.app }}}")
    code, found = preview(tmp_path, [edge(WEB, DB, 5432)], broken)
    assert (code, fates(found)) == (0, [("unknown", "Deployment shop/web", 5432)])
    assert found["gaps"]


def test_what_cannot_be_asked_about_is_listed(tmp_path: Path) -> None:
    edges = [edge(workload("gone"), DB), edge(WEB, DB, verdict=FlowVerdict.OTHER)]
    found = preview(tmp_path, edges, POLICY.format(name="db", port=5432))[1]
    assert isinstance(found["unattributed"], list)
    assert len(found["unattributed"]) == 2


def test_it_is_told_as_text_and_as_markdown(tmp_path: Path) -> None:
    preview(
        tmp_path, [edge(WEB, DB, 81, count=2, at=(0, 60)), edge(workload("gone"), DB)], POLICY.format(name="db", port=1)
    )
    arguments = ("preview", "new.yaml", "cluster.yaml", "--from-edges", "edges.jsonl", "-o")
    text = firedoor(*arguments, "text", cwd=tmp_path)
    assert text.code == 10
    assert text.out == (
        "1 connection replayed: 1 breaks, 0 opens, 0 unknown, 0 as before\n"
        "\nWould break\n"
        "  Deployment shop/web -> Deployment shop/db TCP/81: seen 2 times, first 1970-01-01T00:00:00Z, "
        "last 1970-01-01T00:01:00Z; now accepted, then denied\n"
        "\nNot asked about\n"
        "  Deployment shop/gone -> Deployment shop/db TCP/80 (1 connection): the workload Deployment shop/gone is "
        "gone: the source has none of that name\n"
    )
    markdown = firedoor(*arguments, "markdown", cwd=tmp_path).out
    assert "**Would break (1)**" in markdown
    assert "| `Deployment shop/web` | `Deployment shop/db` | TCP/81 |" in markdown


def test_a_wrong_question_is_one_line(tmp_path: Path) -> None:
    ran = firedoor("preview", "-", "-", "--from-edges", "x", cwd=tmp_path)
    assert (ran.code, "standard input is given twice" in ran.error) == (2, True)
    (tmp_path / "none.yaml").write_text("{apiVersion: v1, kind: Namespace, metadata: {name: a}}")
    (tmp_path / "edges").write_text("")
    none = firedoor("preview", "none.yaml", "none.yaml", "--from-edges", "edges", cwd=tmp_path)
    assert (none.code, "no pod or workload" in none.error) == (3, True)


STAGED = """
---
apiVersion: projectcalico.org/v3
kind: StagedNetworkPolicy
metadata: {{name: default.{name}, namespace: shop}}
spec: {{tier: default, selector: app == "db", types: [Ingress], ingress: [{{action: Deny}}]}}
"""


def test_staged_policies_are_tried_where_they_are_new_and_not_where_they_are_there_already(tmp_path: Path) -> None:
    edges = [edge(WEB, DB, 5432)]
    new, other = STAGED.format(name="closed"), POLICY.format(name="db", port=5432)
    assert fates(preview(tmp_path, edges, new)[1]) == [("breaks", "Deployment shop/web", 5432)]
    code, found = preview(tmp_path, edges, other, now=STAGED.format(name="closed"))
    assert (code, found["staying"], fates(found)) == (0, 1, [])
