"""How much of intents and rules is expressed in policies, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.admission_export import Extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.admission_export import AdmissionExport, Expressed

_WORDS = {
    Extent.EXACT: "exactly, as far as the object itself says it",
    Extent.STRICTER: "more strictly",
    Extent.LOOSER: "more loosely",
    Extent.NONE: "not at all",
}


def admission_export_text(found: AdmissionExport) -> str:
    """Return a paragraph for each intent and rule."""
    lines = [line for each in found.expressed for line in _lines(each)]
    seen_by_none = dict.fromkeys(what for each in found.expressed if each.policies for what in each.unseen)
    lines += [f"None of them sees: {'; '.join(seen_by_none)}."] if seen_by_none else []
    return "".join(f"{line}\n" for line in lines)


def _lines(each: Expressed) -> Iterator[str]:
    where = f", in {', '.join(each.policies)}" if each.policies else ""
    yield _printable(f"{each.name} ({each.kind}): expressed {_WORDS[each.extent]}{where}")
    for what, sentences in (
        ("refuses more", each.stricter),
        ("lets pass", each.looser),
        ("because", () if each.policies else each.unseen),
    ):
        for sentence in sentences:
            yield _printable(f"  {what}: {sentence}")


def _printable(text: str) -> str:
    """Return a text without what a terminal would take for more than text."""
    return "".join(each if each.isprintable() else "?" for each in text)
