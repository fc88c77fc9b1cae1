from __future__ import annotations

import pytest

from firedoor.model.label_text import parse_selector

LABELS = {"app": "web", "env": "prod"}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("app=web", True),
        ("app==web,env!=dev", True),
        ("app!=web", False),
        ("env in (dev, prod)", True),
        ("env notin (dev,prod)", False),
        ("tier notin (a)", True),
        ("app", True),
        ("!app", False),
        ("! tier, app", True),
        ("tier", False),
    ],
)
def test_kubectls_syntax_is_understood(text: str, matches: bool) -> None:
    assert parse_selector(text).matches(LABELS) is matches


@pytest.mark.parametrize("text", ["=web", "app=web env=prod", "app in dev", "app=web,,env"])
def test_nonsense_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="cannot read"):
        parse_selector(text)
