"""A pod as controls look at it: its annotations, its specification, and its containers with their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.model.pod_security import SecurityContext
    from firedoor.model.workloads import Container, PodSpec

_WINDOWS_EXEMPT = 25
"""The release from which pods for Windows are not asked what it knows nothing of."""


class ContainerAt(NamedTuple):
    """A container, and the list of the specification in which it stands."""

    field: str
    position: int
    container: Container

    @property
    def path(self) -> str:
        """``spec.initContainers[0]``."""
        return f"spec.{self.field}[{self.position}]"

    @property
    def context(self) -> SecurityContext | None:
        """Its security context."""
        return self.container.security_context

    @property
    def words(self) -> str:
        """``container web``."""
        return f"container {self.container.name}"


class PodAt(NamedTuple):
    """A pod that is judged: what controls look at."""

    annotations: Mapping[str, str]
    spec: PodSpec
    containers: tuple[ContainerAt, ...]
    """Initial, regular and ephemeral ones, in this order."""

    def is_exempt(self, minor: int) -> bool:
        """Return whether a release does not ask what Windows knows nothing of, for ``spec.os.name`` says that it is."""
        return minor >= _WINDOWS_EXEMPT and self.spec.os is not None and self.spec.os.name == "windows"

    @property
    def has_own_users(self) -> bool:
        """Whether the pod has a user namespace of its own (``spec.hostUsers: false``)."""
        return self.spec.host_users is False


def pod_at(annotations: Mapping[str, str], spec: PodSpec) -> PodAt:
    """Return a pod as controls look at it."""
    lists = (
        ("initContainers", spec.init_containers),
        ("containers", spec.containers),
        ("ephemeralContainers", spec.ephemeral_containers),
    )
    containers = tuple([ContainerAt(name, index, each) for name, found in lists for index, each in enumerate(found)])
    return PodAt(annotations, spec, containers)
