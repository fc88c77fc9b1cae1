from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.cilium import ANY_PROTOCOL, EXTENDED_PROTOCOLS, CiliumPort
from tests.model.cilium_objects import EVERYONE, egress, ingress, let_through

PORT_80 = [{"port": "80", "protocol": "TCP"}]


def ports(*entries: dict[str, Any]) -> tuple[CiliumPort, ...] | None:
    return ingress(toPorts=[{"ports": list(entries)}]).ports


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"port": "80"}, "ANY/80"),
        ({"port": "80", "protocol": "ANY"}, "ANY/80"),
        ({"port": "80", "protocol": "SCTP"}, "SCTP/80"),
        ({"port": "80", "endPort": 90, "protocol": "TCP"}, "TCP/80-90"),
        ({"port": "80", "endPort": 80.0, "protocol": "TCP"}, "TCP/80"),
        ({"port": "80", "endPort": 79, "protocol": "TCP"}, "TCP/80"),
        ({"port": "80", "endPort": 0}, "ANY/80"),
        ({"port": "0", "protocol": "UDP"}, "UDP"),
        ({"port": "0", "endPort": 65535}, "ANY"),
        ({"port": "0", "endPort": 10}, "ANY/1-10"),
        ({"port": "0", "endPort": 1}, "ANY/1"),
        ({"port": "65535"}, "ANY/65535"),
        ({"port": "010"}, "ANY/8"),
        ({"port": "1_000"}, "ANY/1000"),
        ({"port": "http"}, "ANY/http"),
        ({"port": "HTTP-8080"}, "ANY/http-8080"),
        ({"port": "0x10"}, "ANY/0x10"),
        ({"port": "0", "protocol": "GRE"}, "GRE"),
    ],
)
def test_a_port_is_a_number_a_range_or_a_name(entry: dict[str, Any], text: str) -> None:
    found = ports(entry)
    assert found is not None
    assert [str(each) for each in found] == [text]


def test_a_port_of_any_protocol_is_one_of_every_protocol_with_ports() -> None:
    assert CiliumPort(ANY_PROTOCOL, 80).protocols == ("TCP", "UDP", "SCTP")
    assert CiliumPort("UDP", 80).protocols == ("UDP",)
    assert {CiliumPort(each).protocols for each in EXTENDED_PROTOCOLS} == {()}


@pytest.mark.parametrize("fields", [{}, {"toPorts": []}, {"toPorts": None, "icmps": []}])
def test_a_rule_without_ports_is_for_all_traffic(fields: dict[str, Any]) -> None:
    assert ingress(fromEntities=["world"], **fields).ports is None


@pytest.mark.parametrize("entry", [{}, {"ports": []}, {"ports": None}, {"rules": {"http": []}}])
def test_an_entry_that_names_no_port_is_for_none(entry: dict[str, Any]) -> None:
    assert ingress(toPorts=[entry]).ports == ()


def test_the_ports_of_all_entries_count() -> None:
    rule = ingress(toPorts=[{"ports": PORT_80}, {"ports": [{"port": "81"}, {"port": "82"}]}])
    assert [str(each) for each in rule.ports or ()] == ["TCP/80", "ANY/81", "ANY/82"]


@pytest.mark.parametrize(("kind", "number"), [(8, 8), ("8", 8), ("0", 0), ("EchoRequest", 8), ("255", 255), (300, 300)])
def test_a_rule_may_be_about_icmp_only(kind: object, number: int) -> None:
    rule = ingress(fromEntities=["world"], icmps=[{"fields": [{"family": "IPv4", "type": kind}]}])
    assert (rule.icmps, rule.ports) == (((4, number),), ())


def test_types_of_icmp_have_names_by_family() -> None:
    assert egress(icmps=[{"fields": [{"family": "IPv6", "type": "PacketTooBig"}]}]).icmps == ((6, 2),)


