from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import msgspec
import pytest
import yaml
from rich.console import Console

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd, PodDetail
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.inventory import CoverageRow, Inventory, NetworkRow, NodeRow, PodRow
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.render.findings_json import findings_json, fix_yaml
from firedoor.render.findings_text import Detail, print_findings
from firedoor.render.inventory_text import Rows, print_inventory
from firedoor.render.json_text import json_text
from firedoor.render.reach_csv import reach_csv
from firedoor.render.reach_dot import reach_dot
from firedoor.render.reach_html import reach_html
from firedoor.render.reach_json import reach_document, reach_json
from firedoor.render.reach_mermaid import reach_mermaid
from firedoor.render.reach_table import print_reach, summary_text
from firedoor.render.reach_yaml import reach_yaml
from firedoor.render.words import range_text, visible

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


def table(connectivity: Connectivity = REACH) -> str:
    out = StringIO()
    print_reach(connectivity, Console(file=out, width=20))
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


INVENTORY = Inventory(
    (
        PodRow("shop", "web", "Deployment", "web-1", "node-a", ("10.0.0.1",), state="Running", egress="isolated"),
        PodRow("shop", "web", "Deployment", "web-2", "node-b", state="Pending", ingress="isolated", egress="isolated"),
    ),
    (NodeRow("node-a", ("192.168.0.1",), ("10.0.0.0/24",), "v1.33.0", 1),),
    (NetworkRow("pod network", "10.0.0.0/24", 2),),
    (CoverageRow("shop", 2, 1, 0, 1, 0, 0, 3),),
    CoverageRow("", 2, 1, 0, 1, 0, 0, 3),
)


def inventory_lines(rows: Rows) -> list[list[str]]:
    out = StringIO()
    print_inventory(INVENTORY, Console(file=out, width=20), rows)
    return [line.split() for line in out.getvalue().splitlines()]


def test_inventory_shows_every_part() -> None:
    lines = inventory_lines(Rows.WORKLOADS)
    assert lines[1] == ["shop", "web", "Deployment", "2", "Running,Pending", "2", "pod", "mixed", "isolated"]
    assert ["node-a", "192.168.0.1", "10.0.0.0/24", "v1.33.0", "1"] in lines
    assert ["pod", "network", "2", "10.0.0.0/24"] in lines
    assert ["shop", "2", "1", "0", "1", "0", "0", "3"] in lines
    assert ["all", "2", "1", "0", "1", "0", "0", "3"] in lines


def test_inventory_lists_pods_one_by_one() -> None:
    pod = ["shop", "web", "Deployment", "web-1", "Running", "node-a", "10.0.0.1", "pod", "open", "isolated"]
    assert inventory_lines(Rows.PODS)[1] == pod


DB = PeerEnd(ObjectRef("StatefulSet", "shop", "db"))
HTTP, DNS = (("TCP", 80, 80),), (("UDP", 53, 53),)
DIFFERING = Connectivity(
    (
        PeerConnection(
            WEB, DB, HTTP, DNS, (PodDetail(("web-a",), ("db-0",), HTTP), PodDetail(("web-a",), ("db-1",), (), DNS))
        ),
    ),
    notes=("judged by the specification alone",),
)


def test_json_details_stand_where_their_traffic_is() -> None:
    document = json.loads(reach_json(DIFFERING))
    assert document["connections"][0]["details"] == [
        {"src_pods": ["web-a"], "dst_pods": ["db-0"], "traffic": [{"protocol": "TCP", "from": 80, "to": 80}]}
    ]
    assert document["unknown"][0]["details"] == [
        {"src_pods": ["web-a"], "dst_pods": ["db-1"], "traffic": [{"protocol": "UDP", "from": 53, "to": 53}]}
    ]


def test_pods_as_ends_name_their_workload() -> None:
    pod = PeerEnd(DB.workload, pod="db-0")
    pods = Connectivity((PeerConnection(OUTSIDE, pod, HTTP),))
    assert json.loads(reach_json(pods))["connections"][0]["dst"] == {
        "pod": "shop/db-0", "workload": "shop/db", "kind": "StatefulSet",
    }  # fmt: skip
    assert "shop/db-0" in table(pods)
    assert summary_text(pods) == "1 connection between 1 pod; 1 open to everyone; 0 gaps"


