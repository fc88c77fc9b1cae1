"""
Namespaces that could ask more of their pods.

What it finds
-------------
Namespaces whose label `pod-security.kubernetes.io/enforce` is weaker than what everything in
them meets already, in the version that they enforce.

Why it matters
--------------
A stricter label costs nothing today, and refuses the first pod that would need less.

Example
-------
A namespace `shop` with `enforce: privileged`, in which every workload meets the level restricted.

Remedy
------
Label the namespace with the level that it meets.

References
----------
https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.namespaces import ENFORCE
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.namespace_labels import labelled
from firedoor.engine.posture.words import count
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    survey = context.pod_security
    for name, workloads in survey.inhabited.items():
        namespace, enforced = survey.namespaces.get(name, (None, None))
        if namespace is None or enforced is None or enforced.label is None:
            continue
        meets = survey.namespace_meets(name, enforced.version)
        if meets.rank <= enforced.level.rank:
            continue
        yield CHECK.finding(
            ObjectRef("Namespace", "", name),
            str(namespace.place),
            f"namespace {name} enforces the level {enforced.level}, and everything in it meets {meets}",
            (f"{count(len(workloads), 'workload')}, all of which meet {meets}:{enforced.version}",),
            Fix(
                f"label the namespace enforce={meets}; nothing that is in it would be refused",
                (labelled(namespace, {ENFORCE: meets.value}),),
            ),
            confidence=Confidence.MEDIUM if context.is_partial else None,
        )


CHECK = Check(
    id="namespace-pss-weak",
    title="Namespaces that could ask more of their pods",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="a stricter label costs nothing today, and refuses the first pod that would need less",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.1",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("CM-6", "CM-7"),
        mitre=("T1610",),
        pci_dss_4=("2.2.1",),
    ),
    run=_run,
)
