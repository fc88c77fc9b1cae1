"""What `firedoor diagnose` and `firedoor rbac risks` find, as reports of one shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.model.reports import FindingsReport, Rule, Told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.posture import Check
    from firedoor.engine.rbac_risks.risk import Risk
    from firedoor.model.edits import FileEdit
    from firedoor.model.findings import Finding
    from firedoor.model.namespace_map import NamespaceMap
    from firedoor.model.rbac_risks import RiskFinding, RiskReport
    from firedoor.usecases.diagnose import Diagnosis


def diagnosis_report(
    diagnosis: Diagnosis,
    *,
    exit_code: int = 0,
    folder: str = "",
    edits: Sequence[tuple[FileEdit, ...]] = (),
    show_ignored: bool = False,
    drawn: NamespaceMap | None = None,
) -> FindingsReport:
    """Return a diagnosis as a report; `edits` are what would fix its findings, for as many as are known."""
    known = dict(enumerate(edits))
    return FindingsReport(
        "diagnose",
        "What is wrong with the network of a cluster",
        "Network policies",
        tuple(_of_check(each) for each in diagnosis.checks if each.id in diagnosis.ran),
        tuple(Told(each, _pss(each), known.get(number, ())) for number, each in enumerate(diagnosis.findings)),
        diagnosis.gaps,
        diagnosis.inventory.coverage,
        diagnosis.captured_at,
        exit_code,
        folder,
        diagnosis.review.suppressed if show_ignored else (),
        drawn,
    )


def risks_report(
    found: RiskReport, *, exit_code: int = 0, folder: str = "", show_ignored: bool = False
) -> FindingsReport:
    """Return dangerous permissions as a report."""
    return FindingsReport(
        "rbac-risks",
        "Dangerous permissions of a cluster",
        "RBAC",
        tuple(_of_risk(each) for each in CATALOGUE if each.id in found.ran),
        tuple(Told(each.finding, _details(each)) for each in found.findings),
        found.gaps,
        captured_at=found.captured_at,
        exit_code=exit_code,
        folder=folder,
        suppressed=found.review.suppressed if show_ignored else (),
    )


def _of_check(check: Check) -> Rule:
    tags = ("security", "kubernetes", "network-policy")
    return Rule(check.id, check.title, check.severity, check.sections, tags, check.mappings)


def _of_risk(risk: Risk) -> Rule:
    sections = {
        "What it finds": f"{risk.title}.",
        "Why it matters": f"{risk.why}.",
        "Remedy": f"{risk.remedy}.",
        "References": f"https://attack.mitre.org/techniques/{risk.technique.replace('.', '/')}/",
    }
    tags = ("security", "kubernetes", "rbac", risk.technique)
    return Rule(risk.id, risk.title, risk.severity, sections, tags, risk.mappings)


def _pss(each: Finding) -> dict[str, str]:
    """Return the control of the Pod Security Standards that a finding is about."""
    return {} if each.pss is None else {"pss level": each.pss.level, "pss control": each.pss.control}


def _details(each: RiskFinding) -> dict[str, str]:
    """Return what is known of a permission in words; what is empty is left out."""
    told = {
        "technique": each.technique,
        "scope": each.scope,
        "namespaces": " ".join(each.namespaces),
        "names": " ".join(each.names),
        "usual": "yes" if each.is_usual else "",
        "bindings": "; ".join(dict.fromkeys(str(grant.binding) for grant in each.grants)),
        "roles": "; ".join(dict.fromkeys(str(grant.role) for grant in each.grants)),
    }
    return {name: text for name, text in told.items() if text}
