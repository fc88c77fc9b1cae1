"""Answers of a size that an assistant can read: lists by the page, and no text that is too long."""

from __future__ import annotations

from collections.abc import Sequence

from firedoor.errors import UsageError
from firedoor.render.json_text import json_text

Document = dict[str, object]

DEFAULT_LIMIT = 50
MOST_LIMIT = 500
MOST_CHARACTERS = 100_000
"""Of one answer; a page that is longer is refused, because half a document is no answer."""


def page_text(document: Document, offset: int, limit: int) -> str:
    """
    Return a document as JSON, with every list in it cut to the items from `offset` on, `limit` at most.

    `page.total` says how long each list is, by its name, those inside a mapping as ``gaps.old``. Lists inside items
    stay whole. Raises ``UsageError`` where the page is too long.
    """
    totals: dict[str, int] = {}
    cut = _cut(document, offset, limit, "", totals)
    text = json_text({**cut, "page": {"offset": offset, "limit": limit, "total": totals}})
    if len(text) > MOST_CHARACTERS:
        raise UsageError(
            f"the answer has {len(text):,} characters, and {MOST_CHARACTERS:,} are the most",
            remedy="ask about one namespace or one end, or lower the limit",
        )
    return text


def _cut(document: Document, offset: int, limit: int, prefix: str, totals: dict[str, int]) -> Document:
    found: Document = {}
    for key, value in document.items():
        if isinstance(value, dict):
            found[key] = _cut(value, offset, limit, f"{prefix}{key}.", totals)
        elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
            totals[f"{prefix}{key}"] = len(value)
            found[key] = value[offset : offset + limit]
        else:
            found[key] = value
    return found
