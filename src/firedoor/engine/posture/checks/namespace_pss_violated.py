"""
Workloads that their own namespace would refuse.

What it finds
-------------
Namespaces with workloads that violate the level and version of the namespace's own labels. The
API server looks at pods when they are created: those that run stay, and are missing after
the next rollout, drain or crash of a node. A label that the API server cannot read counts
as the strictest level, or the latest version.

Why it matters
--------------
The workload disappears at a moment that nobody chose, and a Deployment says so only in
the events of its ReplicaSet.

Example
-------
A namespace with `enforce: baseline`, and a DaemonSet in it that mounts `/var/log` of its
node and was there before the label.

Remedy
------
Mend the workloads, or move them to a namespace of their own. Until then let the namespace
enforce what everything in it meets, and only warn of the rest.

References
----------
https://kubernetes.io/docs/concepts/security/pod-security-admission/#workload-resources-and-pod-templates
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import count, listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.survey import Obstacles
    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    survey = context.pod_security
    for name, workloads in survey.inhabited.items():
        namespace, enforced = survey.namespaces.get(name, (None, None))
        if namespace is None or enforced is None:
            continue
        found = {ref: survey.obstacles(ref, enforced.level, enforced.version) for ref in workloads}
        refused = {ref: obstacles for ref, obstacles in found.items() if obstacles}
        if not refused:
            continue
        meets = survey.namespace_meets(name, enforced.version)
        invalid = " (a label of it cannot be read)" if enforced.is_invalid else ""
        is_confirmed = any(each.is_confirmed for own in refused.values() for faults in own.values() for each in faults)
        yield CHECK.finding(
            ObjectRef("Namespace", "", name),
            str(namespace.place),
            f"namespace {name} enforces {enforced}{invalid}, which refuses new pods of "
            f"{count(len(refused), 'workload')} in it: {listed(refused)}",
            tuple(_proof(ref, obstacles) for ref, obstacles in refused.items()),
            Fix(f"mend these workloads, or move them elsewhere; until then enforce={meets} is what everything meets"),
            confidence=None if is_confirmed else Confidence.MEDIUM,
        )


def _proof(ref: ObjectRef, obstacles: Obstacles) -> str:
    told = (
        f"{control} ({', '.join(dict.fromkeys(each.source for each in own))})" for control, own in obstacles.items()
    )
    return f"{ref}: {', '.join(told)}"


CHECK = Check(
    id="namespace-pss-violated",
    title="Workloads that their own namespace would refuse",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the pods run until they are recreated, and are then refused",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.1",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("CM-6",),
        mitre=("T1610",),
        pci_dss_4=("2.2.1",),
    ),
    run=_run,
)
