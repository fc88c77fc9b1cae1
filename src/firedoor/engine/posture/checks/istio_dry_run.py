"""
Istio policies that are not enforced.

What it finds
-------------
AuthorizationPolicies with the annotation `istio.io/dry-run: "true"`.

Why it matters
--------------
The policy looks like any other, and only writes into the log of the proxy what it would
have done.

Example
-------
A policy that was meant to be enforced after a week.

Remedy
------
Remove the annotation when the log is as expected.

References
----------
https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.istio import DRY_RUN_ANNOTATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for policy in context.written.typed.authorizations:
        if policy.is_dry_run:
            yield CHECK.finding(
                policy.ref,
                str(policy.place),
                f"{policy.ref} is only tried out: its action {policy.action} is not enforced",
                (f"annotation {DRY_RUN_ANNOTATION} is true",),
                Fix(f"remove the annotation {DRY_RUN_ANNOTATION} to enforce it, or delete the policy"),
            )


CHECK = Check(
    id="istio-dry-run",
    title="Authorization policies that are only tried out",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it allows and denies nothing until the annotation is gone",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("service-meshes",),
        nist_800_207=("6",),
        nist_800_53=("AC-3",),
        pci_dss_4=("1.2.1",),
    ),
    run=_run,
)
