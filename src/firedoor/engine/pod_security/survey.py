"""How the workloads and namespaces of a cluster stand to the levels."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.pod_security.judging import Judge
from firedoor.engine.pod_security.levels import Level
from firedoor.engine.pod_security.namespaces import enforced_by
from firedoor.engine.pod_security.registry import CONTROLS
from firedoor.engine.pod_security.subjects import subjects
from firedoor.model.server_version import minor_version

if TYPE_CHECKING:
    from firedoor.engine.pod_security.control import Fault
    from firedoor.engine.pod_security.namespaces import Enforced
    from firedoor.engine.pod_security.subjects import Subject
    from firedoor.engine.pod_security.versions import Version
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Namespace


class FaultAt(NamedTuple):
    """
    A fault, and the pod that has it.

    `is_confirmed` is unset where it is of a template, and the live pods do not have it:
    something corrects pods when they are made, or the template has changed since.
    """

    subject: Subject
    fault: Fault
    is_confirmed: bool = True

    @property
    def source(self) -> str:
        """``file:line`` of the field."""
        return self.subject.source(self.fault.path)


Obstacles = dict[str, tuple[FaultAt, ...]]
"""What stands in the way of a level, by the id of the control."""


class Survey:
    """
    The workloads and namespaces of a snapshot, judged when they are asked about.

    A snapshot without security contexts has none: nothing would be known of its pods.
    """

    def __init__(self, snapshot: Snapshot, server_version: str = "") -> None:
        """`server_version` is the release of the API server, empty where it is not known."""
        self.server_minor = minor_version(server_version)
        self._snapshot = snapshot
        self._judge = Judge()
        self._told: dict[int, dict[str, list[tuple[ObjectRef, tuple[FaultAt, ...]]]]] = {}

    @cached_property
    def workloads(self) -> dict[ObjectRef, tuple[Subject, ...]]:
        """What is judged of each workload, sorted by namespace, kind and name."""
        return subjects(self._snapshot) if self._snapshot.has_pod_details else {}

    @cached_property
    def inhabited(self) -> dict[str, list[ObjectRef]]:
        """The workloads of each namespace that has any."""
        found: dict[str, list[ObjectRef]] = {}
        for ref in self.workloads:
            found.setdefault(ref.namespace, []).append(ref)
        return found

    @cached_property
    def namespaces(self) -> dict[str, tuple[Namespace, Enforced]]:
        """The namespaces that the snapshot has as objects, with what their labels enforce."""
        return {each.metadata.name: (each, enforced_by(each.metadata.labels)) for each in self._snapshot.namespaces}

    def obstacles(self, ref: ObjectRef, level: Level, version: Version) -> Obstacles:
        """Return what of a workload stands in the way of a level."""
        found: dict[str, dict[str, tuple[Subject, Fault]]] = {}
        seen: set[tuple[str, str]] = set()
        has_live = False
        minor = version.effective(self.server_minor)
        for subject in self.workloads[ref]:
            has_live = has_live or bool(subject.pod)
            for control, faults in self._judge.violations(subject.metadata, subject.spec, level, minor):
                own = found.setdefault(control.id, {})
                for fault in faults:
                    own.setdefault(fault.words, (subject, fault))
                    if subject.pod:
                        seen.add((control.id, fault.words))
        return {
            control: tuple(
                FaultAt(subject, fault, not has_live or (control, words) in seen)
                for words, (subject, fault) in own.items()
            )
            for control, own in found.items()
        }

    def meets(self, ref: ObjectRef, version: Version) -> Level:
        """Return the strictest level that allows all of a workload."""
        levels = (Level.RESTRICTED, Level.BASELINE)
        return next((each for each in levels if not self.obstacles(ref, each, version)), Level.PRIVILEGED)

    def namespace_meets(self, namespace: str, version: Version) -> Level:
        """Return the strictest level that allows everything in a namespace."""
        found = (self.meets(ref, version) for ref in self.inhabited.get(namespace, ()))
        return min(found, key=lambda level: level.rank, default=Level.RESTRICTED)

    def told(self, control: str, version: Version) -> list[tuple[ObjectRef, tuple[FaultAt, ...]]]:
        """
        Return the workloads that violate a control, with the faults that no control before it tells of.

        The baseline comes first; a field that it forbids is not told of again at the level restricted.
        """
        minor = version.effective(self.server_minor)
        if minor not in self._told:
            self._told[minor] = self._all_told(version)
        return self._told[minor][control]

    def _all_told(self, version: Version) -> dict[str, list[tuple[ObjectRef, tuple[FaultAt, ...]]]]:
        found: dict[str, list[tuple[ObjectRef, tuple[FaultAt, ...]]]] = {each.id: [] for each in CONTROLS}
        for ref in self.workloads:
            violated = self.obstacles(ref, Level.BASELINE, version) | self.obstacles(ref, Level.RESTRICTED, version)
            told: set[tuple[int, str]] = set()
            for control in CONTROLS:
                if control.id not in violated:
                    continue
                own = violated[control.id]
                new = tuple(each for each in own if (id(each.subject), each.fault.path) not in told)
                told.update((id(each.subject), each.fault.path) for each in own)
                if new:
                    found[control.id].append((ref, new))
        return found
