"""What all checks of the Pod Security Standards have in common: a finding for each workload that violates a control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security import BY_ID
from firedoor.engine.posture.pod_patches import pod_patch
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, PodSecurityMark, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.survey import FaultAt
    from firedoor.engine.posture.check import Check, Context
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef

SYSTEM = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces of the cluster itself: network plugins and node agents need what is forbidden elsewhere."""


def workload_findings(context: Context, check: Check, control: str, remedy: str) -> Iterator[Finding]:
    """
    Yield a finding for each workload that violates a control.

    A field that an earlier control tells of is not told of again. `remedy` says in one
    sentence what to change; the fields follow as a patch, where fields of the workload can remedy it.
    """
    mark = PodSecurityMark(BY_ID[control].level.value, control)
    for ref, faults in context.pod_security.told(control, context.pss_version):
        is_confirmed = any(each.is_confirmed for each in faults)
        yield check.finding(
            ref,
            faults[0].source,
            f"{ref}: {listed((each.fault.words for each in faults), 4)}",
            tuple(_proof(ref, each) for each in faults),
            _fix(ref, faults, remedy),
            severity=Severity.LOW if ref.namespace in SYSTEM else None,
            confidence=None if is_confirmed else Confidence.MEDIUM,
            pss=mark,
        )


def _proof(ref: ObjectRef, each: FaultAt) -> str:
    subject = each.subject
    who = f" (live pod {subject.pod})" if subject.pod and ref.kind != "Pod" else ""
    if not each.is_confirmed:
        who = " (template; the live pods do not have it)"
    return f"{each.source}: {subject.prefix}{each.fault.path}: {each.fault.words}{who}"


def _fix(ref: ObjectRef, faults: tuple[FaultAt, ...], remedy: str) -> Fix:
    """Return the remedy, with the fields of the workload's own template (or of a pod without workload) to set."""
    first = faults[0].subject
    is_own = first.prefix != "" or ref.kind == "Pod"
    settings = [
        each.fault.setting
        for each in faults
        if each.subject is first and each.fault.setting is not None and "ephemeralContainers" not in each.fault.path
    ]
    if not is_own or not settings:
        return Fix(remedy)
    summary = f"{remedy} (a patch of these fields; null removes one)"
    return Fix(summary, (pod_patch(ref, first.spec, settings),), is_patch=True)
