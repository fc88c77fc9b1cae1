"""
etcd without authentication of its clients.

What it finds
-------------
etcd without `--client-cert-auth=true` that listens for clients on an address other than
those of the machine itself. With `--config-file`, which outweighs flags, nothing is
said. Only pods of the sources whose command and flags can be read are judged.

Why it matters
--------------
etcd holds every object of the cluster, Secrets too. Whoever connects reads and writes
all of it, past the API server.

Example
-------
`--listen-client-urls=https://0.0.0.0:2379` alone.

Remedy
------
Set `--client-cert-auth=true` with `--trusted-ca-file`.

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
    if "config-file" in program.flags or program.is_on("client-cert-auth", default=False):
        return
    if any(not is_loopback(each) for each in program.items("listen-client-urls")):
        fix = "set --client-cert-auth=true and --trusted-ca-file"
        yield "serves clients without a certificate", ("client-cert-auth", "listen-client-urls"), fix, None


CHECK = Check(
    id="etcd-no-client-auth",
    title="etcd that serves whoever connects",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever connects reads and writes the whole cluster, past the API server",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("2.2",),
        nsa=("etcd", "authentication"),
        nist_800_207=("6",),
        nist_800_53=("IA-3", "AC-3"),
        mitre=("T1552",),
        pci_dss_4=("8.3.1",),
    ),
    run=_run,
)
