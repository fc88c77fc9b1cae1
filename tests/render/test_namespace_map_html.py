from __future__ import annotations

from html.parser import HTMLParser

from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.namespace_map import DrawnMap, MapEdge, MapNode, NamespaceMap
from firedoor.model.places import ObjectRef
from firedoor.render.namespace_map_html import namespace_map_html

DRAWN = NamespaceMap((MapNode("data", 2), MapNode("shop", 3)), (MapEdge("shop", "data", 1, 2, 3),))


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)


def finding(about: ObjectRef) -> Finding:
    return Finding("c", Severity.HIGH, Confidence.HIGH, about, "", "m", "w", (), Fix("f"))


def test_the_page_has_the_map_and_no_script() -> None:
    found = (finding(ObjectRef("Pod", "shop", "web")), finding(ObjectRef("Namespace", "", "shop")))
    page = namespace_map_html(DrawnMap(DRAWN, found))
    assert "shop: 3 pods; 2 high" in page
    assert "data: 2 pods; no findings" in page
    assert "shop to data: of 6 pairs of pods 1 on every port, 2 on some ports, 3 perhaps" in page
    tags = Tags(page).found
    assert "script" not in tags
    assert tags.count("svg") == 1


def test_the_page_may_load_and_run_nothing() -> None:
    page = namespace_map_html(DrawnMap(DRAWN))
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "@MAP@" not in page
