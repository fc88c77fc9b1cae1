"""
Containers that keep capabilities.

From 1.25 on pods for Windows, which has none, are not asked.
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
        capabilities = each.context.capabilities if each.context is not None else None
        path = f"{each.path}.securityContext.capabilities"
        if capabilities is None or "ALL" not in capabilities.drop:
            yield Fault(
                f"{path}.drop", f"{each.words} does not drop ALL capabilities", Setting(f"{path}.drop", ["ALL"])
            )
        added = capabilities.add if capabilities is not None else ()
        for index, name in enumerate(added):
            if name != "NET_BIND_SERVICE":
                left = [other for other in added if other == "NET_BIND_SERVICE"]
                words = f"{each.words} adds capability {name}"
                yield Fault(f"{path}.add[{index}]", words, Setting(f"{path}.add", left))


CONTROL = Control(
    "capabilities_restricted",
    Level.RESTRICTED,
    "kept capabilities",
    _faults,
    since=22,
    overrides="capabilities_baseline",
)
