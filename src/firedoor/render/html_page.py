"""Pages that work offline and ask no other host for anything: one file with its own style, script and data."""

from __future__ import annotations

import re
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


def html_page(
    template: str,
    styles: tuple[str, ...],
    scripts: tuple[str, ...],
    data: object,
    markup: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """
    Return the page of a template, with all files from the folder of pages; names in the data are never markup.

    `markup` stands in the page as it is, in place of its keys in capitals between two ``@``.
    """
    folder = files("firedoor.render") / "html"

    def text_of(*names: str) -> str:
        return "".join((folder / name).read_text(encoding="utf-8") for name in names)

    parts = {
        "CSS": text_of(*styles),
        "JS": text_of(*scripts),
        # Without "<" no name can end the script element that holds the data.
        "DATA": msgspec.json.encode(data).decode().replace("<", "\\u003c"),
    }
    parts.update(markup)
    # One pass, so that a name which looks like a placeholder stays a name.
    return re.sub(f"@({'|'.join(parts)})@", lambda match: parts[match.group(1)], text_of(template))
