from __future__ import annotations

import re
from pathlib import Path

import pytest

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd, PodDetail
from firedoor.model.places import ObjectRef
from firedoor.render.reach_html import reach_html
from tests.render.browser import Page, opened

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


def in_browser(connectivity: Connectivity, folder: Path) -> tuple[Page, str]:
    return opened(reach_html(connectivity), folder)


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
