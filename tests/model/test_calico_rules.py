"""Rules of Calico policies: what they ask for, and what the API refuses in them."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.calico import (
    CalicoRule,
    EntityRule,
    HTTPMatch,
    HTTPPath,
    ICMPMatch,
    PortMatch,
    ServiceAccountMatch,
)
from firedoor.model.calico_selectors import Equal, Has
from tests.model.calico_objects import STORED, doubted, egress, ingress, parse, policy, refused, rule


def test_a_rule_without_conditions_asks_nothing() -> None:
    assert rule() == CalicoRule("Allow", path="spec.ingress[0]")
    assert rule(source={}, destination=None, protocol=None, ipVersion=None) == rule()


def test_every_condition_of_a_rule_is_kept() -> None:
    source = {
        "nets": ["10.0.0.0/8"],
        "notNets": ["10.1.0.0/16"],
        "selector": "app == 'web'",
        "notSelector": "has(old)",
        "namespaceSelector": "env == 'prod'",
        "ports": [80, "90:99", "http"],
        "notPorts": ["95", 65535],
        "serviceAccounts": {"names": ["robot"], "selector": "has(trusted)"},
    }
    found = rule(
        action="Deny",
        protocol="TCP",
        notProtocol=132,
        ipVersion=4,
        source=source,
        metadata={"annotations": {"why": "because"}},
    )
    assert found == CalicoRule(
        action="Deny",
        protocol="TCP",
        not_protocol="SCTP",
        ip_version=4,
        source=EntityRule(
            nets=("10.0.0.0/8",),
            not_nets=("10.1.0.0/16",),
            selector=Equal("app", "web"),
            not_selector=Has("old"),
            namespace_selector=Equal("env", "prod"),
            ports=(PortMatch(80, 80), PortMatch(90, 99), PortMatch(name="http")),
            not_ports=(PortMatch(95, 95), PortMatch(65535, 65535)),
            service_accounts=ServiceAccountMatch(("robot",), Has("trusted")),
        ),
        path="spec.ingress[0]",
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("TCP", "TCP"),
        ("UDPLite", "UDPLite"),
        ("ICMPv6", "ICMPv6"),
        (6, "TCP"),
        ("17", "UDP"),
        (132, "SCTP"),
        (1, "ICMP"),
        (58, "ICMPv6"),
        (136, "UDPLite"),
        (47, "47"),
        ("0255", "255"),
    ],
)
def test_a_protocol_is_known_by_its_name_or_else_by_its_number(written: int | str, read: str) -> None:
    assert rule(protocol=written).protocol == read
    assert rule(notProtocol=written).not_protocol == read


@pytest.mark.parametrize("written", ["tcp", "QUIC", "", 0, 256, "256", "0", "9" * 5000, -1, True, 6.5, [], {}])
def test_any_other_protocol_is_refused(written: Any) -> None:
    fault = refused(ingress(protocol=written))
    assert fault.path == "spec.ingress[0].protocol"
    assert "expected ICMP, TCP, UDP, ICMPv6, SCTP or UDPLite, or a number from 1 to 255" in fault.reason
    assert fault.remedy == ("write TCP" if written == "tcp" else "")


def test_what_is_stored_may_name_protocols_in_lower_case() -> None:
    assert rule(STORED, protocol="tcp", destination={"ports": [80]}).protocol == "TCP"
    assert refused(ingress(protocol="quic"), api=STORED).path == "spec.ingress[0].protocol"


NO_NUMBERS: list[Any] = [0, 65536, -1, 10**30, True, 80.0, None, "0", "0:5", "9:8", "1:65536", "65536", "9" * 5000]
NO_NAMES: list[Any] = [":", "a:b", "HTTP", "a--b", "-a", "a-", "123-4", "a" * 16, "\u0661", "", [], {}]


@pytest.mark.parametrize("written", NO_NUMBERS + NO_NAMES)
def test_what_is_no_port_is_refused(written: Any) -> None:
    fault = refused(ingress(protocol="TCP", destination={"ports": [80, written]}))
    assert fault.path == "spec.ingress[0].destination.ports[1]"
    assert fault.reason.startswith("found ")
    assert "expected a port from 1 to 65535, a range like 80:90, or the name of a port" in fault.reason


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("00080", PortMatch(80, 80)),
        ("1:65535", PortMatch(1, 65535)),
        ("7:7", PortMatch(7, 7)),
        ("a", PortMatch(name="a")),
        ("8080-web", PortMatch(name="8080-web")),
        ("a" * 15, PortMatch(name="a" * 15)),
    ],
)
def test_ports_are_numbers_ranges_or_names(written: str, read: PortMatch) -> None:
    assert rule(protocol="UDP", source={"notPorts": [written]}).source.not_ports == (read,)


@pytest.mark.parametrize("protocol", [None, "ICMP", 47])
def test_ports_need_a_protocol_that_has_ports(protocol: int | str | None) -> None:
    for end in ("source", "destination"):
        for field in ("ports", "notPorts"):
            fault = refused(ingress(protocol=protocol, **{end: {field: [80]}}))
            assert fault.path == f"spec.ingress[0].{end}.{field}"
            assert fault.reason.startswith("found ports and ")
            assert fault.remedy == "set protocol to TCP, UDP or SCTP"


def test_named_ports_bring_their_protocol_along() -> None:
    assert rule(destination={"ports": ["http"]}).destination.ports == (PortMatch(name="http"),)
    fault = refused(ingress(protocol="ICMP", destination={"ports": ["http"]}))
    assert fault.reason == "found ports and protocol ICMP, which has no ports"


@pytest.mark.parametrize("version", [0, 5, 46, "4", True, [], {}, 4.5, 10**400])
def test_an_ip_version_is_four_or_six(version: Any) -> None:
    fault = refused(ingress(ipVersion=version))
    assert fault.path == "spec.ingress[0].ipVersion"
    assert fault.reason.endswith("expected 4 or 6")


def test_icmp_messages_are_kept() -> None:
    found = rule(protocol="ICMP", ipVersion=4, icmp={"type": 8, "code": 0}, notICMP={"type": 3})
    assert (found.icmp, found.not_icmp) == (ICMPMatch(8, 0), ICMPMatch(3))
    assert rule(protocol=58, ipVersion=6, icmp={}).icmp == ICMPMatch()


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"icmp": {"type": 8}}, "icmp", "found icmp and protocol left out, expected ICMP or ICMPv6"),
        ({"icmp": {"type": 8}, "protocol": "TCP"}, "icmp", "found icmp and protocol TCP, expected ICMP or ICMPv6"),
        ({"icmp": {"type": 255}, "protocol": "ICMP"}, "icmp.type", "expected a whole number from 0 to 254"),
        ({"icmp": {"type": 8, "code": 256}, "protocol": 1}, "icmp.code", "expected a whole number from 0 to 255"),
        ({"notICMP": {"code": 1}, "protocol": 1}, "notICMP.code", "found a code without a type, expected both"),
        ({"icmp": [], "protocol": 1}, "icmp", "found a list, expected an object"),
        ({"protocol": "ICMP", "ipVersion": 6}, "ipVersion", "found 6 and protocol ICMP, expected 4"),
        ({"notProtocol": 58, "ipVersion": 4}, "ipVersion", "found 4 and protocol ICMPv6, expected 6"),
    ],
)
def test_icmp_goes_with_its_protocol(fields: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(ingress(**fields))
    assert fault.path == f"spec.ingress[0].{path}"
    assert reason in fault.reason


@pytest.mark.parametrize("protocol", [None, "TCP"])
def test_what_excluding_icmp_means_elsewhere_is_not_known(protocol: str | None) -> None:
    found, fault = doubted(ingress(notICMP={"type": 8}, protocol=protocol))
    assert found.ingress[0].unsure
    assert not found.unsure
    assert fault.path == "spec.ingress[0].notICMP"


def test_http_requests_are_kept() -> None:
    http = {"methods": ["GET", "PUT"], "paths": [{"exact": "/a"}, {"prefix": "/b/"}]}
    expected = HTTPMatch(("GET", "PUT"), (HTTPPath("/a"), HTTPPath(prefix="/b/")))
    assert rule(http=http, protocol="TCP").http == expected
    assert rule(http={}).http == HTTPMatch()
    assert rule().http is None


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"http": {}, "protocol": "UDP"}, "http", "found http and protocol UDP, expected TCP"),
        ({"http": {}, "action": "Deny"}, "http", "found http and action Deny, expected Allow"),
        ({"http": {"methods": ["GET", "GET"]}}, "http.methods", "found a method twice, expected each once"),
        ({"http": {"methods": [3]}}, "http.methods[0]", "found the number 3, expected a text"),
        ({"http": {"paths": [{}]}}, "http.paths[0]", "found neither exact nor prefix, expected one of them"),
        ({"http": {"paths": [{"exact": "/", "prefix": "/"}]}}, "http.paths[0]", "found both exact and prefix"),
        ({"http": {"paths": [{"exact": "a"}]}}, "http.paths[0]", "expected a path that begins with /"),
        ({"http": {"paths": [{"prefix": "/a?b"}]}}, "http.paths[0]", "expected a path that begins with /"),
        ({"http": {"paths": [{"prefix": "/a#b"}]}}, "http.paths[0]", "expected a path that begins with /"),
        ({"http": {"paths": ["/a"]}}, "http.paths[0]", "found the text '/a', expected an object"),
        ({"http": 3}, "http", "found the number 3, expected an object"),
    ],
)
def test_http_requests_are_checked(fields: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(ingress(**fields))
    assert fault.path == f"spec.ingress[0].{path}"
    assert reason in fault.reason


def test_http_requests_are_not_matched_in_egress_rules() -> None:
    fault = refused(egress(http={"methods": ["GET"]}))
    assert (fault.path, fault.reason) == (
        "spec.egress[0].http",
        "found http in an egress rule, expected it in ingress rules only",
    )


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"dscp": 3}, "dscp"),
        ({"source": {"zone": "a"}}, "source.zone"),
        ({"source": {"serviceAccounts": {"name": "a"}}}, "source.serviceAccounts.name"),
        ({"source": {"services": {"name": "a", "port": 1}}}, "source.services.port"),
        ({"http": {"headers": []}}, "http.headers"),
        ({"http": {"paths": [{"exact": "/", "regex": ""}]}}, "http.paths[0].regex"),
        ({"protocol": "ICMP", "icmp": {"id": 3}}, "icmp.id"),
        ({"metadata": {"labels": {}}}, "metadata.labels"),
    ],
)
def test_a_field_that_the_api_does_not_have_makes_the_rule_unsure(fields: dict[str, Any], path: str) -> None:
    found, fault = doubted(ingress(**fields))
    assert found.ingress[0].unsure
    assert not found.unsure
    assert fault.path == f"spec.ingress[0].{path}"


@pytest.mark.parametrize(
    ("action", "reason", "remedy"),
    [
        ("allow", "found the text 'allow', expected Allow, Deny, Log or Pass", "write Allow"),
        ("Accept", "found the text 'Accept', expected Allow, Deny, Log or Pass", ""),
        (3, "found the number 3, expected a text", "put the value into quotes"),
        (None, "found no action, expected Allow, Deny, Log or Pass", "write what the rule does"),
        ("", "found no action, expected Allow, Deny, Log or Pass", "write what the rule does"),
    ],
)
def test_a_rule_has_one_of_four_actions(action: Any, reason: str, remedy: str) -> None:
    fault = refused({"ingress": [{"action": action}]})
    assert (fault.path, fault.reason, fault.remedy) == ("spec.ingress[0].action", reason, remedy)
    assert [policy({"ingress": [{"action": each}]}).ingress[0].action for each in ("Log", "Pass")] == ["Log", "Pass"]


@pytest.mark.parametrize(
    ("spec", "path", "reason"),
    [
        ({"ingress": {}}, "spec.ingress", "found an object, expected a list"),
        ({"ingress": [None]}, "spec.ingress[0]", "found null, expected an object"),
        ({"egress": ["x"]}, "spec.egress[0]", "found the text 'x', expected an object"),
        (ingress(source=[]), "spec.ingress[0].source", "found a list, expected an object"),
        (ingress(source={"nets": "10.0.0.0/8"}), "spec.ingress[0].source.nets", "expected a list"),
        (ingress(source={"ports": 80}), "spec.ingress[0].source.ports", "found the number 80, expected a list"),
        (ingress(metadata=3), "spec.ingress[0].metadata", "found the number 3, expected an object"),
        (ingress(metadata={"annotations": []}), "spec.ingress[0].metadata.annotations", "expected an object"),
        (ingress(metadata={"annotations": {"a": 3}}), "spec.ingress[0].metadata.annotations.a", "expected a text"),
    ],
)
def test_wrong_types_are_refused(spec: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(spec)
    assert fault.path == path
    assert reason in fault.reason


def test_every_fault_of_a_policy_is_told() -> None:
    spec = {"ingress": [{"action": "allow"}, {"action": "Allow", "source": {"nets": ["x", "10.0.0.1"]}}], "order": "1"}
    found, faults = parse(spec)
    assert found is None
    assert [fault.path for fault in faults] == [
        "spec.ingress[0].action",
        "spec.ingress[1].source.nets[0]",
        "spec.ingress[1].source.nets[1]",
        "spec.order",
    ]
