"""Answers on who can reach whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.api.results import Shape
from firedoor.api.tables import Cell, Table, table
from firedoor.render.diff_json import diff_document
from firedoor.render.diff_words import summary_text as diff_summary
from firedoor.render.explain_json import explain_document
from firedoor.render.exposure_json import exposure_document
from firedoor.render.exposure_words import chain_text, exposure_summary
from firedoor.render.reach_html import reach_html
from firedoor.render.reach_json import reach_document
from firedoor.render.reach_table import summary_text as reach_summary
from firedoor.render.summary_json import summary_document
from firedoor.render.words import count_text, end_namespace, end_text, range_text, traffic_text

if TYPE_CHECKING:
    from firedoor.algebra.ports import Traffic
    from firedoor.model.connections import Connectivity, PeerEnd
    from firedoor.model.difference import Difference
    from firedoor.model.explanation import Explanation
    from firedoor.model.exposure import ExposureReport
    from firedoor.model.places import Gap
    from firedoor.model.summary import ReachSummary


def _ports(traffic: Traffic) -> str:
    return traffic_text(traffic) if traffic else ""


def _kind(end: PeerEnd) -> str:
    return end.workload.kind if end.workload is not None else "outside"


def _reach_table(found: Connectivity) -> Table:
    return table(
        "source source_kind source_namespace destination destination_kind destination_namespace traffic unknown",
        [
            (
                end_text(each.src),
                _kind(each.src),
                end_namespace(each.src),
                end_text(each.dst),
                _kind(each.dst),
                end_namespace(each.dst),
                _ports(each.traffic),
                _ports(each.unknown),
            )
            for each in found.connections
            if each.traffic or each.unknown
        ],
    )


REACH: Shape[Connectivity] = Shape(
    "Reach",
    reach_document,
    _reach_table,
    reach_summary,
    lambda found: found.gaps,
    lambda found: found.notes,
    page=reach_html,
)


def _explain_table(found: Explanation) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for direction, half in (("egress", found.egress), ("ingress", found.ingress)):
        for role, reasons in (("because", half.because), ("close", half.near_misses)):
            rows += (
                (direction, str(half.verdict), role, each.kind, each.policy, each.rule, each.detail, each.source)
                for each in reasons
            )
    return table("direction verdict role kind policy rule detail source", rows)


def _explain_headline(found: Explanation) -> str:
    what = found.icmp or f"{found.protocol}/{found.port}"
    return f"{found.verdict.upper()} {found.source} -> {found.destination} {what}"


def _explain_notes(found: Explanation) -> tuple[str, ...]:
    pods = tuple(f"{source} -> {destination}: {verdict}" for source, destination, verdict in found.pods)
    change = () if found.flip is None else (f"smallest change that would flip it: {found.flip.summary}",)
    return (*found.notes, *pods, *change)


EXPLAIN: Shape[Explanation] = Shape(
    "Explanation", explain_document, _explain_table, _explain_headline, lambda _found: (), _explain_notes
)


def _summary_table(found: ReachSummary) -> Table:
    pairs, ingress, egress = found.pairs, found.ingress, found.egress
    return table(
        "measure count:number",
        [
            ("pods", found.pods),
            ("workloads", found.workloads),
            ("namespaces", found.namespaces),
            *((f"policies: {kind}", number) for kind, number in found.policies.items()),
            ("pairs of pods", pairs.total),
            ("pairs with all traffic", pairs.all),
            ("pairs with some traffic", pairs.some),
            ("pairs not known", pairs.unknown),
            ("pairs with none", pairs.none),
            *(
                (f"pods {words} ({name})", number)
                for name, side in (("ingress", ingress), ("egress", egress))
                for words, number in (
                    ("that no policy restricts", side.unrestricted),
                    ("open to some of the outside", side.outside_some),
                    ("open to all of the outside", side.outside_all),
                )
            ),
        ],
    )


def _summary_headline(found: ReachSummary) -> str:
    pairs = found.pairs
    open_pairs = pairs.all + pairs.some
    return f"{count_text(found.pods, 'pod')}; {open_pairs:,} of {count_text(pairs.total, 'pair')} may connect"


SUMMARY: Shape[ReachSummary] = Shape(
    "Summary", summary_document, _summary_table, _summary_headline, lambda found: found.gaps
)


def _exposure_table(found: ExposureReport) -> Table:
    exposed: list[tuple[Cell, ...]] = [
        (
            "exposed",
            end_text(each.backend),
            f"{each.protocol} {each.port}",
            str(each.verdict),
            tuple(map(range_text, each.arrival.accepted)),
            str(each.way),
            each.door,
            each.hosts,
            chain_text(each) if each.hops else "",
            "; ".join(each.arrival.because),
        )
        for each in found.exposures
    ]
    openings: list[tuple[Cell, ...]] = [
        (
            "opening",
            f"{each.workload.namespace}/{each.workload.name}",
            _ports(each.traffic) or f"? {_ports(each.unknown)}",
            "accepted" if each.traffic else "unknown",
            (f"{each.pods} of {each.namespaces}",),
            "",
            "",
            (),
            "",
            "; ".join(each.rules),
        )
        for each in found.openings
    ]
    return table(
        "section backend traffic verdict accepted_from:texts way door hosts:texts chain because", [*exposed, *openings]
    )


EXPOSURE: Shape[ExposureReport] = Shape(
    "Exposure",
    exposure_document,
    _exposure_table,
    exposure_summary,
    lambda found: found.gaps,
    lambda found: found.notes,
)


def _diff_table(found: Difference) -> Table:
    connections: list[tuple[Cell, ...]] = [
        (
            str(each.kind),
            end_text(each.src),
            end_text(each.dst),
            _ports(each.old),
            _ports(each.new),
            _ports(each.change.gained),
            _ports(each.change.lost),
        )
        for each in found.connections
    ]
    return table("change source destination old new gained lost", connections)


def _diff_notes(found: Difference) -> tuple[str, ...]:
    return tuple(f"{each.object} was {each.change}" for each in found.policies)


def _diff_gaps(found: Difference) -> tuple[Gap, ...]:
    return (*found.old_gaps, *found.new_gaps)


DIFF: Shape[Difference] = Shape("Difference", diff_document, _diff_table, diff_summary, _diff_gaps, _diff_notes)
