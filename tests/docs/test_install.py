"""The page about installing has what the project has."""

from __future__ import annotations

import re
import tomllib

from tests.docs.pages import DOCS, ROOT


def test_all_extras_are_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (DOCS / "howto" / "install.md").read_text(encoding="utf-8")
    rows = page[page.index("| extra | for |") :].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`[,|]? ", "\n".join(row.split("|")[1] for row in rows.splitlines()[2:]))) == set(
        project["optional-dependencies"]
    )


def test_all_commands_are_told() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (DOCS / "howto" / "install.md").read_text(encoding="utf-8")
    assert [name for name in project["scripts"] if f"`{name}`" not in page] == []
