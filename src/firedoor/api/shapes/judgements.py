"""Answers on what is wrong, how far something spreads, and how far the cluster is."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import msgspec

from firedoor.api.results import Shape
from firedoor.api.tables import Cell, Table, table
from firedoor.model.connections import PeerEnd
from firedoor.render.assert_json import assert_document
from firedoor.render.assert_words import result_text, violation_text
from firedoor.render.assert_words import summary_text as assert_summary
from firedoor.render.attack_json import attack_paths_document, attack_ranking_document
from firedoor.render.attack_words import change_text, cut_text, found_text, none_text, ranking_text, technique_text
from firedoor.render.blast_json import blast_document, blast_paths_document
from firedoor.render.blast_table import blast_summary
from firedoor.render.exceptions_json import reviewed
from firedoor.render.findings_html import findings_html
from firedoor.render.findings_json import findings_document
from firedoor.render.findings_words import summary_text
from firedoor.render.namespace_map_html import namespace_map_html
from firedoor.render.policies_json import comparison_document, policies_document
from firedoor.render.policies_text import policies_summary
from firedoor.render.score_json import score_document
from firedoor.render.score_words import count_text as measure_text
from firedoor.render.score_words import percent_text, tenet_text, tenet_title, title_of
from firedoor.render.words import count_text, end_text, traffic_text
from firedoor.usecases.reports import diagnosis_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.attack import AttackPaths, Ranking
    from firedoor.model.blast import Blast, BlastPaths
    from firedoor.model.findings import Finding
    from firedoor.model.intents import Verification
    from firedoor.model.namespace_map import DrawnMap
    from firedoor.model.relations import Comparison, Relations
    from firedoor.model.score import Score
    from firedoor.usecases.diagnose import Diagnosis


def findings_table(findings: Iterable[Finding]) -> Table:
    """Return a row for each finding."""
    return table(
        "check severity confidence kind namespace name message why evidence:texts remedy source",
        [
            (
                each.check,
                each.severity.value,
                each.confidence.value,
                each.object.kind,
                each.object.namespace,
                each.object.name,
                each.message,
                each.why,
                each.evidence,
                each.fix.summary,
                each.source,
            )
            for each in findings
        ],
    )


def _diagnosis_document(found: Diagnosis) -> dict[str, object]:
    return reviewed(findings_document(found.findings, found.gaps, found.summary()), found.known, found.review)


DIAGNOSIS: Shape[Diagnosis] = Shape(
    "Diagnosis",
    _diagnosis_document,
    lambda found: findings_table(found.findings),
    lambda found: summary_text(diagnosis_report(found)),
    lambda found: found.gaps,
    page=lambda found: findings_html(diagnosis_report(found)),
)


def _name(each: PeerEnd) -> str:
    return end_text(each)


def _blast_table(found: Blast) -> Table:
    return table(
        "workload kind namespace pods:number one_hop:number two_hops:number all_hops:number all_pods:number "
        "hops:number",
        [
            (
                _name(PeerEnd(each.workload)),
                each.workload.kind,
                each.workload.namespace,
                each.pods,
                each.one_hop.workloads,
                each.two_hops.workloads,
                each.all_hops.workloads,
                each.all_hops.pods,
                each.hops,
            )
            for each in found.rows
        ],
    )


BLAST: Shape[Blast] = Shape("Blast radius", blast_document, _blast_table, blast_summary, lambda found: found.gaps)


def _paths_table(found: BlastPaths) -> Table:
    return table(
        "workload kind namespace hops:number pods:number path:texts",
        [
            (
                _name(PeerEnd(each.workload)),
                each.workload.kind,
                each.workload.namespace,
                each.hops,
                each.pods,
                tuple(f"{hop.source} -> {hop.destination} ({traffic_text(hop.traffic)})" for hop in each.path),
            )
            for each in found.reached
        ],
    )


def _paths_headline(found: BlastPaths) -> str:
    what = "reached from" if found.is_from else "able to reach"
    return f"{count_text(len(found.reached), 'workload')} {what} {found.end}"


BLAST_PATHS: Shape[BlastPaths] = Shape(
    "Blast radius", blast_paths_document, _paths_table, _paths_headline, lambda found: found.gaps
)


def _attack_table(found: AttackPaths) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            number,
            position,
            str(step.source),
            str(step.target),
            technique_text(step),
            step.is_possible,
            tuple(f"{fact.text} ({fact.place})" if fact.place else fact.text for fact in step.evidence),
        )
        for number, path in enumerate(found.paths, 1)
        for position, step in enumerate(path.steps, 1)
    ]
    return table("path:number step:number from to technique possible:flag evidence:texts", rows)


def _attack_notes(found: AttackPaths) -> tuple[str, ...]:
    if found.cut is None:
        return found.notes
    return (cut_text(found), *map(change_text, found.cut.changes or ()), *found.notes)


ATTACK_PATHS: Shape[AttackPaths] = Shape(
    "Attack paths",
    attack_paths_document,
    _attack_table,
    lambda found: found_text(found) if found.paths else none_text(found),
    lambda found: found.gaps,
    _attack_notes,
)


def _ranking_table(found: Ranking) -> Table:
    return table(
        "workload kind namespace from_internet:number to_cluster_admin:number workloads:number pods:number "
        "nodes:number identities:number secret_namespaces:number",
        [
            (
                _name(PeerEnd(each.workload)),
                each.workload.kind,
                each.workload.namespace,
                each.from_internet,
                each.to_admin,
                each.workloads,
                each.pods,
                each.nodes,
                each.identities,
                each.secrets,
            )
            for each in found.rows
        ],
    )


RANKING: Shape[Ranking] = Shape(
    "Ranking",
    attack_ranking_document,
    _ranking_table,
    ranking_text,
    lambda found: found.gaps,
    lambda found: found.notes,
)


def _assert_table(found: Verification) -> Table:
    return table(
        "intent demand result violations:texts problems:texts source",
        [
            (
                each.intent.name,
                each.intent.kind.value,
                result_text(each),
                tuple(violation_text(each, one) for one in each.violations),
                each.problems,
                each.intent.place,
            )
            for each in found.results
        ],
    )


ASSERTIONS: Shape[Verification] = Shape(
    "Intents", assert_document, _assert_table, assert_summary, lambda found: found.gaps
)


def _score_table(found: Score) -> Table:
    rows: list[tuple[Cell, ...]] = []
    scopes = [(each.tenet, "", each.measures) for each in found.tenets]
    scopes += [("", each.namespace, each.measures) for each in found.namespaces]
    for tenet, namespace, measures in scopes:
        for each in measures:
            low, high = each.share.percents if each.share is not None else (None, None)
            rows.append((tenet, namespace, title_of(each.id), low, high, each.met, each.total, measure_text(each)))
    return table("tenet namespace measure low:share high:share met:number total:number counted", rows)


def _score_headline(found: Score) -> str:
    told = [each for each in found.tenets if each.share is not None]
    return "; ".join(f"tenet {each.tenet}: {percent_text(each.share)}" for each in told) or "nothing is measured"


def _score_notes(found: Score) -> tuple[str, ...]:
    return tuple(
        f"{tenet_title(each.tenet)}: {tenet_text(each) if each.measures else each.reason}" for each in found.tenets
    )


SCORE: Shape[Score] = Shape(
    "Score", score_document, _score_table, _score_headline, lambda found: found.gaps, _score_notes
)


def _policies_table(found: Relations) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for each in found.policies:
        status = str(each.contributes.status)
        rows.append((str(each.policy), "", each.tier, each.pods, status, each.removable, each.source))
        rows += (
            (str(each.policy), rule.rule, each.tier, None, str(rule.contributes.status), None, rule.source)
            for rule in each.rules
        )
    return table("policy rule tier pods:number status removable:flag source", rows)


POLICIES: Shape[Relations] = Shape(
    "Policies",
    policies_document,
    _policies_table,
    policies_summary,
    lambda found: found.gaps,
    lambda found: found.notes,
)


def _comparison_table(found: Comparison) -> Table:
    relations = (("both directions", found.relation), ("ingress", found.ingress), ("egress", found.egress))
    return table("direction relation", [(name, str(each)) for name, each in relations])


COMPARISON: Shape[Comparison] = Shape(
    "Comparison",
    comparison_document,
    _comparison_table,
    lambda found: f"{found.first.policy} and {found.second.policy}: {found.relation}",
    lambda found: found.gaps,
    lambda found: found.notes,
)


def _map_table(found: DrawnMap) -> Table:
    return table(
        "source destination pairs:number all_ports:number some_ports:number unknown:number",
        [
            (each.source, each.destination, each.all + each.some + each.unknown, each.all, each.some, each.unknown)
            for each in found.map.edges
        ],
    )


def _map_picture(found: DrawnMap) -> str:
    # A frame without rights: the style of the page stays in it, and nothing in it could run.
    page = escape(namespace_map_html(found))
    frame = 'sandbox title="What connects the namespaces" style="width:100%;height:46rem;border:0"'
    return f'<iframe {frame} srcdoc="{page}"></iframe>\n'


def _map_headline(found: DrawnMap) -> str:
    spaces = count_text(len(found.map.nodes) + found.map.hidden, "namespace")
    return f"{spaces}, {count_text(len(found.map.edges), 'connection')} between those that are shown"


MAP: Shape[DrawnMap] = Shape(
    "Map",
    lambda found: msgspec.to_builtins(found.map),
    _map_table,
    _map_headline,
    lambda found: found.gaps,
    page=namespace_map_html,
    picture=_map_picture,
)
