from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from firedoor.model.rbac_graph import EdgeKind, RbacGraph
from firedoor.render.rbac_graph_html import rbac_graph_html
from tests.render.browser import Page, opened
from tests.render.rbac_graphs import graph, tenants


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, str]:
    return opened(rbac_graph_html(graph()), tmp_path_factory.mktemp("page"))


def test_page_draws_map_and_table_in_a_browser(drawn: tuple[Page, str]) -> None:
    page, text = drawn
    assert page.count("g", "node") == 12
    assert page.count("path", "edge") == 11
    assert page.rows == {"list": 10}  # a row of titles, four subjects of bindings, nobody, three of members, one more
    assert [page.count("g", each) for each in ("high", "medium", "missing", "unread")] == [4, 1, 1, 1]
    assert [page.count("path", each) for each in ("runs-as", "member", "bound", "grants", "aggregates")] == [
        1, 2, 4, 3, 1
    ]  # fmt: skip
    assert "a note &lt;/script&gt; @JS@" in text
    assert "2 aggregated roles that come with Kubernetes are left out" in text
    assert "ServiceAccount \u00b7 not there" in text
    assert "ClusterRole \u00b7 not read" in text
    headings = re.findall(r'class="head"[^>]*>([^<]*)<', text)
    assert headings == ["What runs", "Subjects", "Groups", "Bindings", "Roles", "Aggregated roles"]


def test_names_make_no_markup_in_a_browser(drawn: tuple[Page, str]) -> None:
    page, text = drawn
    scripts = [of for tag, of in page.tags if tag == "script"]
    assert [each.get("type") for each in scripts] == ["application/json", None]
    assert {tag for tag, _ in page.tags}.isdisjoint({"b", "img", "iframe"})
    assert 'Role shop/"&gt;&lt;script&gt;alert(1)&lt;/script&gt;' in text
    assert "anna &amp; co\\n" in text


def test_the_page_asks_nobody_for_anything() -> None:
    page = rbac_graph_html(graph())
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)\s*=|url\((?!#)|@import|https?://""", page) == []


def test_a_search_leaves_its_rows_and_boxes_and_a_pressed_box_tells_all(tmp_path: Path) -> None:
    search = 'byId("search").value = "WEB.YAML"; byId("search").oninput();'
    press = """document.querySelector(".node[aria-label^='ServiceAccount ']").onclick();"""
    script = f"<script>{search}{press}</script></body>"
    page, text = opened(rbac_graph_html(graph()).replace("</body>", script), tmp_path)
    assert "1 of 9 rows" in text
    assert page.rows == {"list": 2}
    assert re.findall(r'role="button" aria-label="(\w+ [^"]*)"', text) == [
        "Deployment shop/web",
        "ServiceAccount shop/web",
    ]
    assert "<li>web.yaml:9</li><li>high: secrets-read, Reads Secrets</li>" in text
    assert (page.count("svg", "focused"), page.count("path", "on")) == (1, 1)


def test_what_is_alike_is_one_box_and_the_table_says_how_many_rows_are_left(tmp_path: Path) -> None:
    page, text = opened(rbac_graph_html(tenants(1100)), tmp_path)
    assert page.count("g", "node") == page.count("path", "more") == 3
    assert "1100 service accounts" in text
    assert "3 nodes for 3300: roles with the same rules are drawn as one" in text
    assert "1100 of 1100 rows" in text
    assert ">Show 100 of 100 more rows</button>" in text
    assert page.rows == {"list": 1002}


def columns(found: RbacGraph) -> list[int]:
    data = re.findall(r'id="data">(.*?)</script>', rbac_graph_html(found), re.DOTALL)[0]
    return sorted({each["column"] for each in json.loads(data)["nodes"]})


def test_groups_have_a_column_where_somebody_is_known_to_be_in_them() -> None:
    assert columns(graph()) == [0, 1, 2, 3, 4, 5]
    edges = tuple(each for each in graph().edges if each.kind is not EdgeKind.MEMBER)
    assert columns(replace(graph(), edges=edges)) == [0, 1, 3, 4, 5]


def test_an_empty_page_says_that_nothing_is_there(tmp_path: Path) -> None:
    page, text = opened(rbac_graph_html(RbacGraph((), (), notes=("no binding is there to show",))), tmp_path)
    assert (page.count("g", "node"), "Nothing to draw." in text) == (0, True)
    assert "no binding is there to show" in text
