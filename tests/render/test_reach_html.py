from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd, PodDetail
from firedoor.model.places import ObjectRef
from firedoor.render.reach_html import reach_html

WEB, OTHER_WEB = PeerEnd(ObjectRef("Deployment", "shop", "web")), PeerEnd(ObjectRef("StatefulSet", "shop", "web"))
DB = PeerEnd(ObjectRef("StatefulSet", "shop", "db"))
OUTSIDE = PeerEnd(ips="0.0.0.0-255.255.255.255")
HTTP, DNS = (("TCP", 80, 80),), (("UDP", 53, 53),)
HOSTILE = Connectivity(
    (
        PeerConnection(OUTSIDE, WEB, ALL_TRAFFIC),
        PeerConnection(
            WEB, DB, HTTP, DNS, (PodDetail(("web-a",), ("db-0",), HTTP), PodDetail(("web-a",), ("db-1",), (), DNS))
        ),
        PeerConnection(OTHER_WEB, PeerEnd(ObjectRef("Pod", "</script><b>", "a<img>")), (), DNS),
    ),
    notes=("a note with @JS@ in it",),
)


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


def in_browser(connectivity: Connectivity, folder: Path) -> tuple[Page, str]:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs Chromium or Chrome on the PATH: the page is driven in a real browser")
    file = folder / "reach.html"
    file.write_text(reach_html(connectivity), encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    done = subprocess.run(
        [browser, *options, "--dump-dom", file.as_uri()], capture_output=True, text=True, timeout=60, check=True
    )
    return Page(done.stdout), done.stdout


def many(number: int) -> Connectivity:
    ends = [PeerEnd(ObjectRef("Deployment", f"n{each % 7}", f"w{each:03}")) for each in range(number)]
    return Connectivity(tuple(PeerConnection(end, DB, HTTP) for end in ends))


def test_page_draws_map_matrix_and_list_in_a_browser(tmp_path: Path) -> None:
    page, text = in_browser(HOSTILE, tmp_path)
    assert page.rows == {"matrix": 6, "list": 4}  # five ends, three pairs, and a row of titles each
    assert page.count("g", "node") == 5
    assert page.count("path", "edge") == 3
    assert [page.count("td", kind) for kind in ("all", "some", "mixed", "unknown")] == [1, 0, 1, 1]
    assert "to only db-1: UDP 53" in text
    assert "a note with @JS@ in it" in text


def test_names_make_no_markup_in_a_browser(tmp_path: Path) -> None:
    page, text = in_browser(HOSTILE, tmp_path)
    assert {tag for tag, _ in page.tags}.isdisjoint({"b", "img"})
    assert "&lt;/script&gt;&lt;b&gt;/a&lt;img&gt;" in text


@pytest.mark.parametrize(("ends", "nodes", "matrix"), [(59, 60, 61), (60, 0, 62), (299, 0, 301), (300, 0, None)])
def test_big_pages_leave_out_map_then_matrix_but_never_the_list(
    ends: int, nodes: int, matrix: int | None, tmp_path: Path
) -> None:
    page, text = in_browser(many(ends), tmp_path)
    assert page.count("g", "node") == nodes
    assert page.rows.get("matrix") == matrix
    assert page.rows["list"] == ends + 1
    assert ("too many for a map" in re.sub(r"<script>.*</script>", "", text, flags=re.DOTALL)) is (nodes == 0)


def test_two_kinds_of_one_name_stay_two_ends() -> None:
    page = reach_html(HOSTILE)
    assert '"shop/web (Deployment)"' in page
    assert '"shop/web (StatefulSet)"' in page
    assert '"shop/db"' in page
