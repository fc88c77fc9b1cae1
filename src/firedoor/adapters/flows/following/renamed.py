"""Files that had the name that is followed before they were renamed, found again in their folder."""

from __future__ import annotations

import os
import re
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple

_MOST = 10_000
"""So many entries of a folder are looked at."""
_PACKED = (".gz", ".zst", ".bz2", ".xz")


class Sibling(NamedTuple):
    """A file beside the one that is followed: when it was written last, and which file it is."""

    changed: int
    path: str
    device: int
    inode: int


def siblings(path: str) -> list[Sibling]:
    """Return the files that have names like a path, those that were written first first, and not the path itself."""
    place = Path(path)
    # ``flows.log.1`` and ``flows-2026-01-31.log`` are what programs that rotate make of ``flows.log``.
    names = re.compile(rf"{re.escape(place.name)}[.-].+|{re.escape(place.stem)}-\d{{4}}.+{re.escape(place.suffix)}")
    found = []
    try:
        with os.scandir(place.parent) as entries:
            for _, entry in zip(range(_MOST), entries, strict=False):
                if not names.fullmatch(entry.name) or entry.name.endswith(_PACKED):
                    continue
                about = entry.stat()
                if S_ISREG(about.st_mode):
                    found.append(Sibling(about.st_mtime_ns, entry.path, about.st_dev, about.st_ino))
    except OSError:
        return []
    return sorted(found)
