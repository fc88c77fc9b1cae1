"""What Calico stores (``crd.projectcalico.org``) and how it stands for the objects of ``projectcalico.org``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from firedoor.model.calico import DEFAULT_TIER

if TYPE_CHECKING:
    from firedoor.model.calico_fields import CalicoReader
    from firedoor.model.metadata import ObjectMeta

ANNOTATION = "projectcalico.org/metadata"
"""Holds the metadata that an object has in the API, as JSON."""

_NAMES_IN_DEFAULT_TIER = ("knp.default.", "ossg.")
_NAMES_IN_OTHER_TIERS = {"kcnp.kube-admin.": "kube-admin", "kcnp.kube-baseline.": "kube-baseline"}


class _Metadata(Struct, gc=False):
    name: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


def api_metadata(reader: CalicoReader, metadata: ObjectMeta) -> ObjectMeta:
    """Return the metadata of an object in the API; that of a stored one stands in an annotation, its labels too."""
    text = metadata.annotations.get(ANNOTATION) if reader.is_stored else None
    if text is None:
        return metadata
    try:
        found = msgspec.json.decode(text, type=_Metadata)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        reason = "found no JSON of an object's metadata, so that the labels are not known"
        reader.doubt(f"metadata.annotations[{ANNOTATION}]", reason, "store the object by calicoctl or kubectl")
        return metadata
    own = {key: value for key, value in metadata.annotations.items() if key != ANNOTATION}
    return msgspec.structs.replace(
        metadata,
        name=found.name or metadata.name,
        labels={**metadata.labels, **(found.labels or {})},
        annotations={**own, **(found.annotations or {})},
    )


def tier_of_stored_name(name: str) -> str:
    """Return the tier that the name of a stored policy begins with; names without a dot are in the default tier."""
    if name.startswith(_NAMES_IN_DEFAULT_TIER):
        return DEFAULT_TIER
    for prefix, tier in _NAMES_IN_OTHER_TIERS.items():
        if name.startswith(prefix):
            return tier
    prefix, dot, _ = name.partition(".")
    return prefix if dot else DEFAULT_TIER
