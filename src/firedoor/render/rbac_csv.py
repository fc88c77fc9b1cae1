"""Who may do something, and all that somebody may do, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from firedoor.model.access import Grant
from firedoor.model.access_answers import AccessHolders, AccessMatrix, AccessRow
from firedoor.model.rbac import Subject
from firedoor.render.rbac_words import gap_text, rule_name, rule_place, target_text
from firedoor.render.words import visible

_FORMULA = ("=", "+", "-", "@")
_VIA = ("where", "binding", "role", "rule", "source")
_HOLDERS = ("section", "kind", "namespace", "name", "by_group", "technique", "target", *_VIA, "not_known")
_MATRIX = ("section", "where", "group", "resource", "names", "verbs", "bindings")


def holders_csv(found: AccessHolders) -> str:
    """Return a row for each subject and rule, by sections: direct, unsure, indirect; no cell can start a formula."""
    return _csv(_HOLDERS, _holder_rows(found))


def matrix_csv(found: AccessMatrix) -> str:
    """Return a row for each resource and URL; no cell can start a formula."""
    rows = [("resource", *_row(each)) for each in found.resources]
    return _csv(_MATRIX, (*rows, *(("url", *_row(each)) for each in found.urls)))


def _holder_rows(found: AccessHolders) -> Iterator[Sequence[str]]:
    for holder in found.holders:
        group = holder.by_group.name if holder.by_group is not None else ""
        for via in _via(holder.via):
            yield ("direct", *_subject(holder.subject), group, "", "", *via, "")
    for doubt in found.doubts:
        for gap in doubt.unsure:
            yield ("unsure", *_subject(doubt.subject), *[""] * 8, gap_text(gap))
    for way in found.ways or ():
        for via in _via(way.via):
            yield ("indirect", *_subject(way.subject), "", way.technique, target_text(way.target), *via, "")


def _via(grants: Sequence[Grant]) -> Iterator[Sequence[str]]:
    if not grants:
        yield [""] * len(_VIA)
    for each in grants:
        yield each.namespace, str(each.binding), str(each.role), rule_name(each), rule_place(each)


def _subject(subject: Subject) -> tuple[str, str, str]:
    return subject.kind, subject.namespace, subject.name


def _row(row: AccessRow) -> Sequence[str]:
    bindings = ", ".join(dict.fromkeys(str(each.binding) for each in row.via))
    return row.namespace, row.group, row.target, " ".join(row.names), " ".join(row.verbs), bindings


def _csv(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([[_inert(visible(cell)) for cell in row] for row in rows])
    return out.getvalue()


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
