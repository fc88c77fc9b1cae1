"""What would be applied, and the applies of before, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.render.apply_words import cut_lines, order_text, step_lines, wave_text
from firedoor.render.columns import print_columns
from firedoor.render.diff_table import print_diff
from firedoor.render.preview_text import print_preview
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from firedoor.model.journal import Record
    from firedoor.model.rollout import ApplyPlan


def print_plan(plan: ApplyPlan, console: Console) -> None:
    """Print the waves, what they open and close, and what they would break."""
    changed, same = len(plan.steps), len(plan.unchanged)
    head = f"{count_text(changed, 'step')} on {plan.server}, {count_text(same, 'object')} unchanged"
    console.print(Text(visible(head), style="bold"))
    for wave in plan.ordering.waves:
        seconds = f", for {plan.observe:g} s" if wave.is_stage else ""
        console.print(Text(f"\n{visible(wave_text(wave))}{seconds}", style="bold"))
        for step in wave.steps:
            for line in step_lines(step):
                console.print(Text(f"  {visible(line)}"), soft_wrap=True)
    for note in plan.notes:
        console.print(Text(f"note: {visible(note)}"), soft_wrap=True)
    if not plan.steps:
        return
    console.print(Text("\nOn the way", style="bold"))
    console.print(Text(f"  {order_text(plan.ordering)}"))
    for line in cut_lines(plan.ordering):
        console.print(Text(f"  {line}"), soft_wrap=True)
    console.print(Text("\nWhat opens and closes", style="bold"))
    print_diff(plan.difference, console)
    if plan.preview is not None:
        console.print()
        print_preview(plan.preview, console)


def print_applies(records: Sequence[Record], console: Console) -> None:
    """Print a line for each apply, the last one first."""
    rows = [
        [
            each.begin.id,
            each.begin.time,
            str(each.outcome),
            str(len(each.steps)),
            visible(each.begin.server),
            visible(", ".join(each.begin.paths)),
        ]
        for each in reversed(records)
    ]
    if rows:
        print_columns(console, ("ID", "TIME", "STATE", "STEPS", "SERVER", "PATHS"), rows)
    else:
        console.print("nothing was applied yet")
