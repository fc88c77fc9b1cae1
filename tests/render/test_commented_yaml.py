from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.scalars import resolve
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


@pytest.mark.parametrize("text", ["y", "N", "yes", "1e3", "12e5", "08", "0o17", "1_0", ".5", "+1", "0x1F", "~", "on"])
def test_what_kubectl_would_read_as_no_text_stands_in_quotes(text: str) -> None:
    assert resolve(text) != text
    assert commented_yaml({"a": text}, {}) in {f"a: '{text}'\n", f'a: "{text}"\n'}


@pytest.mark.parametrize("text", ["web", "app.kubernetes.io/name", "Team-7", "10.0.0.0/8", "1.2.3"])
def test_what_needs_no_quotes_has_none(text: str) -> None:
    assert resolve(text) == text
    assert commented_yaml({text: text}, {}) == f"{text}: {text}\n"
