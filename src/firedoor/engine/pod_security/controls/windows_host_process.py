"""Pods and containers that run as processes of a Windows node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt
    from firedoor.model.pod_security import WindowsOptions


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    context = pod.spec.security_context
    if context is not None and _is_host_process(context.windows_options):
        yield _fault("the pod runs", "spec")
    for each in pod.containers:
        if each.context is not None and _is_host_process(each.context.windows_options):
            yield _fault(f"{each.words} runs", each.path)


def _is_host_process(options: WindowsOptions | None) -> bool:
    return options is not None and bool(options.host_process)


def _fault(who: str, where: str) -> Fault:
    path = f"{where}.securityContext.windowsOptions.hostProcess"
    return Fault(path, f"{who} as a process of the node", Setting(path, value=False))


CONTROL = Control("windowsHostProcess", Level.BASELINE, "processes of a Windows node", _faults)
