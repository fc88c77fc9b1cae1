"""
Whether a pod holds a token of its service account that the API server takes.

Implements what the ServiceAccount admission controller does to pods
(``automountServiceAccountToken``), and what volumes say of pods that it has let in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import force_setattr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.rbac import ServiceAccount
    from firedoor.model.volumes import Volume, VolumeFields
    from firedoor.model.workloads import Container, PodSpec

API_ACCESS = "kube-api-access-"
"""How the names of the volumes begin in which the API server gives pods their token."""

API_ACCESS_ANY = f"{API_ACCESS}*"
"""What the model calls such a volume, as no volume can be called: the random end would make each replica another."""

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105 - a directory
"""Where containers find their token."""


class TokenMount(NamedTuple):
    """Whether a pod holds a token for the API server, and what tells so."""

    is_mounted: bool
    reason: str


def mounted_token(spec: PodSpec, account: ServiceAccount | None, *, is_template: bool) -> TokenMount:
    """
    Return whether containers of a pod find a token for the API server, and what tells so.

    `is_template` says that the API server has not yet seen the pod, as is so of a template
    and of a manifest: then it will add the token unless ``automountServiceAccountToken``
    of the pod, or else of its `account`, forbids. Of a pod that was served, its volumes tell.
    """
    found = _in_volumes(spec)
    if found is not None:
        return TokenMount(is_mounted=True, reason=f"volume {found.name} holds it")
    if not is_template:
        return TokenMount(is_mounted=False, reason="no volume of the pod that a container mounts holds it")
    added = _automounted(spec, account)
    if added.is_mounted and not _leaves_room(spec):
        return TokenMount(is_mounted=False, reason=f"every container mounts something else at {TOKEN_PATH}")
    # The server takes a volume of such a name for the token's, whatever is in it.
    taken = next((each for each in spec.volumes if each.name.startswith(API_ACCESS)), None)
    if added.is_mounted and taken is not None and not taken.has_api_token:
        return TokenMount(is_mounted=False, reason=f"volume {taken.name} of the pod stands in for the token's")
    return added


def _automounted(spec: PodSpec, account: ServiceAccount | None) -> TokenMount:
    """Return whether a pod is to get a token by ``automountServiceAccountToken``, its own before its account's."""
    if spec.automount_service_account_token is not None:
        return TokenMount(spec.automount_service_account_token, "the pod says so")
    if account is not None and account.automount_service_account_token is not None:
        return TokenMount(account.automount_service_account_token, "the service account says so")
    return TokenMount(is_mounted=True, reason="nothing says otherwise")


def _leaves_room(spec: PodSpec) -> bool:
    """Return whether the API server adds a token to a container: not where something is mounted at its path."""
    created = (*spec.init_containers, *spec.containers)
    taken = sum(any(mount.mount_path == TOKEN_PATH for mount in each.volume_mounts) for each in created)
    return taken < len(created) or not created


def _in_volumes(spec: PodSpec) -> Volume | None:
    """
    Return the volume that a container finds a token in.

    A projected ``serviceAccountToken`` without an audience is for the API server. Before
    1.22 servers mounted a Secret at the path of the token.
    """
    if not spec.volume_fields:
        return None
    mounts = [mount for container in spec.all_containers for mount in container.volume_mounts]
    mounted = {each.name for each in mounts}
    legacy = {each.name for each in mounts if each.mount_path == TOKEN_PATH}
    for volume in spec.volumes:
        if volume.name in mounted and volume.has_api_token:
            return volume
        if volume.name in legacy and volume.source == "secret":
            return volume
    return None


def api_access_name(volumes: Iterable[VolumeFields]) -> str:
    """Return the name of the volume in which the API server gave a pod its token; empty where it is not just one."""
    found = ""
    for each in volumes:
        name = each.get("name")
        if isinstance(name, str) and name.startswith(API_ACCESS) and name != found:
            if found:
                return ""
            found = name
    return found


def rename_volume(volumes: Iterable[VolumeFields], name: str) -> int:
    """Call the volumes of a name `API_ACCESS_ANY`, and return how many; nobody may have seen them yet."""
    count = 0
    for each in volumes:
        if each.get("name") == name:
            each["name"] = API_ACCESS_ANY
            count += 1
    return count


def rename_mounts(containers: Iterable[Container], name: str) -> int:
    """Let the mounts of a volume name it `API_ACCESS_ANY`, and return how many; nobody may have seen them yet."""
    count = 0
    for container in containers:
        for mount in container.volume_mounts:
            if mount.name == name:
                force_setattr(mount, "name", API_ACCESS_ANY)
                count += 1
    return count


def rename_api_access(spec: PodSpec) -> None:
    """Call the volume of the token alike in all pods; nobody may have seen the specification yet."""
    name = api_access_name(spec.volume_fields)
    if name:
        rename_volume(spec.volume_fields, name)
        rename_mounts(spec.all_containers, name)
