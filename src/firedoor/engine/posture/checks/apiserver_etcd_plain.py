"""
API servers whose connection to etcd nobody protects.

What it finds
-------------
API servers with an `http://` address that is not of the machine itself in
`--etcd-servers`, or with `https://` addresses and no `--etcd-cafile`. Only pods of the
sources whose command and flags can be read are judged.

Why it matters
--------------
All of the cluster, Secrets too, passes over this connection. Whoever is on the way, or
answers in the place of etcd, has the cluster.

Example
-------
`--etcd-servers=http://10.0.0.5:2379`.

Remedy
------
Use `https://`, with `--etcd-cafile`, `--etcd-certfile` and `--etcd-keyfile`.

References
----------
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
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
    return faults(CHECK, context, ("kube-apiserver",), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    servers = program.items("etcd-servers")
    plain = [each for each in servers if each.startswith("http://") and not is_loopback(each)]
    fix = "use https:// in --etcd-servers, with --etcd-cafile, --etcd-certfile and --etcd-keyfile"
    if plain:
        yield "talks to etcd in plain text", ("etcd-servers",), fix, None
    elif "etcd-cafile" not in program.flags and any(each.startswith("https://") for each in servers):
        yield "takes whoever answers for etcd", ("etcd-servers", "etcd-cafile"), fix, Severity.MEDIUM


CHECK = Check(
    id="apiserver-etcd-plain",
    title="API servers that talk to etcd without TLS",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever is on the way, or answers in the place of etcd, has the cluster",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.23", "1.2.26"),
        nsa=("etcd", "encryption"),
        nist_800_207=("2",),
        nist_800_53=("SC-8", "SC-8(1)"),
        mitre=("T1040",),
        pci_dss_4=("2.2.7",),
    ),
    run=_run,
)
