"""What is dangerous in the roles and bindings of a cluster."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from firedoor.model.access import Grant
from firedoor.model.exceptions import Review
from firedoor.model.findings import Finding, Severity
from firedoor.model.places import Gap

CLUSTER = "cluster"
SYSTEM = "kube-system"
NAMESPACE = "namespace"


class RiskFinding(Struct, frozen=True, gc=False):
    """
    A finding about RBAC, with what it rests on.

    `finding.check` is the id of the risk, `finding.object` the subject that holds it or
    the object that has it. `technique` is an id of MITRE ATT&CK. `scope` says where the
    permission holds: ``cluster``, ``kube-system``, ``namespace``, or empty where the
    finding is about no permission; `namespaces` are those of the last two. `names` are the
    only objects that it holds for, empty for all. `is_usual` tells what Kubernetes itself,
    its installer or its vendor sets up.
    """

    finding: Finding
    technique: str
    scope: str = ""
    namespaces: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    is_usual: bool = False

    def concerns(self, namespace: str) -> bool:
        """Return whether it is about an object of a namespace, or a permission that is granted there."""
        return namespace in {self.finding.object.namespace, *self.namespaces}


class RiskReport(Struct, frozen=True, gc=False):
    """
    The findings that were asked for, worst first, and how many were left out.

    `usual` counts those that come with Kubernetes and are not among the findings,
    `milder` those below the severity that was asked for. `server_version` and `captured_at`
    (RFC 3339) are empty where they are not known. `known` are the positions of those findings
    that the baseline has, `review` tells what exceptions and baseline left out, `ran` are
    the ids of the risks that were looked for.
    """

    findings: tuple[RiskFinding, ...]
    usual: int
    milder: int
    gaps: tuple[Gap, ...]
    server_version: str
    captured_at: str = ""
    known: frozenset[int] = frozenset()
    review: Review = Review()
    ran: frozenset[str] = frozenset()

    @property
    def worst(self) -> Severity | None:
        """The highest severity of the findings that the baseline does not know."""
        new = (each for number, each in enumerate(self.findings) if number not in self.known)
        return next((each.finding.severity for each in new), None)

    @property
    def severities(self) -> dict[str, int]:
        """How many findings there are of each severity, worst first."""
        counts = Counter(each.finding.severity for each in self.findings)
        return {each.value: counts[each] for each in reversed(Severity)}
