"""Which level of the Pod Security Standards each namespace could enforce, and what stands in the way."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.places import Gap, ObjectRef


class Obstacle(Struct, frozen=True, gc=False):
    """A control that a workload violates, with what is wrong and where."""

    level: str
    control: str
    faults: tuple[str, ...]


class ObstructingWorkload(Struct, frozen=True, gc=False):
    """A workload that stands in the way of a level; `meets` is the level that allows it."""

    workload: ObjectRef
    meets: str
    obstacles: tuple[Obstacle, ...]


class NamespaceStanding(Struct, frozen=True, gc=False):
    """
    How a namespace stands to the levels.

    `enforce` and `enforce_version` are its labels, None where they are not there;
    `is_known` says whether the namespace itself was read, so that its labels are known.
    `meets` is the strictest level that allows everything in it.
    """

    namespace: str
    is_known: bool
    enforce: str | None
    enforce_version: str | None
    meets: str
    workloads: int
    obstructing: tuple[ObstructingWorkload, ...]


class PodSecurityDryRun(Struct, frozen=True, gc=False):
    """The namespaces by name, the version that was asked about, and the release whose standards that means."""

    version: str
    effective_version: str
    namespaces: tuple[NamespaceStanding, ...]
    gaps: tuple[Gap, ...]
