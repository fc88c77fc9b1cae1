"""What tells a finding again in a later report."""

from __future__ import annotations

import hashlib
import re

from firedoor.model.findings import Finding

_LINE = re.compile(r"(\.(?:ya?ml|json)):\d+")


def fingerprint(finding: Finding) -> str:
    """Return what stays the same while lines move: a hash of the check, the object and the message."""
    about = finding.object
    parts = (finding.check, about.kind, about.namespace, about.name, _LINE.sub(r"\1", finding.message))
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:32]
