"""What a pod asks of the kernel of its node: security contexts of pods and containers."""

from __future__ import annotations

from msgspec import Struct


class SELinuxOptions(Struct, frozen=True, gc=False, omit_defaults=True):
    """The SELinux context of a process (``v1.SELinuxOptions``)."""

    user: str = ""
    role: str = ""
    type: str = ""
    level: str = ""


class SeccompProfile(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Which system calls are let through (``v1.SeccompProfile``): RuntimeDefault, Unconfined or Localhost."""

    type: str = ""
    localhost_profile: str = ""


class AppArmorProfile(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """The AppArmor profile of a process (``v1.AppArmorProfile``): RuntimeDefault, Unconfined or Localhost."""

    type: str = ""
    localhost_profile: str = ""


class WindowsOptions(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """What holds for processes on Windows (``v1.WindowsSecurityContextOptions``)."""

    host_process: bool | None = None


class Capabilities(Struct, frozen=True, gc=False, omit_defaults=True):
    """The capabilities that a container has besides, or without, those of the runtime (``v1.Capabilities``)."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()


class Sysctl(Struct, frozen=True, gc=False, omit_defaults=True):
    """A kernel parameter that is set for the pod (``v1.Sysctl``)."""

    name: str = ""


class SecurityContext(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """
    The security context of a container (``v1.SecurityContext``).

    None where a field is not set: then the pod's own context, or the runtime, decides.
    """

    privileged: bool | None = None
    allow_privilege_escalation: bool | None = None
    capabilities: Capabilities | None = None
    run_as_user: int | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    proc_mount: str | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None
    windows_options: WindowsOptions | None = None


class PodSecurityContext(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """The security context of all containers of a pod that do not say otherwise (``v1.PodSecurityContext``)."""

    run_as_user: int | None = None
    run_as_non_root: bool | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None
    windows_options: WindowsOptions | None = None
    sysctls: tuple[Sysctl, ...] = ()


class PodOS(Struct, frozen=True, gc=False, omit_defaults=True):
    """The operating system that a pod is made for (``v1.PodOS``): linux or windows."""

    name: str = ""
