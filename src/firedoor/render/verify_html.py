"""What was seen as one HTML file that works offline, runs no script, and asks no other host for anything."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Judgement, Seen
from firedoor.render.html_page import html_page
from firedoor.render.verify_words import (
    JUDGEMENTS,
    NOT_PROBED,
    SIGNS,
    fit_lines,
    goal_texts,
    intent_lines,
    matrix,
    probe_text,
    report_summary,
    seen_text,
)
from firedoor.render.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.model.verification import CheckedProbe, VerifyReport

_TITLE = "Whether the network does what its policies say"
_ORDER = (Judgement.DIFFERS, Judgement.UNCHECKED, Judgement.UNKNOWN, Judgement.LATE, Judgement.AGREES)


def verify_html(report: VerifyReport) -> str:
    """Return the page: the truth table, the causes, who reaches whom, and every connection."""
    body = [
        _truth(report),
        _causes(report),
        _list("Intents", intent_lines(report)),
        _matrix(report),
        _probes(report),
        _list("Pods that could not be used", [f"{site}: {reason}" for site, reason in report.unusable]),
        _list("What was left behind", [report.left_behind] if report.left_behind else []),
        _list("What this is based on", _basis(report)),
    ]
    markup = {
        "TITLE": escape(_TITLE),
        "SUMMARY": _text(report_summary(report)),
        "BODY": "\n".join(filter(None, body)),
    }
    return html_page("verify.html", ("reach.css", "verify.css"), (), None, markup)


def _text(text: str) -> str:
    return escape(visible(text))


def _table(titles: Sequence[str], rows: Iterable[str]) -> str:
    head = "".join(f"<th>{_text(title)}</th>" for title in titles)
    table = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="wide"><table class="plain">{table}</table></div>'


def _list(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<h2>{_text(title)}</h2><ul>{''.join(f'<li>{_text(line)}</li>' for line in lines)}</ul>"


def _basis(report: VerifyReport) -> list[str]:
    plan = report.plan
    gaps = [f"not understood: {gap.source}: {gap.reason}" for gap in plan.gaps]
    return [NOT_PROBED, f"CNI profile {plan.cni}", *plan.notes, *gaps]


def _truth(report: VerifyReport) -> str:
    wrong = {(Verdict.ACCEPTED, Seen.BLOCKED), (Verdict.DENIED, Seen.CONNECTED)}
    rows = []
    for verdict, counts in report.truth.items():
        cells = "".join(
            f'<td class="number{" differs" if count and (verdict, seen) in wrong else ""}">{count}</td>'
            for seen, count in counts.items()
        )
        rows.append(f"<tr><th>{verdict}</th>{cells}</tr>")
    return "<h2>Expected and seen</h2>" + _table(("expected", *Seen), rows)


def _causes(report: VerifyReport) -> str:
    if not report.fits:
        return ""
    items = [
        f"<li><strong>{_text(each.title)}</strong>"
        f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in (*each.evidence, f'what to do: {each.remedy}'))}</ul></li>"
        for each in report.causes
    ]
    told = f'<ol class="causes">{"".join(items)}</ol>' if items else "<p>None that is known fits all that was seen.</p>"
    return f"<h2>Likely causes, the likeliest first</h2>{told}" + _list(
        "Outcomes that each CNI profile predicts", fit_lines(report)
    )


def _matrix(report: VerifyReport) -> str:
    found = matrix(report)
    if found is None:
        return ""
    names, cells = found
    rows = []
    for number, (name, row) in enumerate(zip(names, cells, strict=True), 1):
        marks = "".join(f'<td class="cell{" differs" if "!" in cell else ""}">{_text(cell)}</td>' for cell in row)
        rows.append(f"<tr><th>{number}</th><th>{escape(name)}</th>{marks}</tr>")
    numbers = [str(number) for number in range(1, len(names) + 1)]
    return f"<h2>From each pod (down) to each other</h2>{_table(('', '', *numbers), rows)}<p>{_text(SIGNS)}</p>"


def _probes(report: VerifyReport) -> str:
    ordered = sorted(report.checked, key=lambda each: _ORDER.index(each.judgement))
    return "<h2>All connections</h2>" + _table(
        ("result", "connection", "expected and seen", "to show"), (_row(report, each) for each in ordered)
    )


def _row(report: VerifyReport, each: CheckedProbe) -> str:
    mark = ' class="differs"' if each.judgement is Judgement.DIFFERS else ""
    goals = "<br>".join(escape(text) for text in goal_texts(report.plan, each.planned.goals))
    connection = escape(probe_text(report.plan, each.planned))
    return (
        f"<tr><td{mark}>{JUDGEMENTS[each.judgement]}</td><td>{connection}</td>"
        f"<td>{escape(seen_text(each))}</td><td>{goals}</td></tr>"
    )
