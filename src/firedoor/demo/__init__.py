"""The bundled demo: an e-commerce shop with good, bad and missing policies, RBAC and recorded flows."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path


def shop() -> AbstractContextManager[Path]:
    """Return the folder of the demo's manifests, for as long as the context lasts."""
    return as_file(files(__name__) / "shop")
