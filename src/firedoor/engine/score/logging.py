"""Logs: how many API servers that are seen write an audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture import CHECKS, run_checks
from firedoor.engine.posture.control_plane import programs
from firedoor.model.score import Measure, MeasureId, Unit

if TYPE_CHECKING:
    from firedoor.engine.posture import Context

_CHECK = "apiserver-audit-off"


def audit_log(context: Context) -> Measure:
    """Return how many API servers, of those whose pods are among what was read, write an audit log."""
    servers = list(programs(context.crews, "kube-apiserver"))
    if not servers:
        return Measure(MeasureId.AUDIT_LOG, reason="no pod of an API server was seen")
    silent = {each.object: each for each in run_checks(context, [each for each in CHECKS if each.id == _CHECK])}
    units = []
    for server in servers:
        finding = silent.get(server.workload)
        what = "" if finding is None else finding.message
        checks = () if finding is None else (_CHECK,)
        namespace = server.workload.namespace
        units.append(Unit(namespace, server.workload, 1, int(finding is None), 0, what, checks, server.crew.source))
    return Measure(MeasureId.AUDIT_LOG, tuple(units))
