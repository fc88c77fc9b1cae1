"""The settings of an Istio mesh, which stand as YAML in a ConfigMap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.adapters.manifests.yaml_reader import UnreadableError, read
from firedoor.model.mesh_config import CONFIG_MAP, KEY, MeshConfig, mesh_config
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Gap, GapKind, ObjectRef

if TYPE_CHECKING:
    from firedoor.model.places import Place


def read_mesh_settings(document: dict[str, Any], place: Place, namespace: str) -> MeshConfig | Gap | None:
    """
    Return the settings that an object holds, or the gap that they leave where they cannot be read.

    None for every object but the ConfigMap ``istio`` with the key ``mesh``; `namespace` is
    that of objects that name none.
    """
    metadata, data = document.get("metadata"), document.get("data")
    if (document.get("apiVersion"), document.get("kind")) != ("v1", "ConfigMap") or not isinstance(metadata, dict):
        return None
    text = data.get(KEY) if isinstance(data, dict) else None
    if metadata.get("name") != CONFIG_MAP or not isinstance(text, str):
        return None
    where = ObjectMeta(CONFIG_MAP, str(metadata.get("namespace") or namespace))
    try:
        parsed = read(text, 1)
        return mesh_config(None if parsed is None else parsed.value, where, place)
    except (UnreadableError, ValueError) as error:
        reason = str(error)
    return Gap(
        GapKind.UNREADABLE,
        str(place),
        f"ConfigMap {where.namespace}/{CONFIG_MAP}: data.{KEY}: {reason}; the settings of the mesh are taken to be the "
        "defaults",
        "compare it with MeshConfig in the reference of Istio",
        ObjectRef("ConfigMap", where.namespace, CONFIG_MAP),
    )
