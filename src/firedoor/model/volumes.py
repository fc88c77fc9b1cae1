"""
What lies in the containers of a pod: volumes, and the Secrets and ConfigMaps that volumes and variables name.

Of Secrets only the names are known; of the values of variables only the hosts that they name are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, Place
from firedoor.model.shapes import mappings

if TYPE_CHECKING:
    from collections.abc import Iterator


class SecretSource(Struct, frozen=True, gc=False, omit_defaults=True):
    """A Secret by its name (``v1.SecretKeySelector``, ``v1.SecretEnvSource``, ``v1.SecretProjection``)."""

    name: str = ""


class ConfigMapKey(Struct, frozen=True, gc=False, omit_defaults=True):
    """A key of a ConfigMap (``v1.ConfigMapKeySelector``)."""

    name: str = ""
    key: str = ""


class KeyToPath(Struct, frozen=True, gc=False, omit_defaults=True):
    """A key of a ConfigMap, and the file that it becomes (``v1.KeyToPath``)."""

    key: str = ""
    path: str = ""


class ConfigMapSource(Struct, frozen=True, gc=False, omit_defaults=True):
    """A ConfigMap by its name (``v1.ConfigMapEnvSource``, ``v1.ConfigMapProjection``); no `items` are all keys."""

    name: str = ""
    items: tuple[KeyToPath, ...] = ()


class ValueSource(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Where the value of a variable comes from (``v1.EnvVarSource``)."""

    secret_key_ref: SecretSource | None = None
    config_map_key_ref: ConfigMapKey | None = None


class Variable(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """An environment variable (``v1.EnvVar``); `reduce_launch` takes its name and its value away."""

    value_from: ValueSource | None = None
    name: str = ""
    value: str = ""


class VariablesSource(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Where a set of variables comes from (``v1.EnvFromSource``)."""

    secret_ref: SecretSource | None = None
    config_map_ref: ConfigMapSource | None = None


class VolumeMount(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Where a container sees a volume (``v1.VolumeMount``)."""

    name: str = ""
    mount_path: str = ""
    read_only: bool = False
    sub_path: str = ""
    sub_path_expr: str = ""


class TokenSource(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """A token of the pod's service account (``v1.ServiceAccountTokenProjection``); no audience is the API server's."""

    audience: str = ""
    expiration_seconds: int = 3600
    path: str = ""


class ProjectedSource(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """One of the things in a projected volume (``v1.VolumeProjection``)."""

    service_account_token: TokenSource | None = None
    secret: SecretSource | None = None
    config_map: ConfigMapSource | None = None


class VolumeDetails(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """
    What is known of the source of a volume.

    `path` and `type` are those of a ``hostPath`` (``local`` and ``nfs`` have a path
    too), `secret_name` of a ``secret``, `claim_name` of a ``persistentVolumeClaim``,
    `driver` of ``csi`` and ``flexVolume``, `sources` of a ``projected`` volume, `name` and
    `items` of a ``configMap`` (sources of other types may have anything in the latter).
    """

    path: str = ""
    type: str | None = None
    secret_name: str = ""
    claim_name: str = ""
    driver: str = ""
    sources: tuple[ProjectedSource, ...] = ()
    read_only: bool = False
    name: str = ""
    items: Any = None


VolumeFields = dict[str, str | VolumeDetails]
"""A volume as the API has it (``v1.Volume``): its ``name``, and one field more, named as the type of its source."""

_NO_DETAILS = VolumeDetails()


class Volume(Struct, frozen=True, gc=False):
    """
    A volume of a pod.

    `source` is the field of ``v1.VolumeSource`` that is set (``hostPath``, ``secret``,
    ``emptyDir``), of types that nobody knows yet as well.
    """

    name: str
    source: str
    details: VolumeDetails = _NO_DETAILS

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The names of the Secrets in the volume."""
        if self.source == "secret":
            return (self.details.secret_name,) if self.details.secret_name else ()
        found = {each.secret.name for each in self.details.sources if each.secret is not None and each.secret.name}
        return tuple(sorted(found))

    @property
    def config_maps(self) -> tuple[ConfigMapSource, ...]:
        """The ConfigMaps in the volume."""
        if self.source == "configMap":
            written = mappings(self.details.items)
            items = (KeyToPath(str(each.get("key", "")), str(each.get("path", ""))) for each in written)
            return (ConfigMapSource(self.details.name, tuple(items)),)
        return tuple(each.config_map for each in self.details.sources if each.config_map is not None)

    @property
    def has_api_token(self) -> bool:
        """Whether a token that the API server takes is projected into the volume."""
        tokens = (each.service_account_token for each in self.details.sources)
        return any(each is not None and not each.audience for each in tokens)


def volumes_of(fields: tuple[VolumeFields, ...]) -> Iterator[Volume]:
    """
    Yield the volumes that are written in `fields`.

    One without a source is an ``emptyDir``; one with several, which the API server
    refuses, is yielded once for each.
    """
    for each in fields:
        name = each.get("name")
        named = name if isinstance(name, str) else ""
        sources = [source for source in each if source != "name"] or ["emptyDir"]
        for source in sources:
            details = each.get(source)
            yield Volume(named, source, details if isinstance(details, VolumeDetails) else _NO_DETAILS)


class ClaimReference(Struct, frozen=True, gc=False, omit_defaults=True):
    """The PersistentVolumeClaim that holds a volume (``v1.ObjectReference``)."""

    namespace: str = ""
    name: str = ""


class PersistentVolumeSpec(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Where a persistent volume lies, as far as that is a path on a node, and whose it is."""

    host_path: VolumeDetails | None = None
    local: VolumeDetails | None = None
    claim_ref: ClaimReference | None = None
    storage_class_name: str = ""


class PersistentVolume(Struct, frozen=True, gc=False):
    """A persistent volume (``v1.PersistentVolume``)."""

    metadata: ObjectMeta = ObjectMeta()
    spec: PersistentVolumeSpec = PersistentVolumeSpec()
    place: Place = NOWHERE


class PersistentVolumeClaimSpec(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """Which persistent volume a claim got."""

    volume_name: str = ""


class PersistentVolumeClaim(Struct, frozen=True, gc=False):
    """A claim to a persistent volume (``v1.PersistentVolumeClaim``)."""

    metadata: ObjectMeta = ObjectMeta()
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    place: Place = NOWHERE