@pytest.mark.parametrize("entry", [{}, {"fields": []}])
def test_icmp_without_a_type_is_for_no_traffic(entry: dict[str, Any]) -> None:
    rule = ingress(fromEntities=["world"], icmps=[entry])
    assert (rule.icmps, rule.ports) == ((), ())


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"rules": {"http": [{"method": "GET", "path": "/a"}, {"host": "h"}]}}, "HTTP GET /a or any method h"),
        ({"rules": {"http": [{"headers": ["X: y"]}]}}, "HTTP any method any path with X: y"),
        (
            {"rules": {"http": [{"headerMatches": [{"name": "X", "value": "y", "mismatch": "LOG"}]}]}},
            "HTTP any method any path with X",
        ),
        (
            {"rules": {"http": [{"headerMatches": [{"name": "X", "secret": {"name": "s"}}]}]}},
            "HTTP any method any path with X",
        ),
        ({"rules": {"http": []}}, ""),
        ({"rules": {"dns": []}}, ""),
        ({"rules": None}, ""),
        ({"serverNames": ["a.example", "*.b.example"]}, "TLS to a.example or *.b.example"),
        ({"terminatingTLS": {"secret": {"name": "s", "namespace": "n"}}}, "TLS"),
        ({"originatingTLS": {"secret": {"name": "s"}, "trustedCA": "c"}}, "TLS"),
        (
            {"serverNames": ["a"], "terminatingTLS": {"secret": {"name": "s"}}, "rules": {"http": [{"path": "/"}]}},
            "TLS to a; HTTP any method /",
        ),
    ],
)
def test_what_an_entry_demands_beyond_its_ports_is_said(fields: dict[str, Any], text: str) -> None:
    rule = ingress(toPorts=[{"ports": PORT_80, **fields}, {"ports": [{"port": "81"}]}])
    assert rule.ports is not None
    assert rule.l7 == text
    assert [each.l7 for each in rule.ports] == [text, ""]
    assert str(rule.ports[0]) == (f"TCP/80 [{text}]" if text else "TCP/80")


def test_dns_rules_are_for_egress() -> None:
    names = [{"matchName": "a.example"}, {"matchPattern": "*.b"}]
    rule = egress(toPorts=[{"ports": [{"port": "53", "protocol": "UDP"}], "rules": {"dns": names}}])
    assert rule.l7 == "DNS queries for a.example or *.b"


def test_a_listener_is_for_egress() -> None:
    listener = {"name": "proxy", "envoyConfig": {"name": "c", "kind": "CiliumEnvoyConfig"}, "priority": 1}
    assert egress(toPorts=[{"ports": PORT_80, "listener": listener}]).l7 == "Envoy listener proxy"


@pytest.mark.parametrize(
    ("rules", "field", "text"),
    [
        ({"kafka": [{"topic": "t"}]}, "kafka", "Kafka requests"),
        ({"kafka": []}, "kafka", ""),
        ({"l7proto": "r2d2", "l7": [{"cmd": "READ"}]}, "l7proto", "r2d2 requests"),
        ({"l7proto": "r2d2"}, "l7proto", ""),
    ],
)
def test_rules_of_protocols_that_were_removed_are_kept_with_a_note(
    rules: dict[str, Any], field: str, text: str
) -> None:
    found, fault = let_through({**EVERYONE, "ingress": [{"toPorts": [{"ports": PORT_80, "rules": rules}]}]})
    rule = found.rules[0].ingress[0]
    assert (rule.l7, rule.unsure) == (text, False)
    assert fault.path == f"spec.ingress[0].toPorts[0].rules.{field}"


def test_a_protocol_without_ports_needs_an_option() -> None:
    found, fault = let_through({**EVERYONE, "ingress": [{"toPorts": [{"ports": [{"protocol": "GRE"}]}]}]})
    assert found.options == ("enable-extended-ip-protocols",)
    assert fault.path == "spec.ingress[0].toPorts[0].ports[0].port"
    assert found.rules[0].ingress[0].ports == (CiliumPort("GRE"),)


def test_a_range_that_begins_with_a_name_is_doubted() -> None:
    entry = {"port": "http", "endPort": 90}
    found, fault = let_through({**EVERYONE, "ingress": [{"toPorts": [{"ports": [entry]}]}, {}]})
    assert fault.path == "spec.ingress[0].toPorts[0].ports[0].endPort"
    assert [each.unsure for each in found.rules[0].ingress] == [True, False]
