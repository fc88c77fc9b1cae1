"""Findings as SARIF 2.1.0, as code scanning reads it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from firedoor import __version__
from firedoor.model.findings import Finding, Severity
from firedoor.model.places import Gap, GapKind
from firedoor.model.reports import FindingsReport, Rule, Told
from firedoor.render.findings_fingerprint import fingerprint
from firedoor.render.findings_json import fix_yaml
from firedoor.render.json_text import json_text
from firedoor.render.sarif_fixes import COLUMN_KIND, fixes, suppressions
from firedoor.render.sarif_places import ROOT, location
from firedoor.render.sarif_taxonomies import Taxa, relationships, supported, taxa_of, taxonomies
from firedoor.render.words import visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 25_000
"""GitHub refuses a run that has more."""

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
# GitHub makes critical of what is above 9, high of 7 to 8.9, medium of 4 to 6.9, low of 0.1 to 3.9.
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
_URL = re.compile(r"https?://[^\s)>]+")
_GAPS = {
    GapKind.REJECTED: "An object that an API server would refuse",
    GapKind.UNREADABLE: "Text that could not be parsed",
    GapKind.TEMPLATE: "Template syntax that is left in the text",
    GapKind.UNSUPPORTED: "A kind with policy meaning that is not evaluated",
    GapKind.FORBIDDEN: "Something that the API server did not let be read",
    GapKind.DUPLICATE: "An object that is defined twice",
    GapKind.FOREIGN: "A document that is no known Kubernetes object",
    GapKind.INCOMPLETE: "An object that is known only in part",
}
_LEFT_OUT = "results-left-out"


def findings_sarif(report: FindingsReport) -> str:
    """Return one run: rules, results worst first, and what was not understood as notifications."""
    numbers = {rule.id: number for number, rule in enumerate(report.rules)}
    seen: Counter[str] = Counter()
    told = chain(
        (_result(each, report.folder, numbers, seen) for each in report.told),
        (
            {
                **_result(Told(each.finding), report.folder, numbers, seen),
                "suppressions": suppressions(each, report.folder),
            }
            for each in report.suppressed
        ),
    )
    results = list(islice(told, MOST_RESULTS))
    taxa = taxa_of(rule.mappings for rule in report.rules)
    driver: dict[str, object] = {
        "name": "firedoor",
        "version": __version__,
        "rules": [_rule(each, taxa) for each in report.rules],
        "notifications": [
            *({"id": f"gap-{kind.value}", "shortDescription": {"text": text}} for kind, text in _GAPS.items()),
            {"id": _LEFT_OUT, "shortDescription": {"text": "More results than code scanning takes"}},
        ],
    }
    if taxa:
        driver["supportedTaxonomies"] = supported(taxa)
    run = {
        "tool": {"driver": driver},
        **({"taxonomies": taxonomies(taxa)} if taxa else {}),
        "automationDetails": {"id": f"firedoor-{report.name}/"},
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder that firedoor was run in."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": report.exit_code,
                "toolExecutionNotifications": [*_notifications(report)],
            }
        ],
        "columnKind": COLUMN_KIND,
        "results": results,
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule, taxa: Taxa) -> dict[str, object]:
    properties: dict[str, object] = {"tags": list(rule.tags)}
    if rule.severity in _SCORES:
        properties["security-severity"] = _SCORES[rule.severity]
    told: dict[str, object] = {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": _message(rule.title),
        "fullDescription": _message(" ".join(rule.sections["What it finds"].split())),
        "help": {**_message(_plain(rule.sections)), "markdown": _markdown(rule.sections)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": properties,
    }
    page = _URL.search(rule.sections["References"])
    if page is not None:
        told["helpUri"] = page.group()
    related = relationships(rule.mappings, taxa)
    if related:
        told["relationships"] = related
    return told


def _plain(sections: dict[str, str]) -> str:
    return "\n\n".join(f"{heading}\n{text}" for heading, text in sections.items())


def _markdown(sections: dict[str, str]) -> str:
    return "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items())


def _result(told: Told, folder: str, numbers: dict[str, int], seen: Counter[str]) -> dict[str, object]:
    finding = told.finding
    mark = fingerprint(finding)
    seen[mark] += 1
    mark = f"{mark}:{seen[mark]}"
    return {
        "ruleId": finding.check,
        "ruleIndex": numbers[finding.check],
        "level": _LEVELS[finding.severity],
        "message": _message("\n".join(_lines(finding))),
        "locations": [location(finding.source, finding.object, folder)],
        # Code scanning looks at the first name alone; unlike its own hash of the line, this one survives edits.
        "partialFingerprints": {"primaryLocationLineHash": mark, "firedoorFinding/v1": mark},
        "properties": {
            "severity": finding.severity.value,
            "confidence": finding.confidence.value,
            "object": visible(str(finding.object)),
            "remedy": "\n".join(map(visible, fix_yaml(finding.fix).split("\n"))),
            "remedySafe": finding.fix.is_safe,
            **{name: visible(text) for name, text in told.details.items()},
        },
        **({"fixes": fixes(finding.fix.summary, told.edits, folder)} if told.edits else {}),
    }


def _lines(finding: Finding) -> Iterator[str]:
    # The first sentence is all that is shown where there is little room.
    yield f"{visible(finding.message)}."
    if finding.why:
        yield f"Why: {visible(finding.why)}."
    yield from (f"- {visible(each)}" for each in finding.evidence)
    yield f"Remedy: {visible(finding.fix.summary)}."


def _notifications(report: FindingsReport) -> Iterator[dict[str, object]]:
    for gap in report.gaps:
        yield {
            "descriptor": {"id": f"gap-{gap.kind.value}"},
            "level": "warning",
            "message": _message(_gap_text(gap)),
            "locations": [location(gap.source, gap.object, report.folder)],
        }
    left = len(report.told) + len(report.suppressed) - MOST_RESULTS
    if left > 0:
        text = f"{left} results, the mildest ones, are left out: code scanning takes {MOST_RESULTS}."
        yield {"descriptor": {"id": _LEFT_OUT}, "level": "warning", "message": _message(text)}


def _gap_text(gap: Gap) -> str:
    remedy = f"\nRemedy: {visible(gap.remedy)}." if gap.remedy else ""
    return f"{visible(gap.reason)}.{remedy}"


def _message(text: str) -> dict[str, object]:
    # In a message of SARIF braces are placeholders and "[text](target)" is a link.
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")}
