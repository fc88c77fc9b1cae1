"""The code on a page of the documentation, run as a reader would run it."""

from __future__ import annotations

import ast
import re
from contextlib import chdir, redirect_stdout
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)
_NEEDS = {"to_pandas": "pandas", "to_arrow": "pyarrow"}


class Block(NamedTuple):
    """A fence of a page: its language, its title, and its text; `begin` and `end` are where the text is."""

    language: str
    title: str
    text: str
    begin: int
    end: int


class Step(NamedTuple):
    """What a block printed, and the fence that says what it prints, where there is one."""

    code: Block
    printed: str
    said: Block | None


def blocks(page: str) -> list[Block]:
    """Return the fences of a page."""
    return [
        Block(each["language"], each["title"] or "", each["text"], *each.span("text")) for each in _FENCE.finditer(page)
    ]


def run(page: str, folder: Path) -> tuple[list[Step], set[str]]:
    """Run the Python of a page in a folder, and return what each block printed, and which modules some would need."""
    found = blocks(page)
    names: dict[str, object] = {}
    steps, missing = [], set()
    with chdir(folder):
        for number, block in enumerate(found):
            if block.title:
                Path(block.title).write_text(block.text, encoding="utf-8")
            if block.language != "python":
                continue
            needed = {module for word, module in _NEEDS.items() if word in block.text and find_spec(module) is None}
            if needed:
                missing |= needed
                continue
            after = found[number + 1] if number + 1 < len(found) else None
            said = after if after is not None and after.language == "text" and _is_next(page, block, after) else None
            out = StringIO()
            with redirect_stdout(out):
                exec(compile(ast.parse(block.text), "<page>", "exec"), names)  # noqa: S102 - our own documentation
            steps.append(Step(block, out.getvalue(), said))
    return steps, missing


def _is_next(page: str, block: Block, after: Block) -> bool:
    """Return whether nothing but blank lines stands between two fences."""
    return page[block.end : after.begin].replace("`", "").replace("text", "").strip() == ""
