"""Pods and containers that turn AppArmor off, by field or by the annotation of earlier releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt
    from firedoor.model.pod_security import AppArmorProfile

_ALLOWED = frozenset({"RuntimeDefault", "Localhost"})
_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    context = pod.spec.security_context
    if context is not None and context.app_armor_profile is not None:
        yield from _of(context.app_armor_profile, "the pod", "spec")
    for each in pod.containers:
        if each.context is not None and each.context.app_armor_profile is not None:
            yield from _of(each.context.app_armor_profile, each.words, each.path)
    for name, profile in sorted(pod.annotations.items()):
        if name.startswith(_ANNOTATION) and not _is_allowed(profile):
            path = f'metadata.annotations["{name}"]'
            yield Fault(path, f"annotation {name} is {profile!r}", Setting(path, "runtime/default"))


def _of(profile: AppArmorProfile, who: str, where: str) -> Iterator[Fault]:
    if profile.type not in _ALLOWED:
        path = f"{where}.securityContext.appArmorProfile.type"
        yield Fault(path, f"{who} has the AppArmor profile {profile.type}", Setting(path, "RuntimeDefault"))


def _is_allowed(profile: str) -> bool:
    return profile in {"", "runtime/default"} or profile.startswith("localhost/")


CONTROL = Control("appArmorProfile", Level.BASELINE, "AppArmor turned off", _faults)
