"""Every command in the documentation that needs no cluster is run, and prints what the page says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, console_pages, fences
from tests.docs.running import run_page


@pytest.mark.parametrize("page", console_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_says_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    consoles = [fence for fence in fences(text) if fence.language == "console"]
    reasons = {fence.not_run for fence in consoles}
    if None not in reasons:
        pytest.skip("; ".join(sorted(map(str, reasons))))
    ran = run_page(text, tmp_path)
    problems = [*ran.failures, *ran.differences]
    assert not problems, "\n\n".join([*problems, f"python -m tests.docs --update {page.relative_to(ROOT)}"])
