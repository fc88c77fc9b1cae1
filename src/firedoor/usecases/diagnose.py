"""The posture of a cluster: what there is, how far it is protected, and what is wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.pod_security import LATEST, Version
from firedoor.engine.posture import CHECKS, Check, Context, run_checks
from firedoor.engine.reach.cni import detect
from firedoor.engine.reach.inventory import inventory
from firedoor.engine.reach.network import Network
from firedoor.model.exceptions import Review, Rules
from firedoor.model.findings import Finding, Severity
from firedoor.model.inventory import CoverageRow, Inventory
from firedoor.model.places import Gap, ObjectRef
from firedoor.usecases.custom_checks import NO_CHECKS, OwnChecks
from firedoor.usecases.networks import network_of_all
from firedoor.usecases.review import graded, ran_of, sift

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.frameworks import FrameworkId
    from firedoor.model.snapshot import Snapshot


class Diagnosis(msgspec.Struct, frozen=True):
    """
    Inventory, findings (worst first), gaps, and the numbers that sum them up.

    `known` are the positions of those findings that the baseline has, `review` tells what is not among them.
    """

    inventory: Inventory
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    cni: str
    detected_cni: str | None
    server_version: str
    captured_at: str = ""
    """When the cluster was like that (RFC 3339), empty for manifests."""
    known: frozenset[int] = frozenset()
    review: Review = Review()
    ran: frozenset[str] = frozenset()
    """The ids of the checks that were made."""
    checks: tuple[Check, ...] = CHECKS
    """The checks that there are, those of plugins and of the configuration too."""

    @property
    def worst(self) -> Severity | None:
        """The highest severity of the findings that the baseline does not know."""
        return self.new[0].severity if self.new else None

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that the baseline does not know."""
        return tuple(each for number, each in enumerate(self.findings) if number not in self.known)

    def summary(self) -> dict[str, object]:
        """Return the numbers, in the shape of the JSON contract."""
        severities = Counter(str(each.severity) for each in self.findings)
        total = self.inventory.total
        return {
            "findings": len(self.findings),
            "severities": {str(each): severities[str(each)] for each in reversed(Severity)},
            "suppressed": len(self.review.suppressed),
            "known": self.review.known,
            "fixed": len(self.review.fixed),
            "gaps": len(self.gaps),
            "cni": self.cni,
            "detectedCni": self.detected_cni,
            "serverVersion": self.server_version,
            "namespaces": len(self.inventory.coverage),
            "coverage": {
                "pods": total.pods,
                "isolatedBoth": total.both,
                "isolatedIngressOnly": total.ingress_only,
                "isolatedEgressOnly": total.egress_only,
                "isolatedNone": total.none,
                "hostNetwork": total.host,
            },
        }


def diagnose(
    snapshot: Snapshot,
    cni: CniProfile,
    namespace: str = "",
    rules: Rules | None = None,
    pss_version: Version = LATEST,
    framework: FrameworkId | None = None,
    own: OwnChecks = NO_CHECKS,
) -> Diagnosis:
    """
    Return the diagnosis of a snapshot; with `namespace` only what concerns it.

    With `rules` findings are sifted by them and by the exceptions on objects. Pods are
    judged by the Pod Security Standards of `pss_version`; the checks of `own` are made too.
    With `framework` only the checks that are about something in it are made. Raises
    ``NothingInScopeError`` when the snapshot holds nothing that could be judged, or
    nothing of that namespace.
    """
    network = network_of_all(snapshot, cni, namespace)
    found = inventory(network)
    detected = _detected(network, snapshot)
    checks = (*CHECKS, *own.checks)
    ran = ran_of(checks, rules, framework)
    context = Context(snapshot, network, detected, snapshot.origin.server_version, pss_version)
    findings = [graded(each, rules) for each in run_checks(context, [each for each in checks if each.id in ran])]
    findings.sort(key=lambda each: each.sort_key)
    sifted = sift(findings, _itself, snapshot, rules, ran)
    gaps = (*snapshot.gaps, *own.gaps)
    if namespace:
        sifted = sifted.where(lambda each: _concerns(each.object, namespace), lambda each: _concerns(each, namespace))
        gaps = tuple(gap for gap in gaps if gap.object is None or gap.object.namespace in {"", namespace})
        found = _only(found, namespace)
    shown, known, review = sifted.shown(rules)
    origin = snapshot.origin
    about = (cni.name, detected, origin.server_version, origin.captured_at)
    return Diagnosis(found, shown, (*gaps, *sifted.gaps), *about, known, review, ran, checks)


def _only(found: Inventory, namespace: str) -> Inventory:
    """Return what of the inventory is in the namespace, the total counted anew."""
    coverage = tuple(row for row in found.coverage if row.namespace == namespace)
    total = coverage[0] if coverage else CoverageRow(namespace, 0, 0, 0, 0, 0, 0, 0)
    return msgspec.structs.replace(
        found,
        pods=tuple(row for row in found.pods if row.namespace == namespace),
        coverage=coverage,
        total=msgspec.structs.replace(total, namespace=""),
    )


def _itself(finding: Finding) -> Finding:
    return finding


def _concerns(about: ObjectRef, namespace: str) -> bool:
    return about.namespace == namespace or (not about.namespace and about.name in {"", namespace})


def _detected(network: Network, snapshot: Snapshot) -> str | None:
    images = [image for member in network.members for image in member.spec.images]
    names = {(each.kind, each.namespace, each.name) for member in network.members for each in (member.workload,)}
    names |= {(each.kind, each.metadata.namespace, each.metadata.name) for each in snapshot.workloads}
    return detect(images, names)
