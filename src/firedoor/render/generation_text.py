"""Generated policies as a report for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.render.generation_words import left_text, pair_text, proof_text, surplus_text
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from firedoor.model.generation import Generation

_MOST = 20


def print_generation(found: Generation, console: Console) -> None:
    """Print what was made and proved, what stays open, and what is left out."""
    console.print(Text(_head(found), style="bold"))
    style = "green" if found.proof.holds else "red"
    console.print(Text(proof_text(found.proof), style=style))
    console.print(Text(surplus_text(found)))
    for title, lines in _sections(found):
        if lines:
            console.print(Text(f"\n{title}", style="bold"))
            for line in lines[:_MOST]:
                console.print(Text(f"  {visible(line)}"))
            if len(lines) > _MOST:
                console.print(Text(f"  and {len(lines) - _MOST} more (-o json lists them)"))


def _head(found: Generation) -> str:
    allowing = sum(not each.is_default for each in found.policies)
    denying = len(found.policies) - allowing
    return (
        f"{count_text(len(found.policies), 'policy', 'policies')} ({found.kind}): {allowing} for workloads, "
        f"{count_text(denying, 'default deny', 'default denies')}"
    )


def _sections(found: Generation) -> Iterator[tuple[str, Sequence[str]]]:
    proof = found.proof
    yield "Refused", proof.refused
    yield "Needed and not accepted", proof.denied
    yield "Opened and not needed", [pair_text(each) for each in proof.opened]
    yield "Could be left out", proof.removable
    yield "Stays open", [pair_text(each) for each in found.overpermission.pairs]
    yield "No policy is made for", [left_text(each) for each in found.left_out]
    yield "Notes", found.notes