def test_table_tells_pods_apart_and_prints_notes() -> None:
    lines = table(DIFFERING).splitlines()
    assert [line.rstrip() for line in lines[1:4]] == [
        "shop/web  shop/db      TCP 80  ? UDP 53",
        "            only db-0  TCP 80",
        "            only db-1  ? UDP 53",
    ]
    assert "note: judged by the specification alone" in lines


@pytest.mark.parametrize(
    ("ranges", "exposed"),
    [
        (("0.0.0.0-9.255.255.255", "10.0.0.0-255.255.255.255"), 1),
        (("0.0.0.0-9.255.255.255", "11.0.0.0-255.255.255.255"), 0),
        (("0.0.0.0-255.255.255.254",), 0),
        (("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",), 1),
    ],
)
def test_everyone_is_all_addresses_together(ranges: tuple[str, ...], exposed: int) -> None:
    pairs = tuple(PeerConnection(PeerEnd(ips=ips), WEB, HTTP) for ips in ranges)
    assert f"; {exposed} open to everyone;" in summary_text(Connectivity(pairs))


TWINS = Connectivity(
    (
        PeerConnection(WEB, DB, HTTP),
        PeerConnection(PeerEnd(ObjectRef("StatefulSet", "shop", "web")), DB, DNS),
    )
)


@pytest.mark.parametrize("render", [reach_dot, reach_mermaid, table])
def test_kind_is_shown_where_two_ends_share_a_name(render: Callable[[Connectivity], str]) -> None:
    text = render(TWINS)
    assert "shop/web (Deployment)" in text
    assert "shop/web (StatefulSet)" in text
    assert "shop/db (" not in text


def test_graphs_keep_ends_of_one_name_apart() -> None:
    assert [line for line in reach_dot(TWINS).splitlines() if "->" in line] == [
        '  n1 -> n0 [label="TCP 80"];',
        '  n2 -> n0 [label="UDP 53"];',
    ]
    assert reach_mermaid(TWINS).splitlines()[-2:] == ['  n1 -->|"TCP 80"| n0', '  n2 -->|"UDP 53"| n0']


UNSAFE = "\x1b[2J\x9b\u202e\nx"


@pytest.mark.parametrize("render", [reach_json, reach_csv, reach_yaml, reach_dot, reach_mermaid, table])
def test_no_name_can_drive_a_terminal(render: Callable[[Connectivity], str]) -> None:
    end = PeerEnd(ObjectRef("Pod", UNSAFE, UNSAFE))
    text = render(Connectivity((PeerConnection(end, WEB, HTTP),), notes=(UNSAFE,)))
    assert not set("\x1b\x9b\u202e") & set(text)
    assert "\nx" not in text


def test_no_finding_can_drive_a_terminal() -> None:
    finding = msgspec.structs.replace(FINDING, message=UNSAFE, evidence=(UNSAFE,))
    out = StringIO()
    print_findings([finding], (Gap(GapKind.TEMPLATE, UNSAFE, UNSAFE, UNSAFE),), Console(file=out))
    assert not set("\x1b\x9b\u202e") & set(out.getvalue())
    assert "    \\x1b[2J\\x9b\\u202e\\nx\n" in out.getvalue()
    assert "\x1b" not in findings_json([finding], (), {})


def test_visible_leaves_other_text_alone() -> None:
    assert visible("caf\u00e9 \u65e5\u672c [red] \\ x") == "caf\u00e9 \u65e5\u672c [red] \\ x"
    assert visible("a\tb\x00\x7f") == "a\\tb\\x00\\x7f"


def test_page_holds_hostile_names_only_as_data_and_no_address_to_fetch() -> None:
    page = reach_html(REACH)
    assert "\\u003cscript>/a" in page
    assert "<script>/a" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert not re.search(r"(src|href)=", page)


def test_a_file_name_that_is_no_text_can_still_be_written_as_json() -> None:
    text = json_text({"source": "a\udcff.yaml:1", "lines": [{"of": ("b\udcfe", 1)}]})
    assert json.loads(text) == {"source": "a\\udcff.yaml:1", "lines": [{"of": ["b\\udcfe", 1]}]}
