"""
ALLOW policies of Istio with a rule that asks for nothing.

What it finds
-------------
AuthorizationPolicies with action ALLOW and a rule without `from`, `to` and `when`.
Those that are only tried out are left out.

Why it matters
--------------
Such a rule matches every request: other ALLOW policies of the workload have no effect.

Example
-------
`rules: [{}]`.

Remedy
------
Say who may do what, or remove the policy; with no policy at all everything is allowed
too.

References
----------
https://istio.io/latest/docs/reference/config/security/authorization-policy/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.istio import Action as IstioAction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for policy in context.written.typed.authorizations:
        if policy.action is not IstioAction.ALLOW or policy.is_dry_run:
            continue
        for rule in policy.rules or ():
            if not (rule.sources or rule.operations or rule.conditions or rule.unsure):
                yield CHECK.finding(
                    policy.ref,
                    policy.place.at(rule.path),
                    f"{rule.path} of {policy.ref} allows every request",
                    (f"{policy.place.at(rule.path)}: no from, no to, no when",),
                    Fix("say in the rule who may do what, or remove the policy"),
                )


CHECK = Check(
    id="istio-allow-everything",
    title="Authorization policies that allow every request",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="other policies that allow less have no effect on its workloads",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("service-meshes",),
        nist_800_207=("3", "6"),
        nist_800_53=("AC-3", "AC-4"),
        mitre=("T1046",),
        pci_dss_4=("1.3.1",),
    ),
    run=_run,
)
