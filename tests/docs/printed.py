"""Whether a text is what a page says, and the page's lines made anew where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

ELIDED = "..."


def agrees(said: Sequence[str], printed: Sequence[str]) -> bool:
    """Say whether lines are those that are said, where each ``...`` stands for any number of them."""
    parts: list[list[str]] = [[]]
    for line in said:
        if line == ELIDED:
            parts.append([])
        else:
            parts[-1].append(line)
    first, *rest = parts
    if not rest:
        return first == list(printed)
    last = rest.pop()
    if list(printed[: len(first)]) != first or len(first) + len(last) > len(printed):
        return False
    left = list(printed[len(first) : len(printed) - len(last)])
    if list(printed[len(printed) - len(last) :]) != last:
        return False
    for part in rest:
        found = next((at for at in range(len(left) - len(part) + 1) if left[at : at + len(part)] == part), None)
        if found is None:
            return False
        left = left[found + len(part) :]
    return True


def renewed(said: Sequence[str], printed: Sequence[str]) -> list[str]:
    """
    Return the lines that a page should say now.

    What it left out stays out: where lines that are said are still printed, ``...`` keeps its place between them, and
    where all around it changed, as many lines stay before and after it as there were.
    """
    if agrees(said, printed):
        return list(said)
    lines: list[str] = []
    for line in _merged(said, printed):
        if line != ELIDED or lines[-1:] != [ELIDED]:
            lines.append(line)
    return lines


def _merged(said: Sequence[str], printed: Sequence[str]) -> Iterator[str]:
    matcher = SequenceMatcher(None, said, printed, autojunk=False)
    for _, said_from, said_to, from_, to in matcher.get_opcodes():
        old, new = said[said_from:said_to], printed[from_:to]
        if ELIDED not in old:
            yield from new
            continue
        head = old.index(ELIDED)
        tail = list(reversed(old)).index(ELIDED)
        if head + tail >= len(new):
            yield from new
            continue
        yield from new[:head]
        yield ELIDED
        yield from new[len(new) - tail :]
