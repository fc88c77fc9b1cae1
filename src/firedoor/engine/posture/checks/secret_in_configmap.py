"""
ConfigMaps with a secret among their data.

What it finds
-------------
Values of `data` that are a password, a key or a token by their name or by their shape,
and lines of files in `data` that are, as in `secret-in-env`. Values are looked at when
the object is read, and neither shown nor kept. ConfigMaps are read from manifests only:
in a live cluster that would need the right to read what they hold, so give them as
manifests (`kubectl get configmaps -A -o yaml | firedoor diagnose -`).

Why it matters
--------------
ConfigMaps are not encrypted at rest as Secrets can be, most people may read them, and
tools print them.

Example
-------
`data: {DB_PASSWORD: ...}`, or a file `application.properties` with a line
`spring.datasource.password=...`.

Remedy
------
Move the value into a Secret, and change it: it is in backups, in logs, and in the
history of the repository.

References
----------
https://kubernetes.io/docs/concepts/configuration/configmap/
https://kubernetes.io/docs/concepts/security/secrets-good-practices/
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.assembly import reference
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for each in filter(attrgetter("revealing"), context.snapshot.config_maps):
        about = reference(each)
        yield CHECK.finding(
            about,
            str(each.place),
            f"{about} has secrets in plain text in its data: {listed(each.revealing)}",
            tuple(f"data: {name}, whose value is neither shown nor kept" for name in each.revealing),
            Fix("move the value into a Secret, and change it"),
        )


CHECK = Check(
    id="secret-in-configmap",
    title="Secrets in plain text in ConfigMaps",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever may read ConfigMaps has the secret",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("secrets",),
        nist_800_53=("IA-5", "IA-5(7)"),
        mitre=("T1552",),
        pci_dss_4=("8.6.2",),
    ),
    run=_run,
)
