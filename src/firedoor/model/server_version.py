"""Versions of API servers and kubelets, as they tell them."""

from __future__ import annotations

import re

_RELEASE = re.compile(r"v?1\.(\d+)")


def minor_version(version: str) -> int | None:
    """Return the minor number of a version such as ``v1.29.4-gke.1``; None where it cannot be told."""
    found = _RELEASE.match(version)
    return int(found[1]) if found is not None else None
