"""Containers that may do on the node whatever root may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    for each in pod.containers:
        if each.context is not None and each.context.privileged:
            path = f"{each.path}.securityContext.privileged"
            yield Fault(path, f"{each.words} is privileged", Setting(path, value=False))


CONTROL = Control("privileged", Level.BASELINE, "privileged containers", _faults)
