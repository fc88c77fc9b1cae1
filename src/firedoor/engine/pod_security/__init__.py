"""
The Pod Security Standards: what the API server's PodSecurity admission controller lets in.

Implements ``k8s.io/pod-security-admission`` in all versions of its policy, one file for
each control in `controls`. Everything here is a pure function of pods and namespaces.
"""

from firedoor.engine.pod_security.judging import Violation, judge
from firedoor.engine.pod_security.levels import Level
from firedoor.engine.pod_security.registry import BY_ID, CONTROLS
from firedoor.engine.pod_security.versions import LATEST, NEWEST_MINOR, Version, parse_version

__all__ = [
    "BY_ID",
    "CONTROLS",
    "LATEST",
    "NEWEST_MINOR",
    "Level",
    "Version",
    "Violation",
    "judge",
    "parse_version",
]
