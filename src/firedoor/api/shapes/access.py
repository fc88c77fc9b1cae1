"""Answers on who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.api.results import Shape
from firedoor.api.shapes.judgements import findings_table
from firedoor.api.tables import Cell, Column, ColumnKind, Table, table
from firedoor.render.rbac_json import can_document, show_document, who_can_document
from firedoor.render.rbac_risks_json import rbac_risks_document
from firedoor.render.rbac_risks_text import summary_text as risks_summary
from firedoor.render.rbac_table import holders_summary, matrix_summary
from firedoor.render.rbac_words import request_text, rule_name, rule_place, rule_text, target_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.access import Grant
    from firedoor.model.access_answers import AccessAnswer, AccessHolders, AccessMatrix
    from firedoor.model.rbac_risks import RiskReport

_MASTER = "members of system:masters may do everything, whatever roles say"


def _grants(grants: Sequence[Grant]) -> list[tuple[Cell, ...]]:
    return [
        (
            each.namespace,
            str(each.binding),
            str(each.role),
            rule_name(each),
            rule_text(each.rule),
            rule_place(each),
        )
        for each in grants
    ]


def _can_headline(found: AccessAnswer) -> str:
    asked = request_text(found.request, is_everywhere=found.is_everywhere)
    return f"{found.verdict.upper()} {found.user.name}: {asked}"


def _can_notes(found: AccessAnswer) -> tuple[str, ...]:
    elsewhere = (f"permitted in single namespaces: {', '.join(found.elsewhere)}",) if found.elsewhere else ()
    return (*((_MASTER,) if found.is_master else ()), *elsewhere, *found.notes)


CAN: Shape[AccessAnswer] = Shape(
    "Access",
    can_document,
    lambda found: table("where binding role rule permits source", _grants(found.because)),
    _can_headline,
    lambda found: found.unsure,
    _can_notes,
)


def _holders_table(found: AccessHolders) -> Table:
    rows: list[tuple[Cell, ...]] = []
    nothing: list[tuple[Cell, ...]] = [("",) * 6]
    for holder in found.holders:
        who = (holder.subject.kind, holder.subject.namespace, holder.subject.name)
        group = holder.by_group.name if holder.by_group is not None else ""
        rows += (("direct", *who, group, "", *via) for via in _grants(holder.via) or nothing)
    for doubt in found.doubts:
        who = (doubt.subject.kind, doubt.subject.namespace, doubt.subject.name)
        rows.append(("not known", *who, "", "", *nothing[0]))
    for way in found.ways or ():
        who = (way.subject.kind, way.subject.namespace, way.subject.name)
        how = f"{way.technique}: {target_text(way.target)}"
        rows += (("indirect", *who, "", how, *via) for via in _grants(way.via) or nothing)
    return table("section kind namespace name by_group technique where binding role rule permits source", rows)


WHO_CAN: Shape[AccessHolders] = Shape(
    "Who can",
    who_can_document,
    _holders_table,
    holders_summary,
    lambda found: found.gaps,
    lambda found: found.notes,
)


def _matrix_table(found: AccessMatrix) -> Table:
    return table(
        "section where group resource names:texts verbs:texts bindings:texts",
        [
            (
                section,
                each.namespace,
                each.group,
                each.target,
                each.names,
                each.verbs,
                tuple(dict.fromkeys(str(one.binding) for one in each.via)),
            )
            for section, rows in (("resource", found.resources), ("url", found.urls))
            for each in rows
        ],
    )


SHOW: Shape[AccessMatrix] = Shape(
    "Permissions",
    show_document,
    _matrix_table,
    matrix_summary,
    lambda found: found.gaps,
    lambda found: found.notes,
)


def _risks_table(found: RiskReport) -> Table:
    plain = findings_table(each.finding for each in found.findings)
    more = (Column("technique"), Column("scope"), Column("namespaces", ColumnKind.TEXTS))
    rows = zip(plain.rows, found.findings, strict=True)
    return Table(
        (*plain.columns, *more), tuple((*row, each.technique, each.scope, each.namespaces) for row, each in rows)
    )


RISKS: Shape[RiskReport] = Shape(
    "Dangerous permissions", rbac_risks_document, _risks_table, risks_summary, lambda found: found.gaps
)
