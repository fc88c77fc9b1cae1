"""Volumes that are a path of the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.pod_security.control import Control, Fault
from firedoor.engine.pod_security.levels import Level
from firedoor.model.volumes import VolumeDetails

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.pod_security.pods import PodAt


def _faults(pod: PodAt, _minor: int) -> Iterator[Fault]:
    for index, volume in enumerate(pod.spec.volume_fields):
        details = volume.get("hostPath")
        if isinstance(details, VolumeDetails):
            path = f"spec.volumes[{index}].hostPath"
            yield Fault(path, f"volume {volume.get('name', '')} is {details.path or '?'} of the node")


CONTROL = Control("hostPathVolumes", Level.BASELINE, "paths of the node", _faults)
