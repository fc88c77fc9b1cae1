"""Results of intents as a table for people, and below it what speaks against those that fail."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.intents import Verification
from firedoor.render.assert_words import failure_lines, result_text, summary_text
from firedoor.render.columns import print_columns
from firedoor.render.words import visible


def print_assert(verification: Verification, console: Console) -> None:
    """Print a line for each intent, the failures with their reasons, and one line of counts."""
    rows = [
        [
            Text(result_text(each), style="green" if each.holds else "yellow" if each.excepted else "bold red"),
            each.intent.kind.value,
            each.intent.name,
            each.intent.place,
        ]
        for each in verification.results
    ]
    print_columns(console, ("RESULT", "DEMAND", "INTENT", "PLACE"), rows)
    console.print()
    for each in verification.results:
        if not each.holds:
            console.print(Text(visible(f"{each.intent.name} ({each.intent.place})"), style="bold"), soft_wrap=True)
            for line in failure_lines(each):
                # Text, not markup: names from a cluster may hold square brackets.
                console.print(Text(f"  {line}"), soft_wrap=True)
            console.print()
    console.print(Text(summary_text(verification)), soft_wrap=True)
