"""Who may do something, and all that somebody may do, as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from firedoor.model.access_answers import AccessHolder, AccessHolders, AccessMatrix, AccessRow
from firedoor.model.places import Gap
from firedoor.render.columns import print_columns
from firedoor.render.rbac_words import (
    count_text,
    dotted,
    gap_text,
    request_text,
    subject_text,
    target_text,
    through,
)
from firedoor.render.words import visible

_VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
_EVERYWHERE = "everywhere"
_RESOURCE = ("WHERE", "RESOURCE", "NAMES")
_URL = ("URL",)
_URL_VERBS = ("get", "head", "post", "put", "patch", "delete", "options")


def print_holders(found: AccessHolders, console: Console) -> None:
    """Print who may do it and through what, who possibly may, who can make itself able, and one line of counts."""
    rows: list[list[str | Text]] = [row for each in found.holders for row in _holder(each)]
    print_columns(console, ("SUBJECT", "WHERE", "THROUGH"), rows)
    console.print()
    if found.doubts:
        _line(console, "Not known of:")
        for doubt in found.doubts:
            for gap in doubt.unsure:
                _line(console, f"  {subject_text(doubt.subject)}: {gap_text(gap)}")
        console.print()
    if found.ways:
        ways: list[list[str | Text]] = [
            [name, technique, target, f"{where or _EVERYWHERE}: {text}"]
            for way in found.ways
            for name, technique, target, (where, text) in _first_named(
                (subject_text(way.subject), way.technique, target_text(way.target)), through(way.via)
            )
        ]
        print_columns(console, ("CAN MAKE ITSELF ABLE", "BY", "AT", "THROUGH"), ways)
        console.print()
    _end(console, found.notes, found.gaps)
    _line(console, holders_summary(found))


def holders_summary(found: AccessHolders) -> str:
    """Return what was asked, how many may do it or can make themselves able, and how many gaps there are."""
    asked = request_text(found.request, is_everywhere=False) + (" somewhere" if found.is_everywhere else "")
    parts = [f"{count_text(len({each.subject for each in found.holders}), 'subject')} may {asked}"]
    if found.doubts:
        parts.append(f"of {len(found.doubts)} it is not known")
    if found.ways is not None:
        parts.append(f"{len({each.subject for each in found.ways})} can make themselves able")
    return "; ".join((*parts, count_text(len(found.gaps), "gap")))


def print_matrix(found: AccessMatrix, console: Console) -> None:
    """Print resources by verbs, URLs by verbs, the bindings that give all this, and one line of counts."""
    if found.is_master:
        _line(console, "Members of system:masters may do everything, whatever roles say.")
        console.print()
    _matrix(console, found.resources, _VERBS, _RESOURCE)
    _matrix(console, found.urls, _URL_VERBS, _URL)
    bindings = dict.fromkeys(
        f"{each.binding} ({each.binding_place}) gives {each.role} to {subject_text(each.subject)}"
        for row in (*found.resources, *found.urls)
        for each in row.via
    )
    for text in bindings:
        _line(console, text)
    _end(console, found.notes, found.gaps)
    _line(console, matrix_summary(found))


def matrix_summary(found: AccessMatrix) -> str:
    """Return whom it is about, how many resources and URLs are in it, and how many gaps there are."""
    where = f"in namespace {found.namespace} and everywhere" if found.namespace else "in all namespaces"
    parts = (
        f"{found.user.name} ({', '.join(found.user.groups)}) {where}: {count_text(len(found.resources), 'row')}",
        count_text(len(found.urls), "URL"),
        count_text(len(found.gaps), "gap"),
    )
    return "; ".join(parts)


def _holder(holder: AccessHolder) -> Iterator[list[str | Text]]:
    group = f"by {subject_text(holder.by_group)}: " if holder.by_group is not None else ""
    if not holder.via:
        yield [subject_text(holder.subject), _EVERYWHERE, f"{group}may do everything, whatever roles say"]
    for number, (where, text) in enumerate(through(holder.via)):
        yield [subject_text(holder.subject) if not number else "", where or _EVERYWHERE, f"{group}{text}"]


def _first_named(
    names: tuple[str, str, str], parts: Iterable[tuple[str, str]]
) -> Iterator[tuple[str, str, str, tuple[str, str]]]:
    for number, part in enumerate(parts):
        yield (*(names if not number else ("", "", "")), part)


def _matrix(console: Console, rows: Sequence[AccessRow], usual: tuple[str, ...], titles: tuple[str, ...]) -> None:
    if not rows:
        return
    shown = [each for each in usual if any(each in row.verbs or "*" in row.verbs for row in rows)]
    others = any(set(row.verbs).difference(usual) for row in rows)
    heads = (*titles, *(each.upper() for each in shown), *(["OTHERS"] if others else []))
    cells: list[list[str | Text]] = [
        [
            *(
                (row.target,)
                if titles == _URL
                else (row.namespace or _EVERYWHERE, dotted(row.target, row.group), _names(row))
            ),
            *(_mark(row, each) for each in shown),
            *([_others(row, usual)] if others else []),
        ]
        for row in rows
    ]
    print_columns(console, heads, cells)
    console.print()


def _names(row: AccessRow) -> str:
    return ", ".join(row.names) or "all"


def _mark(row: AccessRow, verb: str) -> Text:
    return Text("yes", style="green") if verb in row.verbs or "*" in row.verbs else Text("-", style="dim")


def _others(row: AccessRow, usual: tuple[str, ...]) -> Text:
    if "*" in row.verbs:
        return Text("every verb", style="red")
    return Text(", ".join(each for each in row.verbs if each not in usual), style="yellow")


def _end(console: Console, notes: Iterable[str], gaps: Iterable[Gap]) -> None:
    for note in notes:
        _line(console, f"note: {note}")
    for gap in gaps:
        _line(console, f"not known: {gap_text(gap)}")


def _line(console: Console, text: str) -> None:
    console.print(Text(visible(text)), soft_wrap=True)
