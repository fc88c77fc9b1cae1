"""
What a namespace asks of its pods.

Implements how the PodSecurity admission controller reads ``pod-security.kubernetes.io/enforce``
and ``enforce-version``. Its defaults and exemptions stand in a file of the API server, which
no object of the cluster shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.pod_security.levels import Level, parse_level
from firedoor.engine.pod_security.versions import LATEST, Version, parse_version

if TYPE_CHECKING:
    from collections.abc import Mapping

ENFORCE = "pod-security.kubernetes.io/enforce"
ENFORCE_VERSION = "pod-security.kubernetes.io/enforce-version"


class Enforced(NamedTuple):
    """
    The level and version that hold in a namespace.

    `label` and `version_label` are the labels as they are written, None where they are
    not there; without `label` the default of the API server holds, which is to forbid nothing.
    """

    level: Level
    version: Version
    label: str | None
    version_label: str | None

    @property
    def is_invalid(self) -> bool:
        """Whether a label holds what the API server cannot read; it then enforces the strictest or the latest."""
        is_wrong_level = self.label is not None and parse_level(self.label) is None
        return is_wrong_level or (self.version_label is not None and parse_version(self.version_label) is None)

    def __str__(self) -> str:
        """Return ``baseline:v1.25``."""
        return f"{self.level}:{self.version}"


def enforced_by(labels: Mapping[str, str]) -> Enforced:
    """Return what the labels of a namespace enforce."""
    label, version_label = labels.get(ENFORCE), labels.get(ENFORCE_VERSION)
    level = Level.PRIVILEGED if label is None else parse_level(label) or Level.RESTRICTED
    version = LATEST if version_label is None else parse_version(version_label) or LATEST
    return Enforced(level, version, label, version_label)
