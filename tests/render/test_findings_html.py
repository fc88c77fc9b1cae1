from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from firedoor.model.namespace_map import MapEdge, MapNode, NamespaceMap
from firedoor.model.places import ObjectRef
from firedoor.render import namespace_map_svg
from firedoor.render.findings_html import findings_html
from tests.render.browser import Page, opened
from tests.render.findings_reports import EMPTY, HOSTILE, REPORT, many


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, str]:
    script = '<script>byId("unfold").onclick();</script></body>'
    return opened(findings_html(REPORT).replace("</body>", script), tmp_path_factory.mktemp("page"))


def acted(script: str, folder: Path, page: str = "") -> tuple[Page, str]:
    """What the page is after somebody did something with it."""
    return opened((page or findings_html(REPORT)).replace("</body>", f"<script>{script}</script></body>"), folder)


def test_the_page_draws_numbers_coverage_findings_and_gaps(drawn: tuple[Page, str]) -> None:
    page, text = drawn
    assert page.rows == {"coverage": 3, "list": 5}  # a row of titles each
    assert re.findall(r"<li[^>]*><b>(\d+)</b><span>(\w+)</span>", text) == [
        ("1", "critical"),
        ("2", "high"),
        ("0", "medium"),
        ("0", "low"),
        ("1", "info"),
    ]
    assert (
        'aria-label="1 in both directions, 1 for ingress only, 2 in neither direction, 1 on the host network"' in text
    )
    assert re.findall(r'class="badge \w+">(\w+)<', text) == ["critical", "high", "high", "info"]
    assert "<li>chart.yaml:3: Pod Not A Name/a: {{ .Values.x }} is left [template]" in text
    assert "<li>secrets may not be listed [forbidden]</li>" in text


def test_an_unfolded_finding_tells_why_proof_and_remedy(drawn: tuple[Page, str]) -> None:
    page, text = drawn
    assert [of.get("open") for tag, of in page.tags if tag == "details"] == [""] * 4
    assert text.count("<h3>Why it matters</h3><div>anybody may come</div>") == 3
    assert text.count("<li>k8s/web app.yaml:7: a pod</li>") == 3
    assert "<li>written in k8s/web app.yaml:7</li><li>confidence: medium</li>" in text
    assert "<li>scope: =cluster</li>" in text
    assert text.count("<pre># close it\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n") == 3
    assert text.count(">Copy the manifest</button>") == 3


def test_names_make_no_markup_in_a_browser(drawn: tuple[Page, str]) -> None:
    page, text = drawn
    assert [of.get("type") for tag, of in page.tags if tag == "script"] == ["application/json", None, None]
    assert sum(tag == "b" for tag, _ in page.tags) == 5  # the numbers, and none from a name
    assert 'Pod shop/&lt;/script&gt;&lt;b&gt;"&amp;\\u202e\\x1b[31m`|' in text


