from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from firedoor.demo import shop
from tests.api.pages import ROOT, run


@pytest.mark.parametrize("page", ["howto/notebook.md", "reference/python-api.md"])
def test_the_code_on_the_page_prints_what_the_page_says(page: str, tmp_path: Path) -> None:
    with shop() as source:
        shutil.copytree(source, tmp_path / "lantern")
    steps, missing = run((ROOT / "docs" / page).read_text(), tmp_path)
    assert steps
    for step in steps:
        assert step.printed == ("" if step.said is None else step.said.text), step.code.text
    if missing:
        pytest.skip(f"all but what needs {', '.join(sorted(missing))}, which is not installed, was run")
