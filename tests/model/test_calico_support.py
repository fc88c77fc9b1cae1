"""Tiers, sets of networks and host endpoints of Calico, parsed."""

from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.calico import HostEndpoint, NetworkSet, Tier
from firedoor.model.metadata import ObjectMeta
from tests.model.calico_objects import HERE, doubted, parse, refused


def test_tiers_are_parsed() -> None:
    assert parse({"order": 2.5, "defaultAction": "Pass"}, "Tier", metadata=ObjectMeta("a")) == (
        Tier("a", 2.5, "Pass", HERE),
        (),
    )
    assert parse(None, "Tier", metadata=ObjectMeta("a")) == (Tier("a", None, "Deny", HERE), ())
    admin = {"order": 1000, "defaultAction": "Pass"}
    assert parse(admin, "Tier", metadata=ObjectMeta("kube-admin"))[0] == Tier("kube-admin", 1000.0, "Pass", HERE)


@pytest.mark.parametrize(
    ("name", "spec", "path", "reason"),
    [
        ("a", {"defaultAction": "Allow"}, "spec.defaultAction", "found the text 'Allow', expected Deny or Pass"),
        ("a.b", {}, "metadata.name", "found the text 'a.b', expected the name of a tier"),
        ("a" * 64, {}, "metadata.name", "expected the name of a tier"),
        ("default", {}, "spec.order", "found no order of tier default, expected 1000000"),
        ("default", {"order": 3.5}, "spec.order", "found order 3.5 of tier default, expected 1000000"),
        (
            "kube-baseline",
            {"order": 10_000_000},
            "spec.defaultAction",
            "found default action Deny of tier kube-baseline, expected Pass",
        ),
    ],
)
def test_what_the_api_refuses_in_a_tier_is_told(name: str, spec: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(spec, "Tier", metadata=ObjectMeta(name))
    assert fault.path == path
    assert reason in fault.reason


def test_an_unknown_field_of_a_tier_makes_it_unsure() -> None:
    found, fault = doubted({"weight": 3}, "Tier", metadata=ObjectMeta(""))
    assert (found.unsure, fault.path) == (True, "spec.weight")


@pytest.mark.parametrize("kind", ["NetworkSet", "GlobalNetworkSet"])
def test_sets_of_networks_take_addresses_and_host_bits(kind: str) -> None:
    found, faults = parse({"nets": ["10.0.0.1", "10.1.2.3/16", "2001:db8::1"]}, kind)
    assert faults == ()
    assert isinstance(found, NetworkSet)
    assert found.nets == ("10.0.0.1/32", "10.1.0.0/16", "2001:db8::1/128")
    assert (found.unsure, found.allowed_egress_domains) == (False, ())
    assert refused({"nets": ["10.0.0.0/33"]}, kind).path == "spec.nets[0]"


def test_domain_names_make_a_set_of_networks_unsure() -> None:
    found, fault = doubted({"allowedEgressDomains": ["*.example.com"]}, "GlobalNetworkSet")
    assert (found.unsure, found.allowed_egress_domains) == (True, ("*.example.com",))
    assert fault.path == "spec.allowedEgressDomains"


def test_only_calico_gives_the_label_of_the_namespace() -> None:
    metadata = ObjectMeta("office", "shop", {"projectcalico.org/namespace": "other"})
    fault = refused({}, "NetworkSet", metadata=metadata)
    assert fault.path == "metadata.labels[projectcalico.org/namespace]"


def test_host_endpoints_are_known_to_be_there() -> None:
    spec: dict[str, Any] = {
        "node": "n1",
        "interfaceName": "eth0",
        "expectedIPs": ["10.0.0.1", "2001:db8::1"],
        "ports": [],
        "profiles": [],
    }
    found, faults = parse(spec, "HostEndpoint", metadata=ObjectMeta("h"))
    assert faults == ()
    assert found == HostEndpoint(ObjectMeta("h"), HERE, "n1", "eth0", ("10.0.0.1", "2001:db8::1"))


@pytest.mark.parametrize(
    ("spec", "path", "reason"),
    [
        ({"interfaceName": "*"}, "spec.node", "found no node"),
        ({"node": "n1"}, "spec.interfaceName", "found neither interfaceName nor expectedIPs"),
        ({"node": "n1", "expectedIPs": ["10.0.0.0/8"]}, "spec.expectedIPs[0]", "expected an IP address"),
    ],
)
def test_what_the_api_refuses_in_a_host_endpoint_is_told(spec: dict[str, Any], path: str, reason: str) -> None:
    fault = refused(spec, "HostEndpoint")
    assert fault.path == path
    assert reason in fault.reason