def test_the_page_asks_nobody_for_anything() -> None:
    page = findings_html(EMPTY)
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href)\s*=|url\((?!#)|@import|https?://""", page) == []


STEPS = [
    ('set("search", "SEE")', ["info"]),
    ('set("search", "networking.k8s.io")', ["critical", "high", "high"]),
    ('set("severity", "high")', ["critical", "high", "high"]),
    ('set("check", "rule-idle")', ["info"]),
    ('set("namespace", "shop")', ["critical", "high", "high"]),
    ("sort(0)", ["info", "high", "high", "critical"]),
    ("sort(3)", ["critical", "info", "high", "high"]),
]
PERSON = """
const fields = ["search", "severity", "check", "namespace"], seen = [];
const set = (id, value) => { byId(id).value = value; byId(id).oninput(); };
const sort = (column) => document.querySelectorAll("#list th [role=button]")[column].onclick();
const look = () => {
  const badges = [...document.querySelectorAll(".badge")];
  seen.push(badges.map((badge) => badge.textContent).concat(byId("count").textContent));
  for (const id of fields) set(id, "");
};
"""


def test_findings_are_filtered_and_sorted(tmp_path: Path) -> None:
    steps = "".join(f"{step}; look();\n" for step, _ in STEPS)
    _, text = acted(f'{PERSON}{steps}make(document.body, "output", JSON.stringify(seen));', tmp_path)
    (seen,) = re.findall(r"<output>(.*?)</output>", text)
    assert json.loads(seen) == [[*left, f"{len(left)} of 4 findings"] for _, left in STEPS]


def test_many_findings_are_shown_by_and_by_and_all_are_printed(tmp_path: Path) -> None:
    count = """seen.push(["#list tr", "#list pre"].map((each) => document.querySelectorAll(each).length))"""
    button = """seen.push(document.querySelector("tr.more button").textContent)"""
    show = 'document.body.textContent = ""; make(document.body, "output", JSON.stringify(seen));'
    script = f"const seen = []; {count}; {button}; onbeforeprint(); {count}; {show}"
    _, text = acted(script, tmp_path, findings_html(many(600)))
    (seen,) = re.findall(r"<output>(.*?)</output>", text)
    assert json.loads(seen) == [[502, 0], "Show 100 of 100 more findings", [601, 600]]


def test_an_empty_page_says_so(tmp_path: Path) -> None:
    page, text = opened(findings_html(EMPTY), tmp_path)
    assert page.rows == {"coverage": 1, "list": 1}
    assert "0 of 0 findings" in text
    assert "<title>Dangerous permissions</title>" in text
    assert [of["id"] for _, of in page.tags if "hidden" in of] == ["coverage-part", "gaps-part"]


NODES = (MapNode("quiet", 2), MapNode("shop", 5), MapNode(HOSTILE, 1))
EDGES = (
    MapEdge("quiet", "shop", all=4, some=2),
    MapEdge("shop", "quiet", some=10),
    MapEdge("shop", HOSTILE, unknown=5),
)
DRAWN = NamespaceMap(NODES, EDGES)


def with_map(drawn: NamespaceMap = DRAWN) -> str:
    return findings_html(replace(REPORT, map=drawn))


def static(page: str) -> str:
    """The page without all that its script would make."""
    return re.sub("<script.*?</script>", "", page, flags=re.DOTALL)


def test_the_map_title_and_summary_are_there_without_the_script() -> None:
    page = static(with_map())
    assert '<h1 id="title">What is wrong</h1><p id="summary">4 findings' in page
    assert re.findall(r'class="edge (\w+)" data-ends="([\d ]+)"', page) == [
        ("unknown", "1 2"),
        ("all", "0 1"),
        ("some", "1 0"),
    ]
    assert "<title>quiet to shop: of 10 pairs of pods 4 on every port, 2 on some ports</title>" in page
    assert re.findall(r'class="spot (\w+)"', page) == ["none", "critical", "none"]
    assert "<title>shop: 5 pods; 1 critical, 2 high</title>" in page
    assert "<title>quiet: 2 pods; no findings</title>" in page
    assert 'aria-labelledby="spaces-title spaces-desc"' in page
    assert "3 namespaces and 3 connections between them" in page
    assert "<tr><td>shop</td><td>quiet</td><td>10</td><td>0</td><td>10</td><td>0</td></tr>" in page
    assert "left out" not in page


def test_the_map_asks_nobody_and_takes_no_name_for_markup() -> None:
    page = with_map()
    assert re.findall(r"""(?:src|href)\s*=|url\((?!#)|@import""", page) == []
    assert "<b>" not in static(page)
    assert "&lt;/script&gt;&lt;b&gt;" in static(page)


def test_a_report_without_a_map_has_no_place_for_one() -> None:
    assert 'id="map-part"' not in static(findings_html(REPORT))
    assert "@MAP@" not in findings_html(REPORT)


def test_a_large_cluster_is_drawn_in_part_and_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"team-{number:02}-with-a-name-that-is-long" for number in range(12)]
    edges = tuple(MapEdge(one, other, all=number + 1) for number, one in enumerate(names) for other in names[:3])
    nodes = tuple(MapNode(each, 3) for each in names)
    monkeypatch.setattr(namespace_map_svg, "MOST_EDGES", 8)
    proper = tuple(each for each in edges if each.source != each.destination)
    page = static(with_map(NamespaceMap(nodes, proper, hidden=4)))
    assert page.count('class="edge') == 8
    assert (
        "4 namespaces are left out: the gravest findings are elsewhere. Only the 8 connections between the most pods"
        in page
    )
    assert f"{len(proper) - 16} more connections are left out." in page
    assert ">team-00-with-a-name-tha…</text>" in page
    assert "1 namespace is left out: the gravest" in with_map(NamespaceMap(nodes, (), hidden=1))


def test_a_namespace_that_is_pressed_shows_its_lines_and_its_findings(tmp_path: Path) -> None:
    steps = """
const seen = [], spots = document.querySelectorAll(".spot");
const look = () => seen.push([document.querySelectorAll("#spaces .edge.on").length,
  document.querySelectorAll(".spot.on").length, byId("namespace").value, byId("count").textContent,
  byId("spaces").classList.contains("focused")]);
spots[1].onclick(); look(); spots[1].onclick(); look();
spots[0].onkeydown({ key: "Enter", preventDefault() {} }); look();
make(document.body, "output", JSON.stringify(seen));
"""
    page, text = acted(steps.replace("spots =", "circles =").replace("spots[", "circles["), tmp_path, with_map())
    (seen,) = re.findall(r"<output>(.*?)</output>", text)
    assert json.loads(seen) == [
        [3, 3, "shop", "3 of 4 findings", True],
        [0, 0, "", "4 of 4 findings", False],
        [2, 2, "", "4 of 4 findings", True],
    ]
    assert page.count("g", "spot") == len(NODES)
    assert [of["aria-pressed"] for tag, of in page.tags if tag == "g" and "role" in of] == ["true", "false", "false"]


def test_findings_about_a_namespace_are_its_own() -> None:
    told = replace(REPORT.told[1], finding=replace(REPORT.told[1].finding, object=ObjectRef("Namespace", "", "quiet")))
    page = findings_html(replace(REPORT, told=(told,), map=DRAWN))
    assert "<title>quiet: 2 pods; 1 high</title>" in page
