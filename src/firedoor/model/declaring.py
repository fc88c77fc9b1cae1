"""The ports that pods declare, the same objects for all that declare the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.workloads import ContainerPort, PodSpec

Named = tuple[tuple[str, str, int], ...]
Listening = tuple[tuple[str, int], ...]


class Declared(NamedTuple):
    """
    What a pod declares in the containers that serve.

    `named` are ``(name, protocol, number)`` of the ports with a name, `listening` are
    ``(protocol, number)`` of all, both sorted.
    """

    named: Named
    listening: Listening


def declared(ports: Iterable[ContainerPort]) -> Declared:
    """Return what some ports (``v1.ContainerPort``) declare."""
    found = {(port.name, port.protocol or "TCP", port.container_port) for port in ports}
    return Declared(tuple(sorted(each for each in found if each[0])), tuple(sorted({each[1:] for each in found})))


class Declarations:
    """Tells what pods declare: many declare the same, which is then one object."""

    def __init__(self) -> None:
        """Know none yet."""
        self._known: dict[tuple[ContainerPort, ...], Declared] = {}

    def of(self, spec: PodSpec) -> Declared:
        """Return what the pods of a specification declare."""
        serving = spec.serving_containers if spec.init_containers else spec.containers
        ports = serving[0].ports if len(serving) == 1 else tuple([port for each in serving for port in each.ports])
        found = self._known.get(ports)
        if found is None:
            found = self._known[ports] = declared(ports)
        return found
