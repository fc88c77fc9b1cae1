"""
Running pods without a proxy in a namespace of the mesh.

What it finds
-------------
Pods of a cluster (not of manifests) that Istio should inject its proxy into, by the
labels of their namespace or their own, and that have none. Pods on the network of their
node, and those that say no, are left out.

Why it matters
--------------
The pod takes part without mutual TLS and without the policies of the mesh: they are not
enforced for what comes to it.

Example
-------
A pod that was started before its namespace got the label `istio-injection: enabled`.

Remedy
------
Restart the workload, so that its pods are made anew.

References
----------
https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.model.findings import Finding

_INJECT = "sidecar.istio.io/inject"


def _run(context: Context) -> Iterator[Finding]:
    meshed = {name: labels for name, labels in context.written.namespaces.items() if _is_meshed(labels)}
    found: dict[ObjectRef, list[Crew]] = defaultdict(list)
    for crew in context.crews if meshed else ():
        is_served = not crew.member.is_template and crew.member.pod.metadata.uid
        if is_served and not crew.spec.host_network and crew.workload.namespace in meshed and _lacks_proxy(crew):
            found[crew.workload].append(crew)
    for workload, crews in found.items():
        yield CHECK.finding(
            workload,
            crews[0].source,
            f"{workload} has pods without the proxy of the mesh in namespace {workload.namespace}",
            (
                f"the namespace has {listed(_marks(meshed[workload.namespace]))}",
                f"pod {crews[0].member.full_name} has no container istio-proxy",
            ),
            Fix(f"restart {workload}; if it is not to be in the mesh, label its pods {_INJECT}=false"),
        )


def _is_meshed(labels: dict[str, str]) -> bool:
    return labels.get("istio-injection") != "disabled" and bool(_marks(labels))


def _marks(labels: dict[str, str]) -> list[str]:
    wanted = ("istio-injection", "istio.io/rev")
    return [f"{key}={labels[key]}" for key in wanted if labels.get(key)]


def _lacks_proxy(crew: Crew) -> bool:
    member = crew.member
    if member.labels.get(_INJECT, member.annotations.get(_INJECT)) == "false":
        return False
    return all(each.name != "istio-proxy" for each in crew.spec.all_containers)


CHECK = Check(
    id="mesh-sidecar-missing",
    title="Pods that the mesh should have and has not",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="neither mutual TLS nor the policies of the mesh hold for it",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("service-meshes",),
        nist_800_207=("2", "6"),
        nist_800_53=("IA-9", "SC-8"),
        mitre=("T1040",),
    ),
    run=_run,
)
