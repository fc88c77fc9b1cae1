from __future__ import annotations

from tests.engine.synth.making import deployment, network

from firedoor.adapters.intents import read_intents
from firedoor.adapters.manifests.yaml_reader import read
from firedoor.engine.synth.basis_intents import basis_from_intents
from firedoor.model.generation import Basis

CLUSTER = (
    deployment("web", "app: web")
    + deployment("db", "app: db")
    + """
---
apiVersion: v1
kind: Pod
metadata: {name: solo, namespace: shop, labels: {app: solo}}
spec: {containers: [{name: main, image: i}]}
status: {phase: Running, podIP: 10.1.0.5}
"""
)


def basis(*intents: str) -> Basis:
    text = "apiVersion: firedoor.dev/v1alpha1\nkind: Intents\nintents:\n" + "".join(f"  - {each}\n" for each in intents)
    document = read(text, 1)
    assert document is not None
    return basis_from_intents(network(CLUSTER), read_intents([document], "intents.yaml"))


def needs(*intents: str) -> list[str]:
    return list(map(str, basis(*intents).needs))


def test_what_must_be_allowed_is_needed_on_its_ports() -> None:
    found = basis("{name: web, must-allow: {from: shop/web, to: shop/db, ports: [5432, 6000-6010/UDP]}}")
    assert list(map(str, found.needs)) == [
        "Deployment shop/web -> Deployment shop/db TCP/5432",
        "Deployment shop/web -> Deployment shop/db UDP/6000-6010",
    ]
    assert found.needs[0].evidence[0].text == "intent web"
    assert found.needs[0].evidence[0].place == "intents.yaml:4"


def test_words_and_addresses_stand_for_pods_and_blocks() -> None:
    assert needs("{name: a, must-allow: {from: outside, to: shop/web, ports: [80]}}") == [
        "0.0.0.0/0 -> Deployment shop/web TCP/80"
    ]
    assert needs("{name: a, must-allow: {from: any, to: shop/web, ports: [80]}}") == [
        "Deployment shop/db -> Deployment shop/web TCP/80",
        "Pod shop/solo -> Deployment shop/web TCP/80",
        "Deployment shop/web -> Deployment shop/web TCP/80",
        "0.0.0.0/0 -> Deployment shop/web TCP/80",
    ]
    listed = "{name: a, must-allow: {from: [203.0.113.1, 198.51.100.0/24, 10.1.0.5], to: shop/web, ports: [80]}}"
    assert needs(listed) == [
        "Pod shop/solo -> Deployment shop/web TCP/80",
        "198.51.100.0/24 -> Deployment shop/web TCP/80",
        "203.0.113.1/32 -> Deployment shop/web TCP/80",
    ]


def test_between_addresses_there_is_nothing_to_allow() -> None:
    text = "{name: a, must-allow: {from: [outside, shop/web], to: [shop/db, 203.0.113.1], ports: [80]}}"
    assert needs(text) == [
        "Deployment shop/web -> Deployment shop/db TCP/80",
        "Deployment shop/web -> 203.0.113.1/32 TCP/80",
        "0.0.0.0/0 -> Deployment shop/db TCP/80",
    ]


def test_an_end_that_matches_nothing_is_told() -> None:
    (left,) = basis("{name: a, must-allow: {from: shop/gone, to: shop/db}}").left_out
    assert (left.what, left.why) == ("intent a", "an end of it matches nothing (intents.yaml:4)")


def test_other_intents_are_no_needs_and_this_is_said() -> None:
    found = basis(
        "{name: a, must-deny: {from: shop/web, to: shop/db}}", "{name: b, only-these: {from: shop/web, to: shop/db}}"
    )
    assert (found.needs, len(found.notes)) == ((), 1)
    assert basis("{name: a, must-allow: {from: shop/web, to: shop/db}}").notes == ()


def test_messages_of_icmp_are_left_out() -> None:
    found = basis("{name: a, must-allow: {from: shop/web, to: shop/db, ports: [icmp]}}")
    assert not found.needs
    assert [each.why for each in found.left_out] == ["policies are made for ports, not for ICMP (intents.yaml:4)"]


def test_a_domain_name_is_left_out_for_nobody_knows_where_it_leads() -> None:
    found = basis("{name: a, must-allow: {from: shop/web, to: [{domain: a.test}, shop/db], ports: [80]}}")
    assert list(map(str, found.needs)) == ["Deployment shop/web -> Deployment shop/db TCP/80"]
    assert [(each.what, each.why) for each in found.left_out] == [
        ("intent a", "nobody knows where a.test leads (intents.yaml:4)")
    ]
    assert not basis("{name: a, must-allow: {from: shop/web, to: {domain: a.test}}}").needs
