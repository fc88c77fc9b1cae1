"""
Pods and containers that turn the filter of system calls off.

Up to 1.18 annotations say so, from 1.19 on the field ``seccompProfile`` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt
    from firedoor.model.pod_security import SeccompProfile

_FIELDS_SINCE = 19
_ALLOWED = frozenset({"RuntimeDefault", "Localhost"})
_ALLOWED_TEXTS = frozenset({"runtime/default", "docker/default"})
_OF_POD = "seccomp.security.alpha.kubernetes.io/pod"
_OF_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"


def allows(profile: SeccompProfile) -> bool:
    """Return whether a profile filters system calls."""
    return profile.type in _ALLOWED


def unfiltered(pod: PodAt) -> Iterator[Fault]:
    """Yield the pod and the containers whose ``seccompProfile`` is none that filters."""
    context = pod.spec.security_context
    if context is not None and context.seccomp_profile is not None and not allows(context.seccomp_profile):
        yield _fault("the pod", "spec", context.seccomp_profile)
    for each in pod.containers:
        if each.context is not None and each.context.seccomp_profile is not None:
            profile = each.context.seccomp_profile
            if not allows(profile):
                yield _fault(each.words, each.path, profile)


def _fault(who: str, where: str, profile: SeccompProfile) -> Fault:
    path = f"{where}.securityContext.seccompProfile.type"
    return Fault(path, f"{who} has the seccomp profile {profile.type}", Setting(path, "RuntimeDefault"))


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    if minor >= _FIELDS_SINCE:
        yield from unfiltered(pod)
        return
    names = [_OF_POD, *(_OF_CONTAINER + each.container.name for each in pod.containers)]
    for name in dict.fromkeys(names):
        profile = pod.annotations.get(name)
        if profile is not None and profile not in _ALLOWED_TEXTS and not profile.startswith("localhost/"):
            path = f'metadata.annotations["{name}"]'
            yield Fault(path, f"annotation {name} is {profile!r}", Setting(path, "runtime/default"))


CONTROL = Control("seccompProfile_baseline", Level.BASELINE, "seccomp turned off", _faults)
