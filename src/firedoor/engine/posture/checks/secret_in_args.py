"""
Commands and arguments of containers with a secret in them.

What it finds
-------------
Flags in `command` and `args` whose name says that their value is a password, a key or a
token, and words that have the shape of one. References to variables, paths and names of
objects are left out. Values are looked at when the object is read, and not kept.

Why it matters
--------------
Whoever may read the workload has the secret, and so has every process on the node:
command lines are open to all.

Example
-------
`args: [--password=...]`.

Remedy
------
Move the value into a Secret, let the program read it from a file or a variable, and
change it.

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

_FIX = "move the value into a Secret, let the program read it from a file or a variable, and change it"


def _run(context: Context) -> Iterator[Finding]:
    return revealed(CHECK, context, is_argument, "command", _FIX)


CHECK = Check(
    id="secret-in-args",
    title="Secrets in plain text in commands",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever may read the workload, and every process on its node, has the secret",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("secrets",),
        nist_800_53=("IA-5", "IA-5(7)"),
        mitre=("T1552",),
        pci_dss_4=("8.6.2",),
    ),
    run=_run,
)
