"""The reference of how code in a pod gets out to its node, and what the specification of a pod says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section, strings

CAPABILITIES = {"SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "ALL"}
TRACING = {"SYS_PTRACE", "SYS_ADMIN", "ALL"}
BELIEVED = ("/etc/kubernetes", "/etc/shadow", "/root", "/usr/bin", "/var/lib/kubelet")
"""Some paths that the node runs or believes in."""
VOLUMES = "/var/lib/kubelet/pods"
SOCKETS = ("/run/containerd/containerd.sock", "/run/docker.sock", "/var/run/docker.sock")
TO_NODE, TO_PODS = "node", "pods"


@dataclass(frozen=True)
class Pod:
    """
    A pod with its specification.

    ``has_name`` says that its name is known beforehand, as it is not made from a template or by a StatefulSet.
    """

    end: RefPod
    kind: str
    name: str
    spec: Manifest
    has_name: bool

    @property
    def account(self) -> str:
        """The name of its service account."""
        return self.spec.get("serviceAccountName") or "default"

    @property
    def asked_name(self) -> str:
        """The name of the pod, which is one that nobody knows before it is made from its template."""
        return self.end.name if self.has_name else f"{self.name}-x2k7p"


def spec_of(cluster: list[Manifest], end: RefPod) -> tuple[Manifest, Manifest]:
    """Return the object that a pod was read from, and the specification in it."""
    name = end.name.rpartition("-")[0] if end.kind == "StatefulSet" else end.name
    for written in cluster:
        if written.get("kind") != end.kind or name_of(written) != name or namespace_of(written) != end.namespace:
            continue
        spec = section(written, "spec")
        if end.kind == "CronJob":
            spec = section(section(spec, "jobTemplate"), "spec")
        return written, spec if end.kind == "Pod" else section(section(spec, "template"), "spec")
    raise LookupError(end)


def running(spec: Manifest) -> list[Manifest]:
    """Return the containers that code in a pod can be in: initial ones have ended, unless they are sidecars."""
    sidecars = [each for each in items(spec, "initContainers") if each.get("restartPolicy") == "Always"]
    return [*items(spec, "containers"), *sidecars]


def escapes(cluster: list[Manifest], pod: Pod) -> set[str]:
    """
    Return where code in a pod is sure to get out to: the node, or the pods there.

    Who is not root has none of the capabilities of his container, and may not write what is root's.
    """
    found: set[str] = set()
    for container in running(pod.spec):
        if not _is_root(pod.spec, container):
            continue
        context = section(container, "securityContext")
        added = set(strings(section(context, "capabilities"), "add"))
        if context.get("privileged") or added & CAPABILITIES:
            found.add(TO_NODE)
        if pod.spec.get("hostPID"):
            found.add(TO_NODE if context.get("privileged") or added & TRACING else TO_PODS)
        for path, is_read_only in _paths(cluster, pod, container):
            found |= _by_path(path, is_read_only=is_read_only)
    return found


def _is_root(spec: Manifest, container: Manifest) -> bool:
    """Return whether a container runs as root, as it does unless it or its pod says otherwise."""
    contexts = [section(container, "securityContext"), section(spec, "securityContext")]
    users = [each["runAsUser"] for each in contexts if each.get("runAsUser") is not None]
    if users:
        return bool(users[0] == 0)
    return not any([each["runAsNonRoot"] for each in contexts if each.get("runAsNonRoot") is not None][:1])


def _paths(cluster: list[Manifest], pod: Pod, container: Manifest) -> Iterator[tuple[str, bool]]:
    """Yield the paths of the node that a container has mounted, and whether only to be read."""
    for mount in items(container, "volumeMounts"):
        for volume in items(pod.spec, "volumes"):
            if volume["name"] != mount["name"]:
                continue
            claim = section(volume, "persistentVolumeClaim")
            path = section(volume, "hostPath").get("path") or ""
            if claim:
                path = _path_behind(cluster, pod.end.namespace, claim["claimName"])
            if path:
                # What an expression comes to is known to nobody here: some name.
                part = mount.get("subPath") or ("unknown" if mount.get("subPathExpr") else "")
                path = f"{path.rstrip('/')}/{part}" if part else path
                yield path, bool(mount.get("readOnly") or claim.get("readOnly"))


def _path_behind(cluster: list[Manifest], namespace: str, claim: str) -> str:
    for written in objects(cluster, "", "PersistentVolumeClaim"):
        if name_of(written) != claim or namespace_of(written) != namespace:
            continue
        for volume in objects(cluster, "", "PersistentVolume"):
            if name_of(volume) == section(written, "spec").get("volumeName"):
                return str(section(section(volume, "spec"), "hostPath").get("path") or "")
    return ""


def _by_path(path: str, *, is_read_only: bool) -> set[str]:
    """Return what a path gives: a socket answers through a mount that is only to be read as well."""
    if any(_is_in(each, path) for each in SOCKETS):
        return {TO_NODE}
    if not is_read_only:
        return {TO_NODE} if any(_is_in(each, path) or _is_in(path, each) for each in BELIEVED) else set()
    return {TO_PODS} if _is_in(VOLUMES, path) or _is_in(path, VOLUMES) else set()


def _is_in(path: str, directory: str) -> bool:
    return f"{path}/".startswith(directory.rstrip("/") + "/")
