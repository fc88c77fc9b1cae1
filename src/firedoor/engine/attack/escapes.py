"""How code in a pod gets out to its node."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.host_paths import Grip, below, grip

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.engine.attack.techniques import Technique
    from firedoor.model.places import ObjectRef
    from firedoor.model.workloads import Container, PodSpec


class Escape(NamedTuple):
    """
    A way out of a pod.

    `to_pods` says that it leads into the other pods of the node only. `is_possible` says that
    it hangs on what is not known. `volume` is the PersistentVolume that it goes through.
    """

    technique: Technique
    words: str
    to_pods: bool = False
    is_possible: bool = False
    volume: ObjectRef | None = None


class MountedVolume(NamedTuple):
    """A path of the node behind a PersistentVolume, and that volume."""

    path: str
    volume: ObjectRef


_ALL = "ALL"
_DEADLY = frozenset({_ALL, "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH"})
"""Capabilities with which root in a container is root on the node, whatever else is set."""
_OF_PROCESSES = frozenset({_ALL, "SYS_ADMIN", "SYS_PTRACE"})
"""Capabilities that open the processes that one sees."""


def escapes(spec: PodSpec, claims: Mapping[str, MountedVolume]) -> tuple[Escape, ...]:
    """
    Return the ways out of a pod; `claims` are the volumes of its namespace by the claim that is bound to them.

    A container of which nothing says who it runs as is taken to run as root; one that does
    not has none of its capabilities at hand. In a user namespace (``hostUsers: false``) they
    are worth nothing outside the pod. Initial containers have ended, unless they are sidecars.
    """
    found: dict[Escape, None] = {}
    for container in (*spec.serving_containers, *spec.ephemeral_containers):
        if spec.host_users is not False:
            found |= dict.fromkeys(_by_rights(spec, container))
        found |= dict.fromkeys(_by_paths(spec, container, claims))
    return tuple(found)


def _by_rights(spec: PodSpec, container: Container) -> Iterator[Escape]:
    context = container.security_context
    is_privileged = context is not None and bool(context.privileged)
    added = frozenset(context.capabilities.add if context is not None and context.capabilities is not None else ())
    name, is_root = f"container {container.name}", _is_root(spec, container)
    if is_privileged:
        yield Escape(by.PRIVILEGED, f"{name}: securityContext.privileged is true", is_possible=not is_root)
    deadly = sorted(added & _DEADLY)
    if deadly:
        words = f"{name}: securityContext.capabilities.add has {', '.join(deadly)}"
        yield Escape(by.CAPABILITY, words, is_possible=not is_root)
    if spec.host_pid:
        sees_all = is_root and (is_privileged or bool(added & _OF_PROCESSES))
        words = f"{name}: hostPID is true" + (", and its rights open all processes" if sees_all else "")
        if not sees_all:
            yield Escape(by.HOST_PID, words, to_pods=True, is_possible=not is_root)
        yield Escape(by.HOST_PID, words, is_possible=not sees_all)


def _by_paths(spec: PodSpec, container: Container, claims: Mapping[str, MountedVolume]) -> Iterator[Escape]:
    volumes = {each.name: each for each in spec.volumes}
    for mount in container.volume_mounts:
        volume = volumes.get(mount.name)
        if volume is None:
            continue
        behind = claims.get(volume.details.claim_name) if volume.source == "persistentVolumeClaim" else None
        if volume.source == "hostPath":
            path, ref = volume.details.path, None
        elif behind is not None:
            path, ref = behind.path, behind.volume
        else:
            continue
        path = below(path, mount.sub_path or mount.sub_path_expr)
        # The volume of a claim can be read-only for all mounts of it.
        is_read_only = mount.read_only or volume.details.read_only
        what = "" if ref is None else f" (PersistentVolume {ref.name})"
        how = " read-only" if is_read_only else ""
        words = f"container {container.name}: {path} of the node{what} is mounted{how} at {mount.mount_path}"
        found = grip(path, read_only=is_read_only)
        if found is Grip.SOCKET:
            yield Escape(by.RUNTIME_SOCKET, words, is_possible=not _is_root(spec, container), volume=ref)
        elif found is not Grip.NONE:
            is_sure = found is not Grip.MAYBE and _is_root(spec, container)
            technique = by.HOST_PATH if ref is None else by.VOLUME
            yield Escape(technique, words, to_pods=found is Grip.TOKENS, is_possible=not is_sure, volume=ref)


def _is_root(spec: PodSpec, container: Container) -> bool:
    """Return whether nothing keeps a container from running as root (``runAsUser``, ``runAsNonRoot``)."""
    own, pod = container.security_context, spec.security_context
    settings = [each for each in (own, pod) if each is not None]
    user = next((each.run_as_user for each in settings if each.run_as_user is not None), None)
    non_root = next((each.run_as_non_root for each in settings if each.run_as_non_root is not None), False)
    return user == 0 if user is not None else not non_root
