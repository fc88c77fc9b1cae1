"""What a control is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from firedoor.engine.pod_security.levels import Level
    from firedoor.engine.pod_security.pods import PodAt

Value = str | bool | list[str] | None


class Setting(NamedTuple):
    """A field and the value that remedies a fault; None removes the field."""

    path: str
    value: Value


class Fault(NamedTuple):
    """
    A field of a pod that a control does not allow.

    `path` is that of the field, whether it is set or should be; `setting` is None where
    no single field remedies it.
    """

    path: str
    words: str
    setting: Setting | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """
    One control of the Pod Security Standards.

    `id` is the one that ``k8s.io/pod-security-admission`` has, `since` the minor release
    from which on it exists; `overrides` is the baseline control in whose place it stands at
    the level restricted. `faults` returns what a pod sets, or does not set, against it in
    the standards of a minor release.
    """

    id: str
    level: Level
    title: str
    faults: Callable[[PodAt, int], Iterator[Fault]]
    since: int = 0
    overrides: str = ""
