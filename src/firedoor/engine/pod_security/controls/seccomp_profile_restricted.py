"""
Containers without a filter of system calls.

From 1.25 on pods for Windows, which knows no such thing, are not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.controls.seccomp_profile_baseline import allows, unfiltered
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt

_OF_POD = "spec.securityContext.seccompProfile.type"


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    if pod.is_exempt(minor):
        return
    yield from unfiltered(pod)
    context = pod.spec.security_context
    if context is not None and context.seccomp_profile is not None and allows(context.seccomp_profile):
        return
    for each in pod.containers:
        if each.context is None or each.context.seccomp_profile is None:
            path = f"{each.path}.securityContext.seccompProfile.type"
            yield Fault(path, f"{each.words} has no seccomp profile", Setting(_OF_POD, "RuntimeDefault"))


CONTROL = Control(
    "seccompProfile_restricted",
    Level.RESTRICTED,
    "missing seccomp profiles",
    _faults,
    since=19,
    overrides="seccompProfile_baseline",
)
