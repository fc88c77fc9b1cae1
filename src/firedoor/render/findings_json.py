"""Findings as the JSON contract ``firedoor/findings/v1``, and fixes as YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from firedoor.engine.posture.fingerprints import fingerprint
from firedoor.model.findings import Finding, Fix
from firedoor.model.places import Gap
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import object_document
from firedoor.render.yaml_text import yaml_text

SCHEMA = "firedoor/findings/v1"


def findings_document(
    findings: Iterable[Finding], gaps: Iterable[Gap], summary: Mapping[str, object]
) -> dict[str, object]:
    """Return the document, findings worst first."""
    return {
        "schema": SCHEMA,
        "findings": [_finding(each) for each in sorted(findings, key=lambda each: each.sort_key)],
        "gaps": [gap_document(gap) for gap in gaps],
        "summary": dict(summary),
    }


def findings_json(findings: Iterable[Finding], gaps: Iterable[Gap], summary: Mapping[str, object]) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(findings_document(findings, gaps, summary))


def fix_yaml(fix: Fix) -> str:
    """Return the summary as comment lines, then the manifests as YAML documents."""
    header = "".join(f"# {line}".rstrip() + "\n" for line in fix.summary.splitlines())
    return header + "---\n".join(map(yaml_text, fix.manifests))


def _finding(finding: Finding) -> dict[str, object]:
    mark = finding.pss
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "object": object_document(finding.object),
        "source": finding.source,
        "message": finding.message,
        "why": finding.why,
        "evidence": list(finding.evidence),
        "fix": fix_yaml(finding.fix),
        "fixSafe": finding.fix.is_safe,
        "fingerprint": fingerprint(finding),
        "mappings": finding.mappings.document,
        **({"pss": {"level": mark.level, "control": mark.control}} if mark is not None else {}),
    }


def gap_document(gap: Gap) -> dict[str, object]:
    """Return what could not be understood."""
    return {
        "source": gap.source,
        "reason": gap.reason,
        "object": object_document(gap.object),
        "kind": gap.kind.value,
        "remedy": gap.remedy,
    }
