from __future__ import annotations

from typing import Any

import pytest
from tests.engine.attack.cluster import (
    Document,
    ask,
    attack,
    change,
    dark,
    deployment,
    leads,
    owned_by,
    plain,
    pod,
    policy,
    service,
    shut,
    told,
    world,
)

from firedoor.engine.attack.graph import Means
from firedoor.engine.attack.hops import Doors
from firedoor.engine.attack.techniques import NETWORK
from firedoor.engine.exposure.services import ServiceIndex
from firedoor.engine.reach.network import Network

HOSTED: dict[str, Any] = {"hostNetwork": True, "nodeName": "one", "port": 0}


def allowing(name: str, app: str, *apps: str, port: int = 80) -> Document:
    peers = [{"podSelector": {"matchLabels": {"app": each}}} for each in apps]
    ports = [{"port": port, "protocol": "TCP"}]
    return policy(name, app, policyTypes=["Ingress"], ingress=[{"from": peers, "ports": ports}])


def reached(*documents: Document, source: str = "shop/a", **question: Any) -> set[str]:
    return leads(attack(*documents, **question), source).get("network", set())


def test_pods_lead_to_what_the_policies_of_both_sides_accept() -> None:
    documents = (pod("shop/a"), pod("shop/b"), pod("shop/c"), allowing("shop/p", "b", "a"))
    assert reached(*documents) >= {"shop/b", "shop/c"}
    assert "shop/b" not in reached(*documents, source="shop/c")
    closed = policy("shop/q", "a", policyTypes=["Egress"])
    assert "shop/b" not in reached(*documents, closed)


@pytest.mark.parametrize(
    ("other", "is_door"),
    [
        ((pod("shop/b", port=80),), True),
        ((pod("shop/b", port=0),), False),
        ((pod("shop/b", port=81),), False),
        ((pod("shop/b", port=0), service("shop/b", "b", 80)), True),
        ((pod("shop/b", port=0), service("shop/b", "b", 81)), False),
        ((pod("shop/b", port=0), service("shop/b", "other", 80)), False),
        ((pod("shop/b", port=0), service("shop/b", "b", ports=[{"port": 9, "targetPort": 80}])), True),
    ],
)
@pytest.mark.parametrize("any_port", [False, True])
def test_a_port_counts_that_a_container_or_a_service_tells_of(
    other: tuple[Document, ...], is_door: bool, any_port: bool
) -> None:
    documents = (pod("shop/a"), *other, allowing("shop/p", "b", "a"))
    assert ("shop/b" in reached(*documents, any_port=any_port)) is (is_door or any_port)


def test_pods_without_a_door_are_reached_by_nobody() -> None:
    documents = (pod("shop/a", port=0), pod("shop/b", port=0))
    assert reached(*documents) == set()
    assert told(ask(world(*documents), "shop/a", "shop/b")) == []


def test_more_doors_than_a_word_has_bits_count_all() -> None:
    ports = [{"containerPort": 1000 + number, "name": f"p{number}"} for number in range(70)]
    documents = (pod("shop/a"), pod("shop/b", container={"ports": ports}), pod("shop/c", port=0))
    assert "shop/b" in reached(*documents, allowing("shop/p", "b", "a", port=1069))
    assert "shop/b" not in reached(*documents, allowing("shop/p", "b", "a", port=999))


def doors_of(network: Network) -> Doors:
    return Doors(network, ServiceIndex(network))


def test_doors_are_those_of_containers_and_services_by_protocol() -> None:
    dns = {"ports": [{"containerPort": 53, "protocol": "UDP"}]}
    found = doors_of(
        Network(
            world(
                pod("shop/a", container=dns),
                pod("shop/b"),
                service("shop/b", "b", 443),
                plain(
                    "EndpointSlice",
                    "shop/x",
                    "discovery.k8s.io/v1",
                    addressType="IPv4",
                    ports=[{"port": 5}],
                    endpoints=[{"addresses": ["192.0.2.1"]}],
                ),
                plain("Service", "shop/none", spec={"ports": [{"port": 7}]}),
            )
        )
    )
    assert found.ports == [[("UDP", 53)], [("TCP", 80), ("TCP", 443)]]
    assert all(found.masks)
    assert not found.masks[0] & found.masks[1]


def test_a_service_with_endpoints_outside_opens_no_pod() -> None:
    slice_ = plain(
        "EndpointSlice",
        "shop/far-1",
        "discovery.k8s.io/v1",
        addressType="IPv4",
        ports=[{"port": 5432}],
        endpoints=[{"addresses": ["192.0.2.1"]}],
    )
    labels = {**slice_["metadata"], "labels": {"kubernetes.io/service-name": "far"}}
    far = plain("Service", "shop/far", spec={"ports": [{"port": 5432}]})
    assert doors_of(Network(world(pod("shop/a"), far, {**slice_, "metadata": labels}))).ports == [[("TCP", 80)]]


