from __future__ import annotations

import csv
import json
from io import StringIO

import msgspec
import yaml
from rich.console import Console

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.connections import PeerEnd
from firedoor.model.exposure import Arrival, Exposure, ExposureReport, Hop, Opening
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.verdicts import Verdict
from firedoor.render.exposure_csv import exposure_csv
from firedoor.render.exposure_json import exposure_document, exposure_json
from firedoor.render.exposure_table import print_exposure
from firedoor.render.exposure_words import exposure_summary
from firedoor.render.exposure_yaml import exposure_yaml

EVERYONE = ("0.0.0.0-255.255.255.255",)
WEB = ObjectRef("Deployment", "shop", "web")
DIRECT = Exposure(
    ObjectRef("Service", "shop", "web"), "NodePort", "shop/web", PeerEnd(WEB), "TCP", 8080,
    Arrival(Verdict.UNKNOWN, ("192.0.2.0-192.0.2.255",), EVERYONE, ("=why\x1b[31m",)), ("web-1",),
)  # fmt: skip
ROUTED = Exposure(
    ObjectRef("Ingress", "shop", "site"), "Ingress", "shop/web", PeerEnd(ips="198.51.100.7-198.51.100.7"), "TCP", 80,
    Arrival(Verdict.DENIED), (), ("a.example", "b.example"), ("a.example",),
    (Hop("outside", "", Verdict.UNKNOWN), Hop("", "198.51.100.7", Verdict.ACCEPTED)),
)  # fmt: skip
OPENINGS = (
    Opening(
        WEB, "namespace shop", "pods app=x", 2, (("TCP", 80, 80),), (("UDP", 53, 53),), ("shop/p spec.ingress[0]",)
    ),
    Opening(WEB, "any namespace", "any pod", 3, (), ALL_TRAFFIC),
)
GAPS = (Gap(GapKind.TEMPLATE, "a.yaml:3", "template syntax is left"),)
REPORT = ExposureReport((DIRECT, ROUTED), OPENINGS, ("x\x1b leads to no pod",), GAPS)


def table(report: ExposureReport) -> str:
    out = StringIO()
    print_exposure(report, Console(file=out, width=10_000, soft_wrap=True))
    return out.getvalue()


def test_the_table_has_a_line_for_each_port_and_each_opening() -> None:
    text = table(REPORT)
    direct, routed = (line for line in text.splitlines() if "TCP" in line and ("NodePort" in line or "Ingress" in line))
    assert "shop/web (only web-1)" in direct
    assert "192.0.2.0/24  ? outside (any IPv4)" in direct
    assert "Service shop/web (NodePort)" in direct
    assert "\x1b" not in text
    assert "a.example (TLS), b.example" in routed
    assert "outside -(unknown)-> (pods that are not known) -> 198.51.100.7" in routed
    assert "TCP 80  ? UDP 53  shop/p spec.ingress[0]" in text
    assert "? all             no policy isolates it" in text
    assert "note: x\\x1b leads to no pod" in text
    assert text.endswith(exposure_summary(REPORT) + "\n")


def test_a_host_port_is_told_as_the_door_of_its_workload() -> None:
    host = msgspec.structs.replace(DIRECT, way=WEB, door="host port", service="")
    assert "Deployment shop/web (host port)" in table(ExposureReport((host,)))


def test_many_ranges_are_shown_in_part() -> None:
    many = Arrival(Verdict.ACCEPTED, tuple(f"192.0.2.{each}-192.0.2.{each}" for each in (1, 3, 5, 7)))
    text = table(ExposureReport((msgspec.structs.replace(DIRECT, arrival=many),)))
    assert "192.0.2.1, 192.0.2.3, 192.0.2.5 and 1 more" in text


def test_nothing_is_said_as_such() -> None:
    text = table(ExposureReport())
    assert "nothing: no Service with a door" in text
    assert exposure_summary(ExposureReport()) == (
        "0 exposed ports: 0 accepted, 0 denied, 0 unknown; 0 openings for pods that do not exist yet; 0 gaps"
    )


def test_the_document_holds_everything_and_is_the_same_in_yaml() -> None:
    document = json.loads(exposure_json(REPORT))
    assert document == json.loads(json.dumps(exposure_document(REPORT)))
    assert yaml.safe_load(exposure_yaml(REPORT)) == document
    assert document["schema"] == "firedoor/exposure/v1"
    direct, routed = document["exposures"]
    assert direct["backend"] == {"workload": "shop/web", "kind": "Deployment", "pods": ["web-1"]}
    assert (direct["verdict"], direct["accepted_from"]) == ("unknown", ["192.0.2.0-192.0.2.255"])
    assert routed["backend"] == {"address": "198.51.100.7"}
    assert routed["chain"][0] == {"src": "outside", "dst": "", "verdict": "unknown"}
    assert document["openings"][0]["rules"] == ["shop/p spec.ingress[0]"]
    assert document["gaps"] == [{"source": "a.yaml:3", "reason": "template syntax is left", "object": None}]


def test_csv_has_a_row_for_each_and_no_cell_is_a_formula() -> None:
    rows = list(csv.DictReader(StringIO(exposure_csv(REPORT))))
    assert [(row["section"], row["backend"], row["traffic"]) for row in rows] == [
        ("exposed", "shop/web", "TCP 8080"),
        ("exposed", "198.51.100.7", "TCP 80"),
        ("opening", "shop/web", "TCP 80; ? UDP 53"),
        ("opening", "shop/web", "? all"),
    ]
    assert rows[0]["because"] == "'=why\\x1b[31m"
    assert (rows[2]["verdict"], rows[3]["verdict"]) == ("accepted", "unknown")
