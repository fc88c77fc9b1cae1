"""Snapshots from manifests written in a test, through the product's own loader."""

from __future__ import annotations

import textwrap

from firedoor.adapters.manifests.source import load_text
from firedoor.model.snapshot import Snapshot


def snapshot_of(text: str) -> Snapshot:
    return load_text(textwrap.dedent(text))
