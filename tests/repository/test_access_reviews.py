"""The tool that records what an API server answers makes and asks what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.access_reviews.chance import Chance
from tools.access_reviews.objects import objects
from tools.access_reviews.questions import questions
from tools.access_reviews.writers import writers, writes

FILE = Path(__file__).parents[1] / "recorded" / "access_reviews.json"
RECORDED: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SEED = RECORDED["seed"]


def identity(manifest: dict[str, Any]) -> tuple[str, str, str]:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def test_the_objects_that_the_tool_makes_are_in_the_recording_as_they_were_made() -> None:
    served = {identity(each): each for each in RECORDED["objects"]}
    for made in [*objects(Chance(SEED)), *writers()]:
        if made["kind"] in {"Namespace", "ServiceAccount"}:
            continue
        found = served[identity(made)]
        assert found.get("roleRef") == made.get("roleRef")
        assert (found.get("subjects") or []) == made.get("subjects", [])
        assert found.get("aggregationRule") == made.get("aggregationRule")
        if "aggregationRule" not in made:
            assert (found.get("rules") or []) == made.get("rules", [])


def test_the_tool_asks_and_tries_what_was_recorded() -> None:
    users = [(name, tuple(groups)) for name, groups in RECORDED["users"]]
    asked = [[users[number], *fields[:-1]] for number, *fields in RECORDED["questions"]]
    tried = [(users[each["user"]], each["verb"], each["object"]) for each in RECORDED["writes"]]
    cluster = RECORDED["objects"]
    again = questions(Chance(SEED), cluster, len(asked))
    assert [[(each.user.name, each.user.groups), *each[1:]] for each in again] == asked
    attempts = writes(Chance(SEED), cluster, len(tried))
    assert [((each.user.name, each.user.groups), each.verb, each.object) for each in attempts] == tried
