"""Containers that add capabilities beyond those that container runtimes give anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt

ALLOWED = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
"""Capabilities that may be added, written just so."""


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    for each in pod.containers:
        if each.context is None or each.context.capabilities is None:
            continue
        added = each.context.capabilities.add
        path = f"{each.path}.securityContext.capabilities.add"
        for index, name in enumerate(added):
            if name not in ALLOWED:
                left = [other for other in added if other in ALLOWED]
                yield Fault(f"{path}[{index}]", f"{each.words} adds capability {name}", Setting(path, left))


CONTROL = Control("capabilities_baseline", Level.BASELINE, "added capabilities", _faults)
