"""
Kernel parameters that hold for more than the pod.

Releases have added parameters to those that may be set, in 1.27, 1.29, 1.32 and 1.37.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt

SAFE_SINCE = {
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_notsent_lowat": 37,
    "net.ipv4.tcp_slow_start_after_idle": 37,
}
"""The parameters that may be set, and the minor release from which on."""


def _faults(pod: PodAt, minor: int) -> Iterator[Fault]:
    context = pod.spec.security_context
    for index, each in enumerate(context.sysctls if context is not None else ()):
        since = SAFE_SINCE.get(each.name)
        if since is None or since > minor:
            yield Fault(f"spec.securityContext.sysctls[{index}].name", f"the pod sets {each.name}")


CONTROL = Control("sysctls", Level.BASELINE, "kernel parameters", _faults)
