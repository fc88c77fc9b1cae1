"""Volumes of other types than those that hold nothing of the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault
from firedoor.engine.pod_security.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt

ALLOWED = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
"""Types that may be used; a volume without any is an ``emptyDir``."""


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    for index, volume in enumerate(pod.spec.volume_fields):
        sources = [name for name in volume if name != "name"]
        if sources and ALLOWED.isdisjoint(sources):
            path = f"spec.volumes[{index}].{sources[0]}"
            yield Fault(path, f"volume {volume.get('name', '')} is of type {sources[0]}")


CONTROL = Control("restrictedVolumes", Level.RESTRICTED, "types of volumes", _faults, overrides="hostPathVolumes")
