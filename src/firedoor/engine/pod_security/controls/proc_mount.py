"""
Containers that see ``/proc`` without the usual masks.

From 1.35 on that is allowed in a user namespace (``hostUsers: false``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt

_RELAXED = 35


def unmasked(pod: PodAt, _minor: int) -> Iterator[Fault]:
    """Yield the containers that ask for another ``procMount`` than the usual one."""
    for each in pod.containers:
        mount = each.context.proc_mount if each.context is not None else None
        if mount is not None and mount != "Default":
            path = f"{each.path}.securityContext.procMount"
            yield Fault(path, f"{each.words} has procMount {mount}", Setting(path, "Default"))


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    if minor < _RELAXED or not pod.has_own_users:
        yield from unmasked(pod, minor)


CONTROL = Control("procMount", Level.BASELINE, "unmasked /proc", _faults)
