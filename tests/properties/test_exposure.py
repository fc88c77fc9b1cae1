"""What a Service of type LoadBalancer exposes is what the network says of the address, the pod and the target port."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.exposure import ChainFinder
from firedoor.engine.reach.network import Network
from firedoor.model.verdicts import Verdict
from tests.examples import some
from tests.properties.worlds import LENIENT_VERSION
from tests.strategies.clusters import clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

TARGET = 8080


def _service(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "exposed-by-test", "namespace": namespace},
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": "Local",
            "selector": labels,
            "ports": [{"port": 80, "targetPort": TARGET}],
        },
    }


def _holds(ranges: tuple[str, ...], address: str) -> bool:
    value = ipaddress.ip_address(address)
    for each in ranges:
        first, _, last = each.partition("-")
        low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
        if low.version == value.version and int(low) <= int(value) <= int(high):
            return True
    return False


@some
@given(clusters(), st.data())
def test_a_load_balancer_agrees_with_the_network(cluster: list[dict[str, Any]], data: st.DataObject) -> None:
    before = Network(load_text(yaml.safe_dump_all(cluster), version=LENIENT_VERSION))
    labelled = [each for each in before.members if each.labels]
    if not labelled:
        return
    chosen = data.draw(st.sampled_from(labelled))
    text = yaml.safe_dump_all([*cluster, _service(chosen.namespace, chosen.labels)])
    network = Network(load_text(text, version=LENIENT_VERSION))
    found = [each for each in ChainFinder(network).exposures() if each.way.name == "exposed-by-test"]
    inside = [ipaddress.ip_network(each) for each in _inside(network)]
    addresses = data.draw(st.lists(_addresses(network), min_size=1, max_size=6))
    for position, member in enumerate(network.members):
        if member.namespace != chosen.namespace or not chosen.labels.items() <= member.labels.items():
            continue
        (row,) = (
            each
            for each in found
            if each.backend.workload == member.workload and (not each.pods or member.name in each.pods)
        )
        families = {ipaddress.ip_address(each).version for each in member.addresses} or {4, 6}
        for address in addresses:
            value = ipaddress.ip_address(address)
            is_known = value.version in families and value.version in network.families
            if not is_known or any(value in each for each in inside):
                continue
            verdict = network.verdict(address, position, "TCP", TARGET)
            assert _holds(row.arrival.accepted, address) is (verdict is Verdict.ACCEPTED)
            assert _holds(row.arrival.unknown, address) is (verdict is Verdict.UNKNOWN)


def _inside(network: Network) -> list[str]:
    """Return the addresses of pods and nodes, and the ranges of pods, which are not outside."""
    found = [address for member in network.members for address in member.addresses]
    for node in network.snapshot.nodes:
        found += [*node.addresses, *node.spec.pod_cidrs, *filter(None, (node.spec.pod_cidr,))]
    return found


def _addresses(network: Network) -> st.SearchStrategy[str]:
    """Return addresses at the ends of the ranges that policies tell apart, and others."""
    edges = [
        str(ipaddress.ip_address(number) if atom.family == 4 else ipaddress.IPv6Address(number))
        for atom in network.addresses.atoms
        for number in (atom.first, atom.last)
    ]
    return st.one_of(st.sampled_from(edges), st.ip_addresses().map(str))
