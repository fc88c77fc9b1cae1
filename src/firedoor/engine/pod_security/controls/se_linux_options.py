"""
SELinux options that free a process from what SELinux holds containers to.

From 1.31 on the type ``container_engine_t`` may be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault, Setting
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt
    from firedoor.model.pod_security import SELinuxOptions

_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t"})
_MORE_TYPES = _TYPES | {"container_engine_t"}
_MORE_SINCE = 31


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    types = _MORE_TYPES if minor >= _MORE_SINCE else _TYPES
    context = pod.spec.security_context
    if context is not None and context.se_linux_options is not None:
        yield from _of(context.se_linux_options, "the pod", "spec", types)
    for each in pod.containers:
        if each.context is not None and each.context.se_linux_options is not None:
            yield from _of(each.context.se_linux_options, each.words, each.path, types)


def _of(options: SELinuxOptions, who: str, where: str, types: frozenset[str]) -> Iterator[Fault]:
    path = f"{where}.securityContext.seLinuxOptions"
    if options.type not in types:
        yield Fault(f"{path}.type", f"{who} has the SELinux type {options.type}", Setting(f"{path}.type", None))
    if options.user:
        yield Fault(f"{path}.user", f"{who} has the SELinux user {options.user}", Setting(f"{path}.user", None))
    if options.role:
        yield Fault(f"{path}.role", f"{who} has the SELinux role {options.role}", Setting(f"{path}.role", None))


CONTROL = Control("seLinuxOptions", Level.BASELINE, "SELinux options", _faults)
