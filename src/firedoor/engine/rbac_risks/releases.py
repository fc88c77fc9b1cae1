"""Releases of Kubernetes, as far as they decide what a permission means."""

from __future__ import annotations

import re

Release = tuple[int, int]
"""Major and minor version."""

_VERSION = re.compile(r"v?(\d+)\.(\d+)")


def release_of(version: str) -> Release | None:
    """Return the release that a version such as ``v1.34.2-eks-1`` belongs to; None where it says none."""
    found = _VERSION.match(version)
    return (int(found[1]), int(found[2])) if found else None


def release_text(release: Release) -> str:
    """Return a release as people write it."""
    return f"{release[0]}.{release[1]}"
