from __future__ import annotations

import os
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.inventory import CoverageRow, Inventory, NodeRow, PodRow
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.render.findings_json import findings_json, fix_yaml
from firedoor.render.findings_text import Detail, print_findings
from firedoor.render.inventory_text import print_inventory
from firedoor.render.reach_csv import reach_csv
from firedoor.render.reach_dot import reach_dot
from firedoor.render.reach_html import reach_html
from firedoor.render.reach_json import reach_document, reach_json
from firedoor.render.reach_mermaid import reach_mermaid
from firedoor.render.reach_table import print_reach
from firedoor.render.reach_yaml import reach_yaml
from firedoor.render.words import range_text

GOLDEN = Path(__file__).parent / "golden"
OUTSIDE = PeerEnd(ips="0.0.0.0-255.255.255.255")
WEB_REF = ObjectRef("Deployment", "shop", "web")
WEB = PeerEnd(WEB_REF)
EVIL = PeerEnd(ObjectRef("Pod", "<script>", 'a"|b]'))
REACH = Connectivity(
    (
        PeerConnection(OUTSIDE, WEB, ALL_TRAFFIC),
        PeerConnection(WEB, EVIL, (("TCP", 80, 80), ("TCP", 443, 443)), (("UDP", 53, 53),)),
        PeerConnection(EVIL, WEB, (), (("TCP", 1, 65535),)),
        PeerConnection(EVIL, OUTSIDE, ()),
    ),
    (Gap(GapKind.TEMPLATE, "a.yaml:3", "template syntax is left", "render the chart"),),
)
FINDING = Finding(
    "open-[red]door", Severity.HIGH, Confidence.HIGH, WEB_REF, "a.yaml:1", "open", "bad", ("proof",),
    Fix("Close it.\nNow.", ({"kind": "B", "apiVersion": "v1"}, {"kind": "C"})),
)  # fmt: skip


def table() -> str:
    out = StringIO()
    print_reach(REACH, Console(file=out, width=20))
    return out.getvalue()


def report() -> str:
    out = StringIO()
    print_findings([FINDING], REACH.gaps, Console(file=out, width=20), Detail.VERBOSE)
    return out.getvalue()


OUTPUTS = {
    "reach.json": lambda: reach_json(REACH),
    "reach.csv": lambda: reach_csv(REACH),
    "reach.dot": lambda: reach_dot(REACH),
    "reach.mmd": lambda: reach_mermaid(REACH),
    "reach.txt": table,
    "findings.json": lambda: findings_json([FINDING], REACH.gaps, {"high": 1}),
    "findings.txt": report,
}


@pytest.mark.parametrize("name", sorted(OUTPUTS))
def test_output_is_the_golden_file(name: str) -> None:
    text = OUTPUTS[name]()
    if os.environ.get("FIREDOOR_UPDATE_GOLDEN") == "1":
        (GOLDEN / name).write_text(text, encoding="utf-8")
    assert text == (GOLDEN / name).read_text(encoding="utf-8")


def test_yaml_is_the_same_document_as_json() -> None:
    assert yaml.safe_load(reach_yaml(REACH)) == reach_document(REACH)


def test_fix_keeps_key_order_and_separates_documents() -> None:
    assert fix_yaml(FINDING.fix) == "# Close it.\n# Now.\nkind: B\napiVersion: v1\n---\nkind: C\n"


@pytest.mark.parametrize(
    ("ips", "text"),
    [
        ("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "outside (any IPv6)"),
        ("10.0.0.0-10.0.0.255", "10.0.0.0/24"),
        ("10.0.0.1-10.0.0.1", "10.0.0.1"),
        ("10.0.0.1-10.0.0.2", "10.0.0.1-10.0.0.2"),
    ],
)
def test_ranges_in_words(ips: str, text: str) -> None:
    assert range_text(ips) == text


def test_table_in_a_narrow_pipe_keeps_whole_names() -> None:
    assert 'shop/web            <script>/a"|b]  TCP 80,443  ? UDP 53\n' in table()
    assert "\x1b" not in table()


def test_inventory_shows_every_part() -> None:
    out = StringIO()
    inventory = Inventory(
        (PodRow("shop", "web", "Deployment", ips=("10.0.0.1",)),),
        (NodeRow("node-a", pods=3),),
        ("10.0.0.0/16",),
        (CoverageRow("shop", 5, 4, 3, 2, 1),),
        {"pods": 5},
    )
    print_inventory(inventory, Console(file=out, width=20))
    lines = out.getvalue().splitlines()
    assert lines[1].split() == ["shop", "web", "Deployment", "10.0.0.1", "pod", "template", "0"]
    assert "10.0.0.0/16" in lines
    assert ["shop", "5", "4", "3", "2", "1"] in [line.split() for line in lines]
    assert lines[-1] == "5 pods"


def test_page_holds_hostile_names_only_as_data_and_no_address_to_fetch() -> None:
    page = reach_html(REACH)
    assert "\\u003cscript>/a" in page
    assert "<script>/a" not in page
    assert "http://" not in page
    assert "https://" not in page
