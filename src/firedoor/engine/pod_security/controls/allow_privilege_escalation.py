"""
Processes that may gain rights that their parent does not have.

From 1.25 on pods for Windows, which knows no such thing, are not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    if pod.is_exempt(minor):
        return
    for each in pod.containers:
        allowed = each.context.allow_privilege_escalation if each.context is not None else None
        if allowed is not False:
            path = f"{each.path}.securityContext.allowPrivilegeEscalation"
            words = f"{each.words} {'allows' if allowed else 'does not forbid'} privilege escalation"
            yield Fault(path, words, Setting(path, value=False))


CONTROL = Control("allowPrivilegeEscalation", Level.RESTRICTED, "privilege escalation", _faults, since=8)
