"""Where the configuration is."""

from __future__ import annotations

from pathlib import Path

CONFIG_NAME = ".firedoor.yaml"


def find_config(start: Path) -> Path | None:
    """
    Return the configuration in a folder, or in the nearest one above it up to the root of its git repository.

    Outside a repository only the folder itself is asked: what lies above it may be anybody's.
    """
    folder = start.resolve()
    above = [folder, *folder.parents]
    root = next((number for number, each in enumerate(above) if (each / ".git").exists()), 0)
    found = (each / CONFIG_NAME for each in above[: root + 1])
    return next((each for each in found if each.exists()), None)
