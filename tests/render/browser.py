"""A real browser, and what it made of a page."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest


class Page(HTMLParser):
    """What a browser made of the page: its tags with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.rows: dict[str, int] = {}
        self.table = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "table":
            self.table = attributes.get("id") or ""
        if tag == "tr":
            self.rows[self.table] = self.rows.get(self.table, 0) + 1

    def count(self, tag: str, name: str) -> int:
        return sum(each == tag and name in (of.get("class") or "").split() for each, of in self.tags)


def opened(page: str, folder: Path) -> tuple[Page, str]:
    """Open a page, and return what its script made of it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium or Chrome on the PATH: the page is driven in a real browser")
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(
        [browser, *options, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=180, check=True
    )
    return Page(done.stdout), done.stdout
