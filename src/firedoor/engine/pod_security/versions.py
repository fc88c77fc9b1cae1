"""The versions of the Pod Security Standards, as ``pod-security.kubernetes.io/enforce-version`` writes them."""

from __future__ import annotations

import re
from typing import NamedTuple

NEWEST_MINOR = 37
"""The minor release of Kubernetes up to which changes of the standards are known here."""

_VERSION = re.compile(r"v1\.(0|[1-9][0-9]*)")


class Version(NamedTuple):
    """The standards as a minor release of Kubernetes had them, or ``latest``, as the API server itself has them."""

    minor: int | None

    def __str__(self) -> str:
        """Return ``v1.25`` or ``latest``."""
        return "latest" if self.minor is None else f"v1.{self.minor}"

    def effective(self, server_minor: int | None) -> int:
        """
        Return the minor release whose standards apply.

        An API server knows no newer ones than its own; `server_minor` is None where it is not known.
        """
        known = NEWEST_MINOR if server_minor is None else min(server_minor, NEWEST_MINOR)
        return known if self.minor is None else min(self.minor, known)


LATEST = Version(None)


def parse_version(text: str) -> Version | None:
    """Return the version that a label names; None for a text that the API server would not take."""
    if text == "latest":
        return LATEST
    found = _VERSION.fullmatch(text)
    return Version(int(found[1])) if found is not None else None
