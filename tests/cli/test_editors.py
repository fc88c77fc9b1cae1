"""What the page about editors tells people to paste, on what the command really prints."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema_rs
import pytest
import yaml

from tests.cli.command import ROOT, SETS, firedoor

PAGE = (ROOT / "docs/howto/editors.md").read_text(encoding="utf-8")
TASKS, SETTINGS = (json.loads(each) for each in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
(TASK,) = TASKS["tasks"]
PATTERN: dict[str, Any] = TASK["problemMatcher"]["pattern"]
SEVERITIES = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}


@pytest.mark.parametrize("name", sorted(each.name for each in SETS.iterdir() if each.is_dir()))
def test_the_problem_matcher_takes_every_line(name: str) -> None:
    *arguments, folder = TASK["args"]
    assert folder == "k8s"
    document = firedoor("diagnose", name, "-o", "json").document
    lines = firedoor(*arguments, name).out.splitlines()
    assert len(lines) == len(document["findings"]) + len(document["gaps"])
    for line, finding in zip(lines, document["findings"], strict=False):
        match = re.fullmatch(PATTERN["regexp"], line)
        assert match, line
        assert match[PATTERN["code"]] == finding["check"]
        assert match[PATTERN["severity"]] == SEVERITIES[finding["severity"]]
        assert finding["message"].split("\n")[0] in match[PATTERN["message"]]
        if not match[PATTERN["file"]].startswith("cluster"):
            assert (SETS / match[PATTERN["file"]]).is_file()
    for line in lines[len(document["findings"]) :]:
        assert re.fullmatch(PATTERN["regexp"], line), line


def test_the_schemas_are_printed_and_take_what_the_page_shows() -> None:
    intents = firedoor("config", "schema", "intents").document
    assert firedoor("config", "schema").document == firedoor("config", "schema", "config").document != intents
    shown = re.findall(r"```yaml\n(# yaml-language-server: \$schema=\S+\n.*?)```", PAGE, re.DOTALL)
    for each in shown:
        assert jsonschema_rs.validator_for(intents).is_valid(yaml.safe_load(each))
    assert len(shown) == 1
    assert set(SETTINGS["yaml.schemas"]) == set(re.findall(r"> (\S+\.schema\.json)", PAGE))
