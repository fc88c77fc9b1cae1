"""Protocols and ports in Calico's rules: numbers, ranges, names, and those of the source."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.calico import (
    ACCEPTED,
    DENIED,
    UNKNOWN,
    asked,
    network,
    on_db,
    policy,
)

from firedoor.model.verdicts import Verdict

TCP = "action: Allow, protocol: TCP"


def _accepted(rule: str, protocol: str = "TCP") -> list[int]:
    found = network(on_db(f"{{{rule}}}"))
    return [port for port in (53, 80, 81, 85, 5432, 65535) if asked(found, "web", "db", port, protocol) is ACCEPTED]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("action: Allow, protocol: TCP", "TCP"),
        ("action: Allow, protocol: 17", "UDP"),
        ("action: Allow, protocol: SCTP", "SCTP"),
        ("action: Allow, notProtocol: TCP", "SCTP UDP"),
        ("action: Allow, protocol: TCP, notProtocol: TCP", ""),
        ("action: Allow, notProtocol: ICMP", "SCTP TCP UDP"),
        ("action: Allow", "SCTP TCP UDP"),
        ("action: Allow, protocol: ICMP", ""),
        ("action: Allow, protocol: ICMP, icmp: {type: 8}", ""),
        ("action: Allow, protocol: ICMP, notICMP: {type: 8, code: 0}", ""),
        ("action: Allow, protocol: ICMPv6, icmp: {}", ""),
        ("action: Allow, protocol: UDPLite", ""),
        ("action: Allow, protocol: 200", ""),
    ],
)
def test_protocols(rule: str, expected: str) -> None:
    found = network(on_db(f"{{{rule}}}"))
    accepted = [each for each in ("SCTP", "TCP", "UDP") if asked(found, "web", "db", 80, each) is ACCEPTED]
    assert accepted == expected.split()


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("{ports: [80]}", [80]),
        ("{ports: ['80']}", [80]),
        ("{ports: [80, 5432]}", [80, 5432]),
        ("{ports: ['80:84']}", [80, 81]),
        ("{ports: ['0:80']}", None),
        ("{ports: ['1:80']}", [53, 80]),
        ("{ports: ['82:65535']}", [85, 5432, 65535]),
        ("{notPorts: [80, '81:90']}", [53, 5432, 65535]),
        ("{ports: ['80:90'], notPorts: ['81:84']}", [80, 85]),
        ("{ports: ['80:90'], notPorts: ['1:65535']}", []),
        ("{ports: [sql]}", [5432]),
        ("{ports: [dns]}", []),
        ("{ports: [http]}", []),
        ("{ports: [sql, 80]}", [80, 5432]),
        ("{notPorts: [sql]}", [53, 80, 81, 85, 65535]),
        ("{ports: ['80:5432'], notPorts: [sql, 81]}", [80, 85]),
        ("{notPorts: [http]}", [53, 80, 81, 85, 5432, 65535]),
    ],
)
def test_ports_of_the_destination(destination: str, expected: list[int] | None) -> None:
    rule = f"action: Allow, protocol: TCP, destination: {destination}"
    if expected is None:
        found = network(on_db(f"{{{rule}}}"))
        assert [each.path for each in found.snapshot.gaps] == ["spec.ingress[0].destination.ports[0]"]
        return
    assert _accepted(rule) == expected


def test_a_name_means_the_port_of_its_protocol() -> None:
    assert _accepted("action: Allow, destination: {ports: [sql, dns]}") == [5432]
    assert _accepted("action: Allow, destination: {ports: [sql, dns]}", "UDP") == [53]
    assert _accepted("action: Allow, protocol: UDP, destination: {ports: [dns]}", "UDP") == [53]
    assert _accepted("action: Allow, protocol: TCP, destination: {ports: [dns]}", "UDP") == []
    assert 53 not in _accepted("action: Allow, destination: {notPorts: [dns]}", "UDP")


def test_a_name_in_an_egress_rule_means_the_port_of_the_pod_that_is_reached() -> None:
    found = network(policy("egress: [{action: Allow, protocol: TCP, destination: {ports: [sql, http]}}]"))
    assert asked(found, "web", "db", 5432) is ACCEPTED
    assert asked(found, "job", "web", 8080) is ACCEPTED
    assert asked(found, "web", "db", 8080) is DENIED
    assert asked(found, "web", "10.9.9.9", 5432) is DENIED


def test_a_name_is_that_of_pods_whose_own_labels_the_end_selects() -> None:
    def verdict(destination: str, port: int) -> Verdict:
        rule = f"{{action: Allow, protocol: TCP, destination: {destination}}}"
        return asked(network(policy(f"egress: [{rule}]")), "web", "db", port)

    assert verdict("{selector: app == 'db', ports: [sql]}", 5432) is ACCEPTED
    assert verdict("{selector: app == 'web', ports: [sql, 80]}", 5432) is DENIED
    assert verdict("{nets: [10.0.0.1/32], ports: [sql]}", 5432) is ACCEPTED
    assert verdict("{notSelector: app == 'web', ports: [sql, 80]}", 5432) is ACCEPTED
    assert verdict("{notSelector: app == 'db', ports: [sql, 80]}", 80) is DENIED


def test_numbers_beside_a_name_count_for_ends_that_declare_no_names() -> None:
    destination = "{nets: [10.0.0.0/8], selector: has(kind) || has(tier), ports: [sql, 80]}"
    rule = f"{{action: Allow, protocol: TCP, destination: {destination}}}"
    office = (
        "{apiVersion: projectcalico.org/v3, kind: GlobalNetworkSet, metadata: {name: office, labels: {kind: office}},"
        " spec: {nets: [10.9.0.0/16, 10.0.1.0/24]}}"
    )
    found = network(office, policy(f"egress: [{rule}]"))
    assert asked(found, "web", "10.9.9.9", 80) is ACCEPTED
    assert asked(found, "web", "10.9.9.9", 5432) is DENIED
    assert asked(found, "web", "job", 80) is ACCEPTED
    assert (asked(found, "web", "db", 80), asked(found, "web", "db", 5432)) == (ACCEPTED, ACCEPTED)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{ports: [80]}", UNKNOWN),
        ("{ports: ['1:65535']}", ACCEPTED),
        ("{ports: ['1:100', '101:65535']}", ACCEPTED),
        ("{ports: ['1:100', '102:65535']}", UNKNOWN),
        ("{notPorts: [80]}", UNKNOWN),
        ("{notPorts: ['1:65535']}", DENIED),
        ("{ports: ['1:65535'], notPorts: [80]}", UNKNOWN),
        ("{ports: [http]}", UNKNOWN),
        ("{ports: [sql]}", DENIED),
        ("{notPorts: [sql]}", ACCEPTED),
        ("{notPorts: [http]}", UNKNOWN),
        ("{ports: ['1:8079', http, '8081:65535']}", ACCEPTED),
        ("{ports: ['1:8079', sql, '8081:65535']}", UNKNOWN),
        ("{selector: app == 'job', ports: ['1:65535']}", DENIED),
    ],
)
def test_nobody_knows_which_port_a_source_uses(source: str, expected: Verdict) -> None:
    assert asked(network(on_db(f"{{{TCP}, source: {source}}}")), "web", "db") is expected


def test_a_named_port_of_the_source_needs_no_protocol() -> None:
    found = network(on_db("{action: Allow, source: {ports: ['http']}}"))
    assert asked(found, "web", "db") is UNKNOWN
    assert asked(found, "web", "db", 80, "UDP") is DENIED
    assert asked(found, "job", "db") is DENIED
