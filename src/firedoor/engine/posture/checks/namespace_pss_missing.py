"""
Namespaces that ask nothing of their pods.

What it finds
-------------
Namespaces with workloads and without the label `pod-security.kubernetes.io/enforce`. It
says which level everything in the namespace meets already. Namespaces that were not read
themselves are left out: nobody knows their labels. The API server may have a default of
its own, which no object of the cluster shows.

Why it matters
--------------
Whoever may create a pod in such a namespace may create a privileged one, and owns the
node it runs on.

Example
-------
A namespace `shop` whose pods meet the level baseline, and that has no label.

Remedy
------
Label the namespace with the level that it meets. Where it meets none, let the API server
warn of what stands in the way of the baseline, and mend the workloads one by one.

References
----------
https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security import Level
from firedoor.engine.pod_security.namespaces import ENFORCE
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.namespace_labels import labelled
from firedoor.engine.posture.pod_security import SYSTEM
from firedoor.engine.posture.words import count
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_MILD = {"pod-security.kubernetes.io/warn": "baseline", "pod-security.kubernetes.io/audit": "baseline"}


def _run(context: Context) -> Iterator[Finding]:
    survey = context.pod_security
    for name, workloads in survey.inhabited.items():
        namespace, enforced = survey.namespaces.get(name, (None, None))
        if namespace is None or enforced is None or enforced.label is not None:
            continue
        meets = survey.namespace_meets(name, enforced.version)
        in_the_way = sum(survey.meets(ref, enforced.version) is Level.PRIVILEGED for ref in workloads)
        if meets is Level.PRIVILEGED:
            told = f"{count(in_the_way, 'workload')} of {len(workloads)} in it violate the level baseline"
            labels = _MILD
            summary = "let the API server warn of what violates the baseline, then mend it and label enforce=baseline"
        else:
            told = f"everything in it meets the level {meets}"
            labels = {ENFORCE: meets.value}
            summary = f"label the namespace enforce={meets}; nothing that is in it would be refused"
        yield CHECK.finding(
            ObjectRef("Namespace", "", name),
            str(namespace.place),
            f"namespace {name} has no label {ENFORCE}: it takes privileged pods",
            (told,),
            # A warning refuses nothing; what enforces refuses pods that are not among the sources as well.
            Fix(summary, (labelled(namespace, labels),), is_safe=labels is _MILD),
            severity=Severity.LOW if name in SYSTEM else None,
        )


CHECK = Check(
    id="namespace-pss-missing",
    title="Namespaces that ask nothing of their pods",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever may create a pod there may create a privileged one, which owns its node",
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
"""Confidence is medium: the API server may have a default for all namespaces."""
