"""
Containers that are not kept from running as root.

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
_OF_POD = "spec.securityContext.runAsNonRoot"


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    if minor >= _RELAXED and pod.has_own_users:
        return
    context = pod.spec.security_context
    of_pod = context.run_as_non_root if context is not None else None
    if of_pod is False:
        yield Fault(_OF_POD, "the pod allows root", Setting(_OF_POD, value=True))
    for each in pod.containers:
        own = each.context.run_as_non_root if each.context is not None else None
        path = f"{each.path}.securityContext.runAsNonRoot"
        if own is False:
            yield Fault(path, f"{each.words} allows root", Setting(path, value=True))
        elif own is None and not of_pod:
            yield Fault(path, f"nothing keeps {each.words} from running as root", Setting(_OF_POD, value=True))


CONTROL = Control("runAsNonRoot", Level.RESTRICTED, "containers that may run as root", _faults)
