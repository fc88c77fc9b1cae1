"""A page in a real browser, in which every violation of its policy and every error counts as a failure."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

    from tests.web.running import Page

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
LONGEST = 60_000
"""Milliseconds: other tests run meanwhile."""
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_WATCH = (
    "addEventListener('securitypolicyviolation', (e) => console.error('VIOLATION', e.violatedDirective, e.blockedURI));"
)


@contextmanager
def tab(browser: Browser, page: Page, place: str = "", scheme: str = "light", expected: str = "") -> Iterator[Tab]:
    """Open the page at a place of it (``#/...``), as somebody who is inside already; `expected` may be logged."""
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1400, "height": 900})  # type: ignore[arg-type] # a word
    name, _, value = page.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": page.base, "sameSite": "Strict", "httpOnly": True}])
    context.add_init_script(_WATCH)
    found = context.new_page()
    found.set_default_timeout(LONGEST)
    wrong: list[str] = []
    found.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    found.on("pageerror", lambda error: wrong.append(str(error)))
    own = urlsplit(page.base).netloc
    found.on("request", lambda request: wrong.append(request.url) if _is_foreign(request.url, own) else None)
    try:
        found.goto(page.base + place)
        yield found
        unexpected = [each for each in wrong if not expected or expected not in each]
        if unexpected or (expected and not wrong):
            raise AssertionError("; ".join(unexpected) or f"nothing was logged of {expected}")
    finally:
        context.close()


def _is_foreign(url: str, own: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"data", "blob"} and parts.netloc != own


def accessibility(opened: Tab) -> list[str]:
    """Return what axe finds wrong with the page as it is now."""
    # Evaluated by the driver and not loaded by the page, whose policy would not let it.
    opened.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    found: dict[str, Any] = opened.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{each['id']}: {each['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"][:3]
    ]


def is_done(opened: Tab) -> None:
    """Wait until nothing is worked out any more."""
    opened.wait_for_function(
        """() => !document.querySelector('[aria-busy=true]') && !document.body.innerText.includes('Working it out')"""
    )


def map_is_drawn(opened: Tab) -> None:
    """Wait until the map is there."""
    opened.wait_for_selector(".canvas[data-ready] canvas")
    opened.wait_for_function("() => window.firedoorMap !== undefined")


def at_place(opened: Tab, place: str, other_than: dict[str, float] | None = None) -> dict[str, float]:
    """Return where on the screen a place of the map is once it stays there, and is not where it was."""
    opened.wait_for_function("(id) => window.firedoorMap?.spot(id)", arg=place)
    box = opened.locator(".canvas").bounding_box()
    assert box is not None
    last = None
    for _ in range(LONGEST // 250):
        opened.wait_for_timeout(250)
        spot: dict[str, float] = opened.evaluate("(id) => window.firedoorMap.spot(id)", place)
        found = {"x": box["x"] + spot["x"], "y": box["y"] + spot["y"]}
        if found == last and found != other_than:
            return found
        last = found
    raise AssertionError(f"{place} does not come to rest")


def press(opened: Tab, place: str, then: str) -> None:
    """Click on a place of the map until the page's address has `then` in it: the map may move under the pointer."""
    for _ in range(10):
        spot = at_place(opened, place)
        opened.mouse.click(spot["x"], spot["y"])
        for _ in range(20):
            if then in opened.url:
                return
            opened.wait_for_timeout(100)
    raise AssertionError(f"a click on {place} does not lead to {then}: {opened.url}")
