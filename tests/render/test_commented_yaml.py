from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.render.commented_yaml import commented_yaml

TEXTS = st.text(max_size=8) | st.sampled_from(["yes", "1", "null", "a: b", "# x", "-", "", "'", "1e3", "~", "{", "*a"])
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_what_is_read(document: dict[str, object]) -> None:
    assert yaml.safe_load(commented_yaml(document, {})) == document


def test_comments_stand_above_the_parts_they_are_about_and_hide_nothing() -> None:
    document = {"spec": {"ingress": [{"from": []}, {}], "other": ["a", ["b"]]}}
    text = commented_yaml(document, {"spec.ingress[0]": ("one", "two\nthree"), "spec.ingress[1]": ("four",)})
    assert text == (
        "spec:\n  ingress:\n  # one\n  # two\\nthree\n  - from: []\n  # four\n  - {}\n  other:\n  - a\n  - - b\n"
    )
