"""
etcd without authentication of its other members.

What it finds
-------------
etcd that listens for members on an address other than those of the machine itself, with
`http://`, without `--peer-client-cert-auth=true`, or with `--peer-auto-tls`. Only pods
of the sources whose command and flags can be read are judged.

Why it matters
--------------
Whoever poses as a member gets a copy of every object, and may write all of them.

Example
-------
`--listen-peer-urls=http://10.0.0.5:2380`.

Remedy
------
Use `https://` with `--peer-client-cert-auth=true`, `--peer-cert-file` and
`--peer-trusted-ca-file`.

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
    outside = [each for each in program.items("listen-peer-urls") if not is_loopback(each)]
    if "config-file" in program.flags or not outside:
        return
    fix = "listen on https:// with --peer-client-cert-auth=true, --peer-cert-file and --peer-trusted-ca-file"
    if any(each.startswith("http://") for each in outside):
        yield "speaks plain text to other members", ("listen-peer-urls",), fix, None
    elif not program.is_on("peer-client-cert-auth", default=False) or program.is_on("peer-auto-tls", default=False):
        yield "takes members without a certificate", ("peer-client-cert-auth", "peer-auto-tls"), fix, None


CHECK = Check(
    id="etcd-peer-open",
    title="etcd that takes whoever joins",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever poses as a member gets a copy of every object",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("2.4", "2.5", "2.6"),
        nsa=("etcd", "encryption"),
        nist_800_207=("2", "6"),
        nist_800_53=("IA-3", "SC-8"),
        mitre=("T1557",),
        pci_dss_4=("2.2.7",),
    ),
    run=_run,
)
