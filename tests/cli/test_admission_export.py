from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.command import firedoor

INTENTS = """
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
- {name: shop stays out, must-deny: {from: {namespace: shop}, to: {namespace: data}}}
"""
MORE = INTENTS + "- {name: web gets in, must-allow: {from: {namespace: shop}, to: {namespace: data}}}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "intents.yaml"
    found.write_text(INTENTS)
    return found


def test_the_objects_are_printed_and_how_much_they_are_is_said_beside_them(path: Path) -> None:
    done = firedoor("admission", "export", str(path))
    assert done.code == 0
    kinds = [each["kind"] for each in yaml.safe_load_all(done.out)]
    assert kinds == ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
    first, *_, last = done.err.splitlines()
    assert first.startswith("shop stays out (must-deny): expressed exactly, as far as the object itself says it, in ")
    assert last.startswith("None of them sees: a policy is deleted")


def test_what_is_not_expressed_is_told_by_the_exit_code_and_in_json(path: Path) -> None:
    path.write_text(MORE)
    done = firedoor("admission", "export", str(path), "--format", "kyverno", "-o", "json")
    assert done.code == 10
    document = json.loads(done.out)
    assert (document["schema"], document["complete"]) == ("firedoor/admission-export/v1", False)
    assert [each["extent"] for each in document["expressed"]] == ["exact", "none"]
    assert [each["kind"] for each in document["objects"]] == ["ValidatingPolicy"]
    text = firedoor("admission", "export", str(path), "-o", "text").out
    assert "web gets in (must-allow): expressed not at all\n  because: what must be accepted" in text


def test_what_is_wrong_is_told_in_one_line(path: Path) -> None:
    assert "is no RULE=MODE" in firedoor("admission", "export", str(path), "--rule", "risky").error
    assert "none.yaml" in firedoor("admission", "export", "none.yaml").error
