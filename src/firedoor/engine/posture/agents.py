"""Node agents of network plugins whose own manifests show what they record and measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew

_CILIUM_IMAGES = ("cilium/cilium", "isovalent/cilium", "mirrored-cilium-cilium")
_STATE = "cilium-run"
"""A volume that the charts of Cilium always give the agent: a DaemonSet without it was not written by them."""


def cilium_agents(context: Context) -> Iterator[Crew]:
    """Yield the agents of Cilium as its charts write them, so that what is not in them is off."""
    for crew in context.first_crews:
        if crew.workload.kind == "DaemonSet" and any(_is_cilium(each.image) for each in crew.spec.containers):
            yield from [crew] if any(each.name == _STATE for each in crew.spec.volumes) else []


def port_names(crew: Crew) -> set[str]:
    """Return the names of the ports that the containers declare."""
    return {port.name for container in crew.spec.serving_containers for port in container.ports}


def _is_cilium(image: str) -> bool:
    reference = image.partition("@")[0]
    parent, slash, last = reference.rpartition("/")
    repository = f"{parent}{slash}{last.partition(':')[0]}"
    return any(repository == each or repository.endswith(f"/{each}") for each in _CILIUM_IMAGES)
