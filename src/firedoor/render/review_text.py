"""A regular review for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.render.review_words import (
    TITLES,
    by_kind,
    head_lines,
    headline,
    marks,
    name_text,
    other_lines,
    since_text,
    summary,
)
from firedoor.render.words import visible
from firedoor.render.yaml_text import yaml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from firedoor.model.review import Item, RegularReview

MOST_DRIFT = 10
_MOST_UNDECIDED = 10


def print_review(review: RegularReview, console: Console) -> None:
    """Print what was read, the items by kind with what is new, what is undecided and gone, and one line of counts."""
    for text in (*head_lines(review), *other_lines(review)):
        _line(console, text)
    new = marks(review)
    for kind, items in by_kind(review.items).items():
        _line(console, "")
        _line(console, f"{TITLES[kind]} ({len(items)})", "bold")
        shown = items[:MOST_DRIFT] if kind.part == "drift" else items
        for item in shown:
            _item(console, item, is_new=item.fingerprint in new)
        _rest(console, items, shown)
    if review.undecided:
        _line(console, "")
        _line(console, f"Not decided ({len(review.undecided)})", "bold")
        undecided = review.undecided[:_MOST_UNDECIDED]
        for item in undecided:
            _line(console, f"  {headline(item)}")
            for text in item.evidence:
                _line(console, f"      {text}", "dim")
        _rest(console, review.undecided, undecided)
    if review.since is not None and review.since.gone:
        _line(console, "")
        _line(console, f"Gone since {review.since.time} ({len(review.since.gone)})", "bold")
        for known in review.since.gone:
            _line(console, f"  {known.kind}: {name_text(known)}")
    _line(console, "")
    for text in filter(None, (since_text(review), summary(review))):
        _line(console, text)


def _item(console: Console, item: Item, *, is_new: bool) -> None:
    _line(console, f"  {'new: ' if is_new else ''}{headline(item)}")
    for text in item.evidence:
        _line(console, f"      {text}", "dim")
    if item.proposal:
        _line(console, f"      -> {item.proposal}{':' if item.manifest is not None else ''}")
    if item.manifest is not None:
        for text in yaml_text(item.manifest).splitlines():
            _line(console, f"         {text}")


def _rest(console: Console, items: Sequence[Item], shown: Sequence[Item]) -> None:
    if len(items) > len(shown):
        _line(console, f"  and {len(items) - len(shown)} more: -o json has all", "dim")


def _line(console: Console, text: str, style: str = "") -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(visible(text), style=style), soft_wrap=True)
