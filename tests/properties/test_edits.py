from __future__ import annotations

import json
import re
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.editing.changing import changed_json, changed_yaml
from firedoor.adapters.manifests.yaml_reader import read
from firedoor.errors import EditRefusedError
from firedoor.model.patching import changes, is_same, leaves, merged, rebased
from tests.strategies.manifest_texts import OBJECTS, other_value, text_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHANCES = st.integers(0, 2**32)
UNDERSTOOD = {
    "",
    "a comment would be lost",
    "text of several lines stands here",
    "two changes fall on the same place",
    "this list begins on the line of something else",
    "this stands on the line of something else",
}


def value_of(text: str) -> Any:
    document = read(text, 1)
    assert document is not None
    return document.value


def own_comments(text: str) -> Counter[str]:
    return Counter(re.findall(r"# comment \d+: 'odd' \{", text))


@given(OBJECTS, CHANCES)
def test_a_change_gives_exactly_what_is_meant_and_keeps_every_comment(old: dict[str, Any], seed: int) -> None:
    chance = Random(seed)
    text = text_of(old, chance)
    assert is_same(value_of(text), old), text
    new = other_value(old, chance) or {"new": 1}
    found, problem = attempt(text, old, new)
    # What is refused is what the text itself does not allow; a wrong splice would be refused with other words.
    assert problem in UNDERSTOOD, (problem, text, new)
    if not problem:
        assert is_same(value_of(found), new)
        assert own_comments(found) == own_comments(text)
        assert not is_same(old, new) or found == text
    more = changed_yaml(text, (), old, {**old, "more": {"a": [1]}})
    assert more.startswith(text.rstrip("\r\n"))
    assert is_same(rebased(old, old, new), new)
    assert ([*changes(old, new)] == []) == is_same(old, new)
    indent = chance.choice([None, 2, 4])
    before, after = (json.dumps({"items": [each, 1]}, indent=indent, ensure_ascii=False) for each in (old, new))
    assert changed_json(f"{before}\n", ("items", 0), new) == f"{after}\n"


def attempt(text: str, old: Any, new: Any) -> tuple[str, str]:
    try:
        return changed_yaml(text, (), old, new), ""
    except EditRefusedError as error:
        return "", error.problem


PATCHES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(0, 3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(PATCHES, PATCHES)
def test_a_patch_that_was_applied_changes_nothing_more(value: Any, patch: Any) -> None:
    once = merged(value, patch)
    assert is_same(merged(once, patch), once)
    for path, wanted in leaves(patch).items():
        part: Any = once
        for step in path:
            part = part.get(step) if isinstance(part, dict) else None
        assert wanted in ({}, part)
