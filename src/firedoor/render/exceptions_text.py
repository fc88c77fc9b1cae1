"""What was left out of the findings, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.model.exceptions import WaiverState
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.exceptions import Review, Waiver, WaiverUse


def print_review(review: Review, console: Console, *, show_ignored: bool) -> None:
    """Print how many findings were left out and why, and which exceptions want attention."""
    for line in review_lines(review, show_ignored=show_ignored):
        # Text, not markup: reasons and names may hold square brackets.
        console.print(Text(visible(line)), soft_wrap=True)


def review_lines(review: Review, *, show_ignored: bool) -> Iterator[str]:
    """Yield the lines; none where nothing was left out."""
    if review.config:
        yield f"settings: {review.config}"
    if review.suppressed:
        hint = ":" if show_ignored else " (--show-ignored lists them)"
        yield f"{count_text(len(review.suppressed), 'finding')} ignored by exceptions{hint}"
        for each in review.suppressed if show_ignored else ():
            yield f"  {each.finding.severity} {each.finding.check}  {each.finding.object}: {each.finding.message}"
            yield f"    ignored: {each.waiver.reason}{_until(each.waiver)} [{each.waiver.place}]"
    for use in review.exceptions:
        if use.state in _TOLD:
            yield f"  {_TOLD[use.state]}: {_named(use.waiver)} [{use.waiver.place}]{_consequence(use)}"
    for off in review.disabled:
        yield f"not run: {off.check}, {off.reason} [{off.place}]"
    if review.baseline:
        yield (
            f"baseline {review.baseline}: {count_text(review.known, 'finding')} known, "
            f"{len(review.fixed)} fixed since the baseline"
        )
        for entry in review.fixed if show_ignored else ():
            yield f"  fixed: {entry.check}  {entry.object}: {entry.message}"


_TOLD = {WaiverState.EXPIRED: "expired exception", WaiverState.UNUSED: "unused exception"}


def _named(waiver: Waiver) -> str:
    checks = ", ".join("every check" if each == "*" else each for each in waiver.checks)
    return f"{checks} {waiver.scope}: {waiver.reason}{_until(waiver)}"


def _until(waiver: Waiver) -> str:
    return "" if waiver.expires is None else f" (until {waiver.expires})"


def _consequence(use: WaiverUse) -> str:
    if use.state is WaiverState.UNUSED:
        return ": no finding of this command is like that"
    return (
        f": {count_text(use.findings, 'finding')} reported again"
        if use.findings
        else ": no finding of this command is like that any more"
    )
