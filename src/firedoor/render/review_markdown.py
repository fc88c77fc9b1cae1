"""A regular review as Markdown, for a ticket or a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.markdown_text import code, section
from firedoor.render.review_words import (
    TITLES,
    by_kind,
    head_lines,
    marks,
    name_text,
    other_lines,
    since_text,
    summary,
)
from firedoor.render.yaml_text import yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.review import Item, RegularReview

_TITLES = ("what", "found", "evidence", "proposal")


def review_markdown(review: RegularReview) -> str:
    """Return what was read as a list, a table of the items of each kind, and what is undecided and gone."""
    lines = [f"- {code(each)}" for each in (*head_lines(review), *other_lines(review), since_text(review)) if each]
    parts = [f"**Regular review: {summary(review)}**\n", "\n".join(lines) + "\n"]
    new = marks(review)
    for kind, items in by_kind(review.items).items():
        parts.append(section(f"{TITLES[kind]} ({len(items)})", _TITLES, [_row(each, new) for each in items]))
    if review.undecided:
        rows = [_row(each, new) for each in review.undecided]
        parts.append(section(f"Not decided ({len(rows)})", _TITLES, rows))
    if review.since is not None and review.since.gone:
        gone = [[code(name_text(each)), code(str(each.kind))] for each in review.since.gone]
        parts.append(section(f"Gone since {review.since.time} ({len(gone)})", ("what", "was"), gone))
    return "\n".join(parts)


def _row(item: Item, new: frozenset[str]) -> list[str]:
    mark = "**new** " if item.fingerprint in new else ""
    manifest = () if item.manifest is None else yaml_text(item.manifest).splitlines()
    return [
        mark + code(name_text(item)),
        code(item.message),
        _lines(item.evidence),
        _lines((*filter(None, (item.proposal,)), *manifest)),
    ]


def _lines(texts: Iterable[str]) -> str:
    return "<br>".join(map(code, texts))
