from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.assistants.pages import page_text
from firedoor.errors import UsageError


def page(document: dict[str, Any], offset: int, limit: int) -> Any:
    return json.loads(page_text(document, offset, limit))


def test_every_list_is_cut_and_told_of_and_items_stay_whole() -> None:
    found = page({"a": [[1, 2, 3], 4], "b": {"old": [1, 2, 3], "x": "text"}, "c": "text", "d": ()}, 1, 1)
    assert found == {
        "a": [4],
        "b": {"old": [2], "x": "text"},
        "c": "text",
        "d": [],
        "page": {"offset": 1, "limit": 1, "total": {"a": 2, "b.old": 3, "d": 0}},
    }


@given(st.lists(st.integers()), st.integers(1, 5))
def test_the_pages_together_are_the_whole(items: list[int], limit: int) -> None:
    pages = [page({"items": items}, offset, limit) for offset in range(0, len(items), limit)]
    assert [each for one in pages for each in one["items"]] == items
    assert all(each["page"]["total"] == {"items": len(items)} for each in pages)


def test_a_page_that_is_too_long_is_refused_and_a_shorter_one_is_not() -> None:
    document: dict[str, Any] = {"items": ["x" * 60_000] * 3}
    with pytest.raises(UsageError, match="lower the limit"):
        page_text(document, 0, 2)
    assert len(page(document, 0, 1)["items"]) == 1
