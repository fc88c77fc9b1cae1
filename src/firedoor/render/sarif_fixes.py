"""Changes of files as the fixes of SARIF 2.1.0, and exceptions as its suppressions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from firedoor.model.edits import FileEdit
from firedoor.model.exceptions import Carrier, Suppressed
from firedoor.render.sarif_places import artifact, location
from firedoor.render.words import visible

COLUMN_KIND = "utf16CodeUnits"


def fixes(summary: str, edits: Sequence[FileEdit], folder: str) -> list[dict[str, object]]:
    """Return the only fix there is: what to put in place of which lines of which files."""
    changed = [
        {"artifactLocation": artifact(each.path, folder), "replacements": [*_replacements(each)]} for each in edits
    ]
    return [{"description": {"text": visible(summary)}, "artifactChanges": changed}]


def suppressions(each: Suppressed, folder: str) -> list[dict[str, object]]:
    """Return the only suppression there is: the exception that the finding falls under."""
    waiver = each.waiver
    kind = "inSource" if isinstance(waiver.scope, Carrier) else "external"
    place = location(waiver.place, None, folder)
    return [{"kind": kind, "status": "accepted", "justification": visible(waiver.reason), "location": place}]


def _replacements(edit: FileEdit) -> Iterator[dict[str, object]]:
    old, new = _lines(edit.before), _lines(edit.after)
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        # At the end of the file there is no line after it, so what is added or removed goes with the line before.
        back = 1 if end == len(old) and (start == end or first == last) and start and first else 0
        yield _replacement(old, start - back, end, "".join(new[first - back : last]))


def _replacement(old: list[str], start: int, end: int, text: str) -> dict[str, object]:
    region = {"startLine": start + 1, "startColumn": 1, "endLine": end + 1, "endColumn": 1}
    if end == len(old):
        content = old[-1].rstrip("\r\n")
        region |= {"endLine": end, "endColumn": len(content.encode("utf-16-le")) // 2 + 1}
        text = text.removesuffix("\n").removesuffix("\r")
    return {"deletedRegion": region, **({"insertedContent": {"text": text}} if text else {})}


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [last for last in text.split("\n")[-1:] if last]
