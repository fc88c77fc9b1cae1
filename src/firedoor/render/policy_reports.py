"""Findings as the report objects of a cluster, one for each namespace and one for what is in none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain

import msgspec

from firedoor.model.places import Gap, ObjectRef
from firedoor.model.reports import FindingsReport, Told
from firedoor.render.words import visible
from firedoor.render.yaml_text import yaml_text

MOST_BYTES = 200_000
"""Of one object as JSON: `kubectl apply` keeps the whole object in an annotation, which holds 262,144 bytes."""

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_NO_OBJECT = "Cluster"
"""The kind that findings about a cluster as a whole carry; there is no such object."""
_SUMMARY = ("pass", "fail", "warn", "error", "skip")

Entry = dict[str, object]


class Dialect(msgspec.Struct, frozen=True):
    """The API that the objects are of; `has_source` says whether reports name who made them."""

    api_version: str
    kind: str
    cluster_kind: str
    has_source: bool


def policy_reports(report: FindingsReport, dialect: Dialect) -> str:
    """Return the objects as YAML documents."""
    return "---\n".join(map(yaml_text, report_objects(report, dialect)))


def report_objects(report: FindingsReport, dialect: Dialect) -> Iterator[Entry]:
    """
    Yield the objects.

    There is one for each namespace that was judged, even without findings, so that applying
    them replaces what was found before; what does not fit one is in further ones.
    """
    entries: dict[str, list[Entry]] = {"": []}
    entries |= {row.namespace: [] for row in report.coverage if _namespace(row.namespace)}
    when = _timestamp(report.captured_at)
    for namespace, entry in chain(_results(report, when), _errors(report, when)):
        entries.setdefault(namespace, []).append(entry)
    for namespace, of in sorted(entries.items()):
        for number, part in enumerate(_parts(of), start=1):
            yield _document(report, dialect, namespace, number, part)


def _document(report: FindingsReport, dialect: Dialect, namespace: str, number: int, results: list[Entry]) -> Entry:
    name = f"firedoor-{report.name}{f'-{number}' if number > 1 else ''}"
    metadata: Entry = {"name": name, "labels": {"app.kubernetes.io/managed-by": "firedoor"}}
    found: Entry = {
        "apiVersion": dialect.api_version,
        "kind": dialect.kind if namespace else dialect.cluster_kind,
        "metadata": metadata,
    }
    if dialect.has_source:
        found["source"] = "firedoor"
    if namespace:
        metadata["namespace"] = namespace
        found["scope"] = {"apiVersion": "v1", "kind": "Namespace", "name": namespace}
    found["summary"] = {each: sum(one["result"] == each for one in results) for each in _SUMMARY}
    found["results"] = results
    return found


def _results(report: FindingsReport, when: Entry | None) -> Iterator[tuple[str, Entry]]:
    for each in report.told:
        finding = each.finding
        entry: Entry = {
            "source": "firedoor",
            "policy": finding.check,
            "category": report.category,
            "severity": finding.severity.value,
            "result": "fail",
            **_about(finding.object, when),
            "message": visible(finding.message),
            "properties": _properties(each),
        }
        yield _namespace(finding.object.namespace), entry


def _errors(report: FindingsReport, when: Entry | None) -> Iterator[tuple[str, Entry]]:
    """Yield what could not be understood: there the checks could not look."""
    for gap in report.gaps:
        entry: Entry = {
            "source": "firedoor",
            "policy": f"gap-{gap.kind.value}",
            "category": report.category,
            "result": "error",
            **_about(gap.object, when),
            "message": visible(gap.reason),
            "properties": _told({"place": gap.source, "remedy": gap.remedy}),
        }
        yield _namespace_of(gap), entry


def _about(about: ObjectRef | None, when: Entry | None) -> Entry:
    told: Entry = {"timestamp": dict(when)} if when is not None else {}
    if about is not None and about.kind != _NO_OBJECT:
        reference = {"kind": about.kind, "namespace": about.namespace, "name": about.name}
        told["resources"] = [{name: visible(text) for name, text in reference.items() if text}]
    return told


def _properties(told: Told) -> dict[str, str]:
    finding = told.finding
    return _told(
        {
            "confidence": finding.confidence.value,
            "place": finding.source,
            "why": finding.why,
            "evidence": "; ".join(finding.evidence),
            "remedy": finding.fix.summary,
            **told.details,
        }
    )


def _told(properties: dict[str, str]) -> dict[str, str]:
    return {name: visible(text) for name, text in properties.items() if text}


def _namespace_of(gap: Gap) -> str:
    return _namespace(gap.object.namespace) if gap.object is not None else ""


def _namespace(name: str) -> str:
    """Return the namespace if an API server can have one of that name, else an empty text."""
    return name if _NAMESPACE.fullmatch(name) else ""


def _parts(results: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the results in lists that are small enough for one object; one that is empty if there are none."""
    part: list[Entry] = []
    room = MOST_BYTES
    for each in results:
        size = len(msgspec.json.encode(each)) + 1
        if part and size > room:
            yield part
            part, room = [], MOST_BYTES
        part.append(each)
        room -= size
    yield part


def _timestamp(captured_at: str) -> Entry | None:
    """Return RFC 3339 as ``metav1.Timestamp``, None where it is no time."""
    try:
        when = datetime.fromisoformat(captured_at)
    except ValueError:
        return None
    return {"seconds": int(when.timestamp()), "nanos": when.microsecond * 1000} if when.tzinfo is not None else None
