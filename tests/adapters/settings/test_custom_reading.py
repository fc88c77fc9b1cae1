from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from firedoor.bootstrap import open_settings
from firedoor.errors import FiredoorError
from firedoor.model.custom_checks import CustomCheck, KindPattern
from firedoor.model.findings import Severity
from tests.adapters.settings.test_schema import VALIDATOR

GOOD: dict[str, Any] = {
    "id": "custom/a", "severity": "low", "title": "t", "why": "w", "fix": "f",
    "match": {"kinds": [{"apiVersion": "v1", "kind": "Pod"}]}, "expression": "true",
}  # fmt: skip


def written(folder: Path, *checks: dict[str, Any], **more: Any) -> str:
    path = folder / "c.yaml"
    path.write_text(yaml.safe_dump({"custom-checks": list(checks), **more}, sort_keys=False))
    return str(path)


def test_a_check_is_read_with_its_places(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(
        """\
custom-checks:
  - id: custom/a-b2
    severity: high
    title: " t "
    why: w
    fix: f
    match: {kinds: {apiVersion: apps/*, kind: Deployment}, namespaces: a-*}
    params: [1]
    expression: "true"
    message: m
    messageExpression: "'x'"
severity: {custom/a-b2: low}
disable: [{check: custom/a-b2, reason: x}]
"""
    )
    settings = open_settings(str(path))
    assert settings.custom == (
        CustomCheck(
            "custom/a-b2", "t", Severity.HIGH, "w", "f", (KindPattern("apps/*", "Deployment"),), "true", ("a-*",), "m",
            "'x'", [1], f"{path}:2", f"{path}:9", f"{path}:11",
        ),
    )  # fmt: skip
    assert settings.own == ("custom/a-b2",)


def test_files_are_read_from_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/x.yaml").write_text(yaml.safe_dump({"custom-checks": [{**GOOD, "id": "custom/b"}]}))
    settings = open_settings(written(tmp_path, GOOD, **{"custom-check-files": ["more/x.yaml"]}))
    assert [each.id for each in settings.custom] == ["custom/a", "custom/b"]
    assert settings.custom[1].place == f"{tmp_path}/more/x.yaml:2"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\n", "x.yaml:1: a: unknown key 'a'"),
        ("custom-checks: []\ncustom-checks: []\n", "x.yaml:2: the key 'custom-checks' stands here twice"),
        ("a: [\n", "x.yaml:"),
    ],
)
def test_a_bad_file_is_told_with_its_own_place(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(FiredoorError) as raised:
        open_settings(written_files(tmp_path))
    assert problem in str(raised.value)


def written_files(folder: Path) -> str:
    return written(folder, GOOD, **{"custom-check-files": ["x.yaml"]})


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FiredoorError, match=r"x\.yaml: "):
        open_settings(written_files(tmp_path))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": "team-label"}, "'team-label' is no id of a custom check; write custom/ and words"),
        ({"id": "custom/A"}, "is no id of a custom check"),
        ({"severity": "bad"}, "there is no severity 'bad'; use one of info, low, medium, high, critical"),
        ({"title": " "}, "title: expected text"),
        ({"match": {}}, "kinds is missing"),
        ({"match": {"kinds": []}}, "no kind is listed"),
        ({"match": {"kinds": [{"kind": "Pod"}]}}, "apiVersion is missing"),
        ({"match": {"kinds": [{"apiVersion": "v1", "kind": "*"}]}}, "expected the name of one kind"),
        ({"match": {**GOOD["match"], "namespaces": []}}, "no namespace is listed"),
        ({"match": {**GOOD["match"], "namespaces": [3]}}, "expected text, found the number 3"),
        ({"expression": True}, "expression: expected text"),
        ({"expression": "1" * 10_001}, "more than 10,000 characters are too long"),
        ({"messageExpression": 3}, "messageExpression: expected text"),
        ({"expresion": "true"}, "unknown key 'expresion'; did you mean expression?"),
    ],
)
def test_a_fault_is_told_with_line_and_field_and_the_schema_agrees(
    tmp_path: Path, change: dict[str, Any], problem: str
) -> None:
    assert VALIDATOR.is_valid({"custom-checks": [GOOD]})
    assert not VALIDATOR.is_valid({"custom-checks": [{**GOOD, **change}]})
    with pytest.raises(FiredoorError) as raised:
        open_settings(written(tmp_path, {**GOOD, **change}))
    assert problem in str(raised.value)
    assert str(raised.value).startswith(f"{tmp_path}/c.yaml:")


def test_two_checks_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FiredoorError, match=r"there is a check custom/a already, at .*c\.yaml:2"):
        open_settings(written(tmp_path, GOOD, GOOD))


@pytest.mark.parametrize(
    ("plugins", "problem"),
    [([3], "expected text"), (["a b"], "is no name of a plugin"), (["custom"], "no plugin can be called custom"),
     ("x", "expected a list")],
)  # fmt: skip
def test_plugins_are_a_list_of_names(tmp_path: Path, plugins: object, problem: str) -> None:
    with pytest.raises(FiredoorError, match=problem):
        open_settings(written(tmp_path, plugins=plugins))


def test_an_exception_from_a_check_that_nobody_defines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FiredoorError, match="there is no check 'custom/b'; did you mean custom/a"):
        open_settings(written(tmp_path, GOOD, disable=[{"check": "custom/b", "reason": "x"}]))
