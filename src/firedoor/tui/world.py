"""What the screens show: a cluster that was read, and what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.errors import NothingInScopeError
from firedoor.tui.rows import end_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.api import Cluster
    from firedoor.interfaces import Progress
    from firedoor.model.connections import PeerConnection
    from firedoor.model.places import ObjectRef
    from firedoor.tui.work import Steps
    from firedoor.usecases.diagnose import Diagnosis

    Read = Callable[[Progress], Cluster]


@dataclass(frozen=True, slots=True)
class World:
    """A cluster and its diagnosis."""

    cluster: Cluster
    diagnosis: Diagnosis

    @property
    def names(self) -> dict[ObjectRef, str]:
        """How each workload is named as an end of a question."""
        return end_names(self.diagnosis.inventory)


def read_world(read: Read, steps: Steps, namespace: str = "") -> World:
    """
    Read a cluster and diagnose it; raises what reading raises.

    Raises ``NothingInScopeError`` where no pod is in the namespace that is to be shown, if one is named.
    """
    cluster = read(steps)
    steps.say("diagnosing")
    diagnosis = cluster.diagnose().found
    if namespace and all(row.namespace != namespace for row in diagnosis.inventory.pods):
        raise NothingInScopeError(f"there is no pod in a namespace {namespace}", remedy="leave -n out to see all")
    return World(cluster, diagnosis)


def connections_of(world: World, ref: ObjectRef) -> tuple[PeerConnection, ...]:
    """Return the connections of a workload, or of those of its name: to it, then from it."""
    name = f"{ref.namespace}/{ref.name}"
    return (*world.cluster.reach(to=name).found.connections, *world.cluster.reach(name).found.connections)
