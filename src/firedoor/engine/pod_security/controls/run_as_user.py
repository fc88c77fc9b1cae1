"""
Pods and containers that ask to run as root.

From 1.35 on that is allowed in a user namespace (``hostUsers: false``), where root is nobody on the node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt

_RELAXED = 35
_OF_POD = "spec.securityContext.runAsUser"


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    if minor >= _RELAXED and pod.has_own_users:
        return
    context = pod.spec.security_context
    if context is not None and context.run_as_user == 0:
        yield Fault(_OF_POD, "the pod runs as user 0", Setting(_OF_POD, None))
    for each in pod.containers:
        if each.context is not None and each.context.run_as_user == 0:
            path = f"{each.path}.securityContext.runAsUser"
            yield Fault(path, f"{each.words} runs as user 0", Setting(path, None))


CONTROL = Control("runAsUser", Level.RESTRICTED, "containers that run as root", _faults, since=23)
