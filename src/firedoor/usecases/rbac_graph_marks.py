"""Which risks the subjects, bindings and roles of a graph have."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.engine.rbac_risks.risk import ref_of
from firedoor.engine.rbac_risks.subjects import CLUSTER_ADMIN, reference
from firedoor.model.places import ObjectRef
from firedoor.model.rbac_graph import GraphRisk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.model.findings import Severity
    from firedoor.model.rbac_risks import RiskFinding
    from firedoor.usecases.rbac_graph_choice import Bound

_TITLES = {each.id: each.title for each in CATALOGUE}
_ADMIN_BOUND = "cluster-admin-bound"


class Marks:
    """
    The risks of what is shown, as ``firedoor rbac risks`` finds them.

    A permission marks the subject that holds it, and the bindings and roles it has it
    from, as far as they are shown: it is as severe as it is where those grant it.
    """

    def __init__(self, findings: Iterable[RiskFinding], shown: Sequence[Bound]) -> None:
        """Sort findings by what they are about and what they rest on."""
        self._worst: dict[ObjectRef, dict[str, Severity]] = defaultdict(dict)
        bindings = {ref_of(each.binding) for each in shown}
        subjects = {reference(subject) for each in shown for subject in each.subjects}
        admins: dict[tuple[ObjectRef, tuple[str, ...]], RiskFinding] = {}
        for each in findings:
            about = each.finding.object
            if each.finding.check == _ADMIN_BOUND:
                admins[about, each.namespaces] = each
            elif not each.grants:
                self._mark(each, about)
            elif about in subjects:
                for grant in each.grants:
                    if grant.binding in bindings:
                        self._mark(each, about, grant.binding, grant.role, grant.source or grant.role)
        for bound in shown:
            self._mark_admins(bound, admins)

    def of(self, ref: ObjectRef) -> tuple[GraphRisk, ...]:
        """Return the risks of a subject, a binding or a role, worst first."""
        found = (GraphRisk(each, _TITLES[each], severity) for each, severity in self._worst.get(ref, {}).items())
        return tuple(sorted(found, key=lambda each: (-each.severity.rank, each.id)))

    def _mark(self, risk: RiskFinding, *refs: ObjectRef) -> None:
        found = risk.finding
        for ref in refs:
            known = self._worst[ref].get(found.check)
            if known is None or known.rank < found.severity.rank:
                self._worst[ref][found.check] = found.severity

    def _mark_admins(self, bound: Bound, admins: dict[tuple[ObjectRef, tuple[str, ...]], RiskFinding]) -> None:
        """Mark who is bound to cluster-admin, which a finding tells without a grant, as every cluster has the role."""
        if (bound.binding.role.kind, bound.binding.role.name) != (CLUSTER_ROLE, CLUSTER_ADMIN):
            return
        ref = ref_of(bound.binding)
        role = ObjectRef(CLUSTER_ROLE, "", CLUSTER_ADMIN)
        for subject in bound.subjects:
            about = reference(subject)
            self._mark(admins[about, (ref.namespace,) if ref.namespace else ()], about, ref, role)
