"""
Variables of containers with a secret as their value.

What it finds
-------------
Variables with a value of their own whose name says that it is a password, a key or a
token, or whose value has the shape of one (private keys, tokens of AWS, GitHub, GitLab
and Slack, JSON web tokens, URLs with a password). References, paths and names of
objects are left out. Values are looked at when the object is read, and not kept.

Why it matters
--------------
Whoever may read the workload or its pods, or the repository of its manifests, has the
secret. No permission for Secrets is needed.

Example
-------
`env: [{name: DB_PASSWORD, value: ...}]`.

Remedy
------
Move the value into a Secret, name it with valueFrom.secretKeyRef, and change it.

References
----------
https://kubernetes.io/docs/concepts/security/secrets-good-practices/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.revealing import is_argument, revealed
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_FIX = "move the value into a Secret, name it with valueFrom.secretKeyRef, and change it"


def _run(context: Context) -> Iterator[Finding]:
    return revealed(CHECK, context, lambda name: not is_argument(name), "variables", _FIX)


CHECK = Check(
    id="secret-in-env",
    title="Secrets in plain text in variables",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever may read the workload has the secret",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("secrets",),
        nist_800_53=("IA-5", "IA-5(7)"),
        mitre=("T1552",),
        pci_dss_4=("8.6.2",),
    ),
    run=_run,
)