def test_a_step_tells_the_traffic_and_the_policies() -> None:
    documents = (deployment("shop/a"), deployment("shop/b"), allowing("shop/p", "b", "a"))
    (step,) = ask(world(*documents), "shop/a", "shop/b").paths[0].steps
    assert [(each.text, each.place) for each in step.evidence] == [
        ("shop/a to shop/b: TCP/80 is accepted", ""),
        ("egress: no policy isolates shop/a for egress", ""),
        ("ingress: allows TCP/80 from pods app=a of the same namespace", "<stdin>:5"),
    ]
    assert not step.is_possible
    assert [[change(each) for each in option] for option in step.changes] == [
        ["egress-policy shop/a"],
        ["ingress-policy shop/b"],
    ]


def test_without_doors_whole_ranges_are_told() -> None:
    (step,) = ask(world(pod("shop/a"), pod("shop/b")), "shop/a", "shop/b", any_port=True).paths[0].steps
    assert step.evidence[0].text.startswith("shop/a to shop/b: TCP/1-65535, ")


def test_what_may_be_accepted_is_a_possible_step() -> None:
    snapshot = dark(world(pod("shop/a"), pod("far/b")), "far", egress=False)
    assert told(ask(snapshot, "shop/a", "far/b")) == []
    (step,) = ask(snapshot, "shop/a", "far/b", possible=True).paths[0].steps
    assert step.is_possible
    assert step.evidence[0].text == "shop/a to far/b: TCP/80 may be accepted"
    assert told(ask(snapshot, "far/b", "shop/a")) == ["far/b -network-> shop/a"]


def test_pods_of_a_workload_reach_each_other_but_no_pod_itself() -> None:
    owner = owned_by("StatefulSet", "db")
    documents = [pod(f"shop/db-{number}", owner=owner) for number in range(2)]
    near = policy("shop/p", "db-0", policyTypes=["Ingress"], ingress=[{"from": [{"podSelector": {}}]}])
    found = attack(*documents, near)
    first, second = found.groups
    assert first.members == [0]
    assert second.members == [1]
    paths = ask(world(*documents, near), "shop/db-0", "shop/db-1")
    assert paths.paths[0].steps[0].evidence[0].text == "shop/db-0 to shop/db-1: TCP/80 is accepted"


def hosts(*others: Document) -> tuple[Document, ...]:
    return (pod("shop/agent", **HOSTED), pod("shop/near", nodeName="one"), *others, shut("shop"))


def test_pods_on_the_network_of_a_node_reach_all_pods_there() -> None:
    documents = hosts(pod("shop/far", nodeName="two"), pod("shop/mute", nodeName="one", port=0), pod("shop/lost"))
    assert leads(attack(*documents), "shop/agent") == {"same-node": {"shop/near"}}
    assert leads(attack(*documents, any_port=True), "shop/agent") == {"same-node": {"shop/near", "shop/mute"}}
    assert leads(attack(*documents), "shop/near") == {}
    (step,) = ask(world(*documents), "shop/agent", "shop/near").paths[0].steps
    assert [each.text for each in step.evidence] == ["shop/agent is on the network of node one, where shop/near runs"]
    assert [[change(each) for each in option] for option in step.changes] == [["pod-spec shop/agent"]]
    assert not step.is_possible


def test_no_policy_is_for_pods_on_the_network_of_their_node() -> None:
    agent = pod("shop/agent", hostNetwork=True, nodeName="one")
    snapshot = world(agent, pod("shop/near", nodeName="two"), pod("shop/host", hostNetwork=True, nodeName="three"))

    def policies(source: str, target: str) -> list[list[str]]:
        (step,) = ask(snapshot, source, target, bound=1).paths[0].steps
        assert step.technique == "network"
        return [[change(each) for each in option] for option in step.changes]

    assert policies("shop/agent", "shop/near") == [["ingress-policy shop/near"]]
    assert policies("shop/near", "shop/agent") == [["egress-policy shop/near"]]
    assert policies("shop/agent", "shop/host") == []


def test_two_pods_on_the_network_of_one_node_reach_the_same() -> None:
    found = attack(*hosts(pod("shop/other", **HOSTED), pod("shop/third", **{**HOSTED, "nodeName": "three"})))
    for name in ("agent", "other"):
        assert leads(found, f"shop/{name}") == {"same-node": {"shop/near"}}
    assert leads(found, "shop/third") == {}


def test_where_the_node_is_not_known_any_pod_is_possibly_there() -> None:
    documents = (pod("shop/near", nodeName="one"), pod("shop/mute", port=0), pod("shop/other", hostNetwork=True))
    snapshot = world(pod("shop/agent", hostNetwork=True, port=0), *documents, shut("shop"))
    assert reached(*documents, source="shop/other", possible=True) == {"shop/near"}
    assert told(ask(snapshot, "shop/agent", "shop/near")) == []
    paths = ask(snapshot, "shop/agent", "shop/near", possible=True)
    assert told(paths) == ["shop/agent -network-> shop/near"]
    assert paths.paths[0].steps[0].is_possible
    assert paths.paths[0].steps[0].evidence[0].text == "shop/agent to shop/near: TCP/80 may be accepted"


def test_pods_that_reach_alike_share_vertices() -> None:
    documents = [pod(f"shop/a{number}") for number in range(40)]
    found = attack(*documents)
    assert sum(isinstance(each, Means) and each.technique == NETWORK for each in found.graph.vertices) == 2
