"""Tokens in pods whose account may do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.objects.accounts import granted, uses
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext
from firedoor.engine.rbac_risks.subjects import SYSTEM_NAMESPACE
from firedoor.engine.rbac_risks.telling import listed
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    bindings = granted(context)
    for (namespace, name), found in uses(context).items():
        with_token = [each for each in found if each.mounts]
        is_bound = (namespace, name) in bindings or (namespace, "") in bindings
        if with_token and name != "default" and not is_bound:
            names = tuple(f"{each.by.kind} {each.by.name}" for each in with_token)
            about = ObjectRef("ServiceAccount", namespace, name)
            yield RISK.finding(
                about,
                with_token[0].place,
                f"no binding is for {about}, yet its token is in the pods of {listed(names)}",
                tuple(f"{each.place}: {each.by}, {each.reason}" for each in with_token),
                confidence=Confidence.HIGH if context.is_whole else Confidence.LOW,
                is_usual=namespace == SYSTEM_NAMESPACE,
            )


RISK = ObjectRisk(
    id="token-not-needed",
    title="A token for an account that may do nothing",
    mappings=Mappings(
        cis=("5.1.6",),
        nsa=("service-account-tokens",),
        nist_800_207=("3",),
        nist_800_53=("AC-6",),
        mitre=("T1528",),
        pci_dss_4=("7.2.5",),
    ),
    severity=Severity.LOW,
    why="the token still proves who the pod is, to the API server and to all that trust it, and gets whatever "
    "everybody "
    "authenticated gets",
    remedy="set automountServiceAccountToken: false in the pod template, or on the service account",
    run=_run,
)
