"""Manifests whose bytes somebody else brings, as a source of snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from firedoor.adapters.manifests.files import _SKIPPED_FOLDERS, MOST_JSON_BYTES, SUFFIXES
from firedoor.adapters.manifests.source import ManifestSource
from firedoor.errors import SourceError
from firedoor.interfaces import Progress
from firedoor.model.places import Gap, GapKind

if TYPE_CHECKING:
    from firedoor.model.assembly import SnapshotBuilder

Bring = Callable[[Progress], Iterable[tuple[str, bytes | SourceError]]]
"""Returns the name and the contents of each file, or why it cannot be read."""

MOST_BYTES = MOST_JSON_BYTES
"""How large a single file may be."""


def _nothing(progress: Progress) -> Iterable[tuple[str, bytes | SourceError]]:  # noqa: ARG001 - a `Bring`
    return ()


@dataclass(frozen=True, slots=True)
class ContentSource(ManifestSource):
    """What `bring` brings, read as manifests; `paths` only tell where that came from."""

    bring: Bring = _nothing

    def _load(self, builder: SnapshotBuilder, progress: Progress) -> None:
        for name, data in self.bring(progress):
            if isinstance(data, SourceError):
                builder.add_gap(Gap(GapKind.UNREADABLE, data.place or name, data.problem, data.remedy))
            else:
                self._read(data, name, builder)


def is_manifest_name(name: str) -> bool:
    """Return whether a file below a folder is read when the folder is."""
    path = PurePosixPath(name)
    folders = path.parts[:-1]
    if any(part.startswith(".") or part in _SKIPPED_FOLDERS for part in folders):
        return False
    return not path.name.startswith(".") and path.suffix.lower() in SUFFIXES
