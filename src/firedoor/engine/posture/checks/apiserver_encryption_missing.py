"""
API servers that store Secrets unencrypted.

What it finds
-------------
API servers without `--encryption-provider-config`. What that file says is not known
here. Only pods of the sources whose command and flags can be read are judged.

Why it matters
--------------
Whoever gets a backup, a snapshot of the disk or a connection to etcd reads every
Secret.

Example
-------
An API server as kubeadm starts it.

Remedy
------
Write an EncryptionConfiguration, best with a KMS, and rewrite the Secrets.

References
----------
https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
https://www.cisecurity.org/benchmark/kubernetes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import faults
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
    if "encryption-provider-config" not in program.flags:
        fix = "set --encryption-provider-config, then store every Secret anew"
        yield "stores Secrets as they are", ("encryption-provider-config",), fix, None


CHECK = Check(
    id="apiserver-encryption-missing",
    title="Secrets that lie in etcd as they are",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever gets a backup, the disk or a connection to etcd reads every Secret",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.27",),
        nsa=("secrets", "etcd"),
        nist_800_207=("5",),
        nist_800_53=("SC-28",),
        mitre=("T1552",),
        pci_dss_4=("8.3.2",),
    ),
    run=_run,
)
