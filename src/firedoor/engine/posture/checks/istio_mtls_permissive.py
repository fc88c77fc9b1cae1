"""
PeerAuthentications that let plain text in.

What it finds
-------------
PeerAuthentications with the mode PERMISSIVE or DISABLE, for all of what they apply to
or for one port.

Why it matters
--------------
Whoever is on the network talks to the workload without a certificate, and so without an
identity that policies could ask for; what is sent can be read.

Example
-------
`mtls: {mode: PERMISSIVE}`, left over from the move into the mesh.

Remedy
------
Set the mode STRICT once all clients are in the mesh.

References
----------
https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.istio import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.istio import PeerAuthentication

_MODES = {Mode.PERMISSIVE: Severity.LOW, Mode.DISABLE: Severity.MEDIUM}


def _run(context: Context) -> Iterator[Finding]:
    for policy in context.written.typed.peer_authentications:
        found = [("spec.mtls", policy.mode, "")]
        found += [
            (f"spec.portLevelMtls[{port}]", mode, f" on port {port}")
            for port, mode in sorted(policy.port_modes.items())
        ]
        for path, mode, where in found:
            if mode in _MODES:
                yield _finding(policy, path, mode, where)


def _finding(policy: PeerAuthentication, path: str, mode: Mode, where: str) -> Finding:
    takes = "takes plain text only" if mode is Mode.DISABLE else "takes plain text too"
    return CHECK.finding(
        policy.ref,
        policy.place.at(path),
        f"what {policy.ref} applies to {takes}{where}",
        (f"{policy.place.at(path)}: {path} is {mode}",),
        Fix("set the mode STRICT once all clients are in the mesh"),
        severity=_MODES[mode],
    )


CHECK = Check(
    id="istio-mtls-permissive",
    title="Workloads of a mesh that take plain text",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="callers need no certificate, and what is sent can be read on the way",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("service-meshes", "encryption"),
        nist_800_207=("2",),
        nist_800_53=("IA-9", "SC-8", "SC-8(1)"),
        mitre=("T1040",),
        pci_dss_4=("4.2.1",),
    ),
    run=_run,
)
