"""
Tokens of service accounts that never expire.

What it finds
-------------
Secrets of the type `kubernetes.io/service-account-token`, into which the control plane
writes a token of the account that their annotation names. They are read from manifests
only, and without what they hold: in a live cluster, to list Secrets is to read them.

Why it matters
--------------
Such a token is valid until the Secret or the account is deleted, on any machine. Tokens
that pods get by themselves are bound to the pod and expire within the hour.

Example
-------
A Secret that was made for a CI system when Kubernetes 1.24 stopped making them.

Remedy
------
Ask for short tokens (`kubectl create token`, the TokenRequest API), or let the outside
system log in by OIDC; then delete the Secret.

References
----------
https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#manual-secret-management-for-serviceaccounts
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.assembly import reference
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for each in context.snapshot.token_secrets:
        about = reference(each)
        owner = f"the token of ServiceAccount {about.namespace}/{each.account}" if each.account else "a token"
        yield CHECK.finding(
            about,
            str(each.place),
            f"{about} is for {owner}, one that never expires",
            (f"{each.place}: its type is kubernetes.io/service-account-token",),
            Fix("ask for short tokens with the TokenRequest API, and delete the Secret"),
            severity=None if each.account else Severity.LOW,
        )


CHECK = Check(
    id="token-secret-lasting",
    title="Tokens that never expire",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever gets hold of it is the account until somebody deletes the Secret",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("IA-5",),
        mitre=("T1528",),
        pci_dss_4=("8.6.3",),
    ),
    run=_run,
)
