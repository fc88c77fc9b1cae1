"""Containers that see ``/proc`` without the usual masks, whether or not in a user namespace."""

from __future__ import annotations

from firedoor.engine.pod_security.control import Control
from firedoor.engine.pod_security.controls.proc_mount import unmasked
from firedoor.engine.pod_security.levels import Level

CONTROL = Control(
    "procMount_restricted",
    Level.RESTRICTED,
    "unmasked /proc, also in a user namespace",
    unmasked,
    since=35,
    overrides="procMount",
)
