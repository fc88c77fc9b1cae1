"""Findings as Reports and ClusterReports of ``openreports.io/v1alpha1``."""

from __future__ import annotations

from firedoor.model.reports import FindingsReport
from firedoor.render.policy_reports import Dialect, policy_reports

DIALECT = Dialect("openreports.io/v1alpha1", "Report", "ClusterReport", has_source=True)
"""The API that the objects are of."""


def findings_openreports(report: FindingsReport) -> str:
    """Return the objects as YAML documents."""
    return policy_reports(report, DIALECT)
