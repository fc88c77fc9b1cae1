"""Which paths of a node give the node away when a pod has them."""

from __future__ import annotations

import posixpath
from enum import Enum


class Grip(Enum):
    """What a mounted path gives."""

    SOCKET = "socket"
    """The socket of the container runtime, which makes any container it is asked for."""
    ROOT = "root"
    """Files that the node runs or believes in, to be written."""
    TOKENS = "tokens"
    """The volumes of the pods on the node, their tokens among them, to be read."""
    MAYBE = "maybe"
    """Files of the node to be written, of which it is not known what they are good for."""
    NONE = "none"


_SOCKETS = (
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
    "/run/dockershim.sock",
    "/run/podman/podman.sock",
    "/run/k3s/containerd/containerd.sock",
    "/run/k0s/containerd.sock",
)
_PODS = "/var/lib/kubelet/pods"
_RUN_OR_BELIEVED = (
    "/bin",
    "/boot",
    "/etc/cni",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/etc/crontab",
    "/etc/containerd",
    "/etc/docker",
    "/etc/kubernetes",
    "/etc/ld.so.preload",
    "/etc/pam.d",
    "/etc/passwd",
    "/etc/profile.d",
    "/etc/rancher",
    "/etc/shadow",
    "/etc/ssh",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/systemd",
    "/lib/modules",
    "/lib/systemd",
    "/opt/cni/bin",
    "/proc/sys",
    "/root",
    "/sbin",
    "/sys/kernel",
    "/usr/bin",
    "/usr/lib/systemd",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/sbin",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/var/spool/cron",
)
_HARMLESS = (
    "/dev/null",
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/dev/shm",  # noqa: S108 - a path of nodes, at which nothing is written here
    "/dev/net",
    "/dev/fuse",
    "/dev/dri",
)


def grip(path: str, *, read_only: bool) -> Grip:
    """
    Return what a path of the node gives to who has it mounted.

    A socket can be asked through a mount that is read-only as well. What holds one of the
    known places gives as much as that place, and so does what lies in one.
    """
    found = _plain(path)
    if any(_holds(found, each) for each in _SOCKETS):
        return Grip.SOCKET
    if read_only:
        return Grip.TOKENS if _holds(found, _PODS) or found.startswith(f"{_PODS}/") else Grip.NONE
    if any(_holds(each, found) for each in _HARMLESS):
        return Grip.NONE
    if any(_holds(found, each) or _holds(each, found) for each in _RUN_OR_BELIEVED):
        return Grip.ROOT
    return Grip.MAYBE


def below(path: str, part: str) -> str:
    """Return the part of a volume that a mount shows (``subPath``)."""
    return posixpath.join(path, part) if part else path


def _plain(path: str) -> str:
    found = posixpath.normpath(path or "/")
    found = "/" + found.lstrip("/")
    # /var/run is a link to /run on all nodes there are.
    return found.removeprefix("/var") if found == "/var/run" or found.startswith("/var/run/") else found


def _holds(outer: str, inner: str) -> bool:
    """Return whether a path is another, or a directory above it."""
    return inner == outer or inner.startswith("/" if outer == "/" else f"{outer}/")
