"""
Containers that listen on a port of the node.

The API server gives every port of a pod on the network of its node (``hostNetwork``) the
same number as ``hostPort`` before the controller looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    for each in pod.containers:
        for index, port in enumerate(each.container.ports):
            if port.host_port:
                path = f"{each.path}.ports[{index}].hostPort"
                yield Fault(path, f"{each.words} takes port {port.host_port} of the node", Setting(path, None))
            elif pod.spec.host_network and port.container_port and each.field != "ephemeralContainers":
                words = f"{each.words} takes port {port.container_port} of the node, whose network it shares"
                yield Fault("spec.hostNetwork", words, Setting("spec.hostNetwork", value=False))


CONTROL = Control("hostPorts", Level.BASELINE, "ports of the node", _faults)
