"""One page of the demo for all tests of a worker, and one browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.web.running import Page, page

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def demo() -> Iterator[Page]:
    """The page of the demo shop, opened."""
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    with page("--demo") as found:
        found.enter()
        yield found


# Playwright runs a loop of its own in this thread as long as it is there: other tests start theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser without a screen, which draws by WebGL in software."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the page is driven by Playwright")
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)
    if program is None:
        pytest.skip("needs Chromium or Chrome on the PATH: the page is driven in a real browser")
    with playwright.sync_playwright() as driver:
        flags = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        found = driver.chromium.launch(executable_path=program, args=flags)
        yield found
        found.close()
