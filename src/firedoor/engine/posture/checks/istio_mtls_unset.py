"""
Namespaces of a mesh for which nobody has set mutual TLS.

What it finds
-------------
Namespaces with workloads in the mesh where neither they nor the root namespace
(`istio-system`) have a PeerAuthentication: the default is PERMISSIVE. It speaks only
where objects show that there is a mesh.

Why it matters
--------------
Whoever is on the network talks to the workloads without a certificate, and so without an
identity that policies could ask for; what is sent can be read.

Example
-------
A namespace with the label `istio-injection: enabled`, and nothing else.

Remedy
------
Set STRICT for the mesh by a PeerAuthentication in `istio-system`, or for the namespace.

References
----------
https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.engine.reach.dialects.istio.mesh import DATAPLANE, INJECTION, REVISION, membership
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.mesh_config import settings_of
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding
    from firedoor.model.workloads import Namespace


def _run(context: Context) -> Iterator[Finding]:
    set_for = {each.metadata.namespace for each in context.written.typed.peer_authentications}
    root = settings_of(context.snapshot.mesh_configs).root_namespace
    if root in set_for:
        return
    asked = [each for each in context.snapshot.namespaces if each.metadata.name not in set_for and _joins(each)]
    if not asked:
        return
    is_inside = membership(context.snapshot)
    members = context.written.members
    for each in asked:
        positions = context.inhabitants.get(each.metadata.name, ())
        workloads = sorted({members[one].workload for one in positions if is_inside(members[one])})
        if workloads:
            yield _finding(context, each, workloads, root)


def _joins(namespace: Namespace) -> bool:
    """Return whether a namespace says that its pods are in the mesh."""
    labels = namespace.metadata.labels
    return labels.get(INJECTION) == "enabled" or labels.get(DATAPLANE) == "ambient" or bool(labels.get(REVISION))


def _finding(context: Context, namespace: Namespace, workloads: list[ObjectRef], root: str) -> Finding:
    name = namespace.metadata.name
    strict: dict[str, object] = {
        "apiVersion": "security.istio.io/v1",
        "kind": "PeerAuthentication",
        "metadata": {"name": "default", "namespace": name},
        "spec": {"mtls": {"mode": "STRICT"}},
    }
    return CHECK.finding(
        ObjectRef("Namespace", "", name),
        str(namespace.place),
        f"namespace {name} is in the mesh, and nothing keeps plain text out of it",
        (
            f"no PeerAuthentication in {name} or {root}: the mode is PERMISSIVE",
            f"in the mesh: {listed(workloads)}",
        ),
        Fix("set STRICT once all clients are in the mesh", (strict,)),
        confidence=Confidence.MEDIUM if context.is_partial else None,
    )


CHECK = Check(
    id="istio-mtls-unset",
    title="Namespaces of a mesh without mutual TLS",
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
