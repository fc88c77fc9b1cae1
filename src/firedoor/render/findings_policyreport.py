"""Findings as PolicyReports and ClusterPolicyReports of ``wgpolicyk8s.io/v1alpha2``."""

from __future__ import annotations

from firedoor.model.reports import FindingsReport
from firedoor.render.policy_reports import Dialect, policy_reports

DIALECT = Dialect("wgpolicyk8s.io/v1alpha2", "PolicyReport", "ClusterPolicyReport", has_source=False)
"""The API that the objects are of."""


def findings_policyreport(report: FindingsReport) -> str:
    """Return the objects as YAML documents."""
    return policy_reports(report, DIALECT)
