"""
etcd without TLS for its clients.

What it finds
-------------
etcd with an `http://` address that is not of the machine itself in
`--listen-client-urls`, or with `--auto-tls`, whose certificate nobody can verify. Only
pods of the sources whose command and flags can be read are judged.

Why it matters
--------------
All of the cluster, Secrets too, passes over these connections.

Example
-------
`--listen-client-urls=http://0.0.0.0:2379`.

Remedy
------
Use `https://`, with `--cert-file` and `--key-file` of a CA that clients know.

References
----------
https://etcd.io/docs/v3.6/op-guide/security/
https://www.cisecurity.org/benchmark/kubernetes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import faults, is_loopback
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.control_plane import Program, Wrong
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    return faults(CHECK, context, ("etcd",), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    if "config-file" in program.flags:
        return
    fix = "listen on https:// with --cert-file and --key-file"
    if any(each.startswith("http://") and not is_loopback(each) for each in program.items("listen-client-urls")):
        yield "speaks plain text to clients", ("listen-client-urls",), fix, None
    elif program.is_on("auto-tls", default=False):
        yield "has a certificate that nobody can verify", ("auto-tls",), fix, Severity.MEDIUM


CHECK = Check(
    id="etcd-not-tls",
    title="etcd that speaks plain text to its clients",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever is on the way reads and changes what the cluster stores",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("2.1", "2.3"),
        nsa=("etcd", "encryption"),
        nist_800_207=("2",),
        nist_800_53=("SC-8", "SC-8(1)"),
        mitre=("T1040",),
        pci_dss_4=("2.2.7",),
    ),
    run=_run,
)
