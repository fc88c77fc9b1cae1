"""
The specifications of served pods, from their JSON, with what replicas have in common decoded and kept once.

Replicas are equal in their text. Only the name of the node, and the end of the name of
the volume in which the API server gave them their token, are of one pod alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct, field
from msgspec.structs import astuple, replace

from firedoor.model.launching import reduce_launch
from firedoor.model.tokens import API_ACCESS, api_access_name, rename_mounts, rename_volume
from firedoor.model.volumes import VolumeFields
from firedoor.model.workloads import PodSpec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.metadata import OwnerReference

_TEXT, _LIST, _FALSE, _NULL = Raw(b'""'), Raw(b"[]"), Raw(b"false"), Raw(b"null")


class SpecWire(Struct, gc=False, rename="camel"):
    """A specification of a pod, of which all but the name of the node is still text."""

    node_name: str = ""
    volumes: Raw = _LIST
    containers: Raw = _LIST
    init_containers: Raw = _LIST
    ephemeral_containers: Raw = _LIST
    security_context: Raw = _NULL
    os: Raw = _NULL
    host_network: Raw = _FALSE
    host_pid: Raw = field(name="hostPID", default=_FALSE)
    host_ipc: Raw = field(name="hostIPC", default=_FALSE)
    host_users: Raw = _NULL
    share_process_namespace: Raw = _NULL
    service_account_name: Raw = _TEXT
    service_account: Raw = _TEXT
    automount_service_account_token: Raw = _NULL


_OTHERS = (
    b'{"containers":%b,"initContainers":%b,"ephemeralContainers":%b,"securityContext":%b,"os":%b,"hostNetwork":%b,'
    b'"hostPID":%b,"hostIPC":%b,"hostUsers":%b,"shareProcessNamespace":%b,"serviceAccountName":%b,'
    b'"serviceAccount":%b,"automountServiceAccountToken":%b}'
)
"""What follows the volumes in `SpecWire`."""


class SpecReader:
    """Reads the specifications of the pods of one source."""

    def __init__(self) -> None:
        """Know none yet."""
        self._volumes_of = msgspec.json.Decoder(tuple[VolumeFields, ...])
        self._others_of = msgspec.json.Decoder(PodSpec)
        self._kept: dict[int, PodSpec] = {}
        self._last = PodSpec()
        """The last specification, less its node."""
        self._pieces: tuple[bytes, ...] = ()
        """Its text, in pieces: between them stands the random end of the name of the volume of the token."""
        self._start = self._stop = 0
        """Where in the text the first end of the name is."""

    def read(self, wire: SpecWire, owners: tuple[OwnerReference, ...]) -> PodSpec:
        """
        Return the specification of a pod that `owners` made, less its node.

        Raises ``msgspec.ValidationError`` for what only the general way reads.
        """
        _, *texts = astuple(wire)
        text = b"\0".join(texts)
        end = text[self._start : self._stop]
        # Replicas stand together: nearly always this is the pod before, with another end of the name.
        if end.join(self._pieces) != text or not (end.isalnum() or not end):
            spec, name = self._decoded(texts)
            reduce_launch(spec.all_containers)
            self._last = self._shared(spec, owners)
            self._pieces = _pieces(text, name)
            end = name.removeprefix(API_ACCESS).encode() if len(self._pieces) > 1 else b""
            self._start = len(self._pieces[0]) if end else 0
            self._stop = self._start + len(end)
        return self._last

    def alone(self, texts: Sequence[bytes], owners: tuple[OwnerReference, ...]) -> tuple[PodSpec, str]:
        """
        Return the specification of all pods with such texts, less their node, and the name of the volume of the token.

        They may have another random end of that name: wherever it stands, it stands for the
        volume. Where that is not so, or there is no such volume, the name is empty. What the
        containers are started with is whole: `reduce_launch` is left to the caller. Raises
        ``msgspec.ValidationError`` for what only the general way reads.
        """
        spec, name = self._decoded(texts)
        return self._shared(spec, owners), name

    def _decoded(self, texts: Sequence[bytes]) -> tuple[PodSpec, str]:
        volumes, others = bytes(texts[0]), _OTHERS % tuple(texts[1:])
        fields = self._volumes_of.decode(volumes)
        spec = self._others_of.decode(others)
        name = api_access_name(fields)
        if name:
            quoted, end = f'"{name}"'.encode(), name.removeprefix(API_ACCESS).encode()
            renamed = rename_volume(fields, name), rename_mounts(spec.all_containers, name)
            # A name that is not written as it is read is not found in the text.
            if not end.isalnum() or renamed != (volumes.count(quoted), others.count(quoted)):
                name = ""
        return replace(spec, volume_fields=fields), name

    def _shared(self, spec: PodSpec, owners: tuple[OwnerReference, ...]) -> PodSpec:
        """Return what the last pod of the same owner had, as far as that is equal; others may stand between them."""
        kept = self._kept.get(id(owners))
        if kept is not None:
            containers = kept.containers if kept.containers == spec.containers else spec.containers
            volumes = kept.volume_fields if kept.volume_fields == spec.volume_fields else spec.volume_fields
            spec = replace(spec, containers=containers, volume_fields=volumes)
        self._kept[id(owners)] = spec
        return spec


def _pieces(text: bytes, name: str) -> tuple[bytes, ...]:
    """Return what stands in a text between the random ends of a name, wherever that stands in quotes."""
    begins = f'"{API_ACCESS}'.encode()
    first, *others = text.split(f'"{name}"'.encode()) if name else (text,)
    # The name of another pod may be that of a volume which stands here too.
    if not others or len(others) < text.count(begins):
        return (text,)
    *between, last = others
    return (first + begins, *(b'"' + each + begins for each in between), b'"' + last)
