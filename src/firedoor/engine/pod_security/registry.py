"""All controls, and which of them make up a level in a version."""

from __future__ import annotations

from functools import cache

from firedoor.engine.pod_security.control import Control
from firedoor.engine.pod_security.controls import (
    allow_privilege_escalation,
    app_armor_profile,
    capabilities_baseline,
    capabilities_restricted,
    host_namespaces,
    host_path_volumes,
    host_ports,
    host_probes_and_host_lifecycle,
    privileged,
    proc_mount,
    proc_mount_restricted,
    restricted_volumes,
    run_as_non_root,
    run_as_user,
    se_linux_options,
    seccomp_profile_baseline,
    seccomp_profile_restricted,
    sysctls,
    windows_host_process,
)
from firedoor.engine.pod_security.levels import Level

CONTROLS: tuple[Control, ...] = tuple(
    sorted(
        (
            allow_privilege_escalation.CONTROL,
            app_armor_profile.CONTROL,
            capabilities_baseline.CONTROL,
            capabilities_restricted.CONTROL,
            host_namespaces.CONTROL,
            host_path_volumes.CONTROL,
            host_ports.CONTROL,
            host_probes_and_host_lifecycle.CONTROL,
            privileged.CONTROL,
            proc_mount.CONTROL,
            proc_mount_restricted.CONTROL,
            restricted_volumes.CONTROL,
            run_as_non_root.CONTROL,
            run_as_user.CONTROL,
            se_linux_options.CONTROL,
            seccomp_profile_baseline.CONTROL,
            seccomp_profile_restricted.CONTROL,
            sysctls.CONTROL,
            windows_host_process.CONTROL,
        ),
        key=lambda control: (control.level.rank, control.id),
    )
)
"""The controls of the baseline, then those of the restricted level, each by id."""

BY_ID = {control.id: control for control in CONTROLS}


@cache
def controls_at(level: Level, minor: int) -> tuple[Control, ...]:
    """
    Return the controls of a level in the standards of a minor release.

    Those of the level restricted are its own and those of the baseline in whose place none of its own stands.
    """
    known = [control for control in CONTROLS if control.since <= minor and control.level.rank <= level.rank]
    overridden = {control.overrides for control in known}
    return tuple(control for control in known if control.id not in overridden)
