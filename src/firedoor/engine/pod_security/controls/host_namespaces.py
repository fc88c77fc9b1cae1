"""Pods in the network, process or IPC namespace of their node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    spec = pod.spec
    for is_set, field, what in (
        (spec.host_network, "hostNetwork", "network"),
        (spec.host_pid, "hostPID", "processes"),
        (spec.host_ipc, "hostIPC", "IPC"),
    ):
        if is_set:
            path = f"spec.{field}"
            yield Fault(path, f"the pod shares the {what} of its node ({field})", Setting(path, value=False))


CONTROL = Control("hostNamespaces", Level.BASELINE, "namespaces of the node", _faults)
