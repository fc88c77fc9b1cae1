"""Which controls a pod violates."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.pod_security.pods import pod_at
from firedoor.engine.pod_security.registry import CONTROLS, controls_at
from firedoor.engine.pod_security.versions import LATEST

if TYPE_CHECKING:
    from firedoor.engine.pod_security.control import Control, Fault
    from firedoor.engine.pod_security.levels import Level
    from firedoor.engine.pod_security.versions import Version
    from firedoor.model.metadata import ObjectMeta
    from firedoor.model.workloads import PodSpec


class Violation(NamedTuple):
    """A control that a pod violates, and the fields that do."""

    control: Control
    faults: tuple[Fault, ...]


def judge(
    metadata: ObjectMeta,
    spec: PodSpec,
    level: Level,
    version: Version = LATEST,
    server_minor: int | None = None,
) -> tuple[Violation, ...]:
    """
    Return the controls that the API server would refuse a pod for, in the order in which it names them.

    `server_minor` is the minor release of the API server, which knows no newer standards
    than its own. Of the specification the defaults that the API server gives to pods are
    taken into account.
    """
    return Judge().violations(metadata, spec, level, version.effective(server_minor))


class Judge:
    """
    Judges pods, and alike ones only once.

    Pods are alike when they share, as objects, all parts that controls look at, as replicas
    do that were read from one list. Whoever asks keeps the pods alive.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self._known: dict[tuple[object, ...], dict[str, Violation]] = {}

    def violations(self, metadata: ObjectMeta, spec: PodSpec, level: Level, minor: int) -> tuple[Violation, ...]:
        """Return the controls that a pod violates in the standards of a minor release."""
        key = (*alike(metadata, spec), minor)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = _violated(metadata, spec, minor)
        if not found:
            return ()
        return tuple([found[control.id] for control in controls_at(level, minor) if control.id in found])


def alike(metadata: ObjectMeta, spec: PodSpec) -> tuple[object, ...]:
    """Return what is equal of two pods that share all parts that controls look at."""
    return (
        id(spec.containers),
        id(spec.init_containers),
        id(spec.ephemeral_containers),
        id(spec.volume_fields),
        id(spec.security_context),
        id(spec.os),
        id(metadata.annotations),
        spec.host_network,
        spec.host_pid,
        spec.host_ipc,
        spec.host_users,
    )


def _violated(metadata: ObjectMeta, spec: PodSpec, minor: int) -> dict[str, Violation]:
    """Return the violations of a pod by control, of all levels."""
    pod = pod_at(metadata.annotations, spec)
    found = {}
    for control in CONTROLS:
        if control.since <= minor:
            faults = tuple(control.faults(pod, minor))
            if faults:
                found[control.id] = Violation(control, faults)
    return found
