"""
Snapshots on disk: saved, read back, described and compared.

May read and write the files it is given; knows nothing of clusters or manifests.
"""

from firedoor.adapters.store.comparing import Change, ObjectChange, SnapshotDiff, diff_info
from firedoor.adapters.store.describing import describe
from firedoor.adapters.store.reading import SavedSnapshotSource, load
from firedoor.adapters.store.schema import MOST_BODY_BYTES, SCHEMA, is_saved_snapshot
from firedoor.adapters.store.writing import save

__all__ = [
    "MOST_BODY_BYTES",
    "SCHEMA",
    "Change",
    "ObjectChange",
    "SavedSnapshotSource",
    "SnapshotDiff",
    "describe",
    "diff_info",
    "is_saved_snapshot",
    "load",
    "save",
]
