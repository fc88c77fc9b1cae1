"""The lines of everything that people wrote for firedoor into an object of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firedoor.adapters.manifests.yaml_reader import Document


def part_lines(path: str, value: object, document: Document, prefix: str) -> dict[str, int]:
    """Return the lines of a value at a path of an object and of all its parts; `prefix` is where the object stands."""
    lines = {path: document.line_of(f"{prefix}.{path}".lstrip("."))}
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if "." not in key and "[" not in key else f'["{key}"]'
        lines.update(part_lines(path + step, each, document, prefix))
    return lines
