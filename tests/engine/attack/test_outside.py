from __future__ import annotations

import pytest
from tests.engine.attack.cluster import (
    Document,
    ask,
    attack,
    changes,
    dark,
    deployment,
    leads,
    namespace,
    owned_by,
    plain,
    pod,
    policy,
    service,
    shut,
    told,
    world,
)

OPEN = service("shop/web", "web", type="LoadBalancer")


def exposed(*documents: Document) -> set[str]:
    return leads(attack(*documents), "internet").get("exposed", set())


@pytest.mark.parametrize(
    ("more", "is_exposed"),
    [
        ((OPEN,), True),
        ((), False),
        ((service("shop/web", "web"),), False),
        ((service("shop/web", "other", type="LoadBalancer"),), False),
        ((OPEN, shut("shop")), False),
        ((OPEN, policy("shop/p", "web", policyTypes=["Ingress"], ingress=[{"from": [{"podSelector": {}}]}])), False),
        ((OPEN, policy("shop/p", "web", policyTypes=["Ingress"], ingress=[{}])), True),
        ((OPEN, policy("shop/p", "web", policyTypes=["Egress"])), True),
    ],
)
def test_the_internet_leads_to_what_is_exposed_and_let_in(more: tuple[Document, ...], is_exposed: bool) -> None:
    assert exposed(pod("shop/web"), pod("shop/db"), *more) == ({"shop/web"} if is_exposed else set())


def test_the_step_tells_the_door_and_what_shuts_it() -> None:
    paths = ask(world(deployment("shop/web"), OPEN), "internet", "shop/web")
    (step,) = paths.paths[0].steps
    assert [each.text for each in step.evidence] == [
        "Service shop/web (LoadBalancer) leads to port TCP/80 from 0.0.0.0-255.255.255.255"
    ]
    assert [changes(each) for each in step.changes] == [["exposure shop/web"], ["ingress-policy shop/web"]]
    assert paths.cut is not None
    assert len(paths.cut.changes or ()) == 1


def test_no_policy_shuts_the_door_to_pods_on_the_network_of_their_node() -> None:
    snapshot = world(pod("shop/web", hostNetwork=True), OPEN)
    (step,) = ask(snapshot, "internet", "shop/web").paths[0].steps
    assert [changes(each) for each in step.changes] == [["exposure shop/web"]]


def test_hosts_of_an_ingress_are_told() -> None:
    rules = [
        {
            "host": "shop.example",
            "http": {
                "paths": [
                    {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}
                ]
            },
        }
    ]
    snapshot = world(
        deployment("shop/web"),
        service("shop/web", "web"),
        plain("Ingress", "shop/web", "networking.k8s.io/v1", spec={"ingressClassName": "x", "rules": rules}),
        namespace("shop"),
    )
    paths = ask(snapshot, "internet", "shop/web", possible=True)
    assert told(paths) == ["internet -exposed-> shop/web"]
    assert " for shop.example" in paths.paths[0].steps[0].evidence[0].text


def test_where_it_is_not_known_what_policies_do_the_door_is_possible() -> None:
    snapshot = dark(world(deployment("shop/web"), OPEN), "shop")
    assert told(ask(snapshot, "internet", "shop/web")) == []
    paths = ask(snapshot, "internet", "shop/web", possible=True)
    assert told(paths) == ["internet -exposed-> shop/web"]
    assert paths.paths[0].steps[0].is_possible


@pytest.mark.parametrize(("keeps_client", "found"), [(True, []), (False, ["internet -exposed-> shop/web"])])
def test_what_is_surely_denied_is_not_even_possible(keeps_client: bool, found: list[str]) -> None:
    # Where the node puts its own address in the place of the client's, policies may let it in.
    door = service("shop/web", "web", type="LoadBalancer", externalTrafficPolicy="Local" if keeps_client else "Cluster")
    snapshot = world(deployment("shop/web"), door, shut("shop"))
    assert told(ask(snapshot, "internet", "shop/web", possible=True)) == found


def test_only_the_pods_behind_the_door_are_exposed() -> None:
    owner = owned_by("StatefulSet", "db")
    first, second = (pod(f"shop/db-{number}", owner=owner) for number in range(2))
    documents = (first, second, service("shop/first", "db-0", type="LoadBalancer"))
    apart = policy("shop/p", "db-1", policyTypes=["Egress"])
    found = attack(*documents, apart)
    entrances = [
        target
        for means in found.graph.graph.successor_indices(*found.graph.of_standing(lambda each: str(each) == "internet"))
        for target in found.graph.graph.successor_indices(means)
    ]
    assert entrances == [found.groups[0].vertex]


def test_an_exposed_address_of_nobody_leads_nowhere() -> None:
    slice_ = plain(
        "EndpointSlice",
        "shop/far-1",
        "discovery.k8s.io/v1",
        addressType="IPv4",
        ports=[{"port": 80}],
        endpoints=[{"addresses": ["192.0.2.1"]}],
    )
    labels = {**slice_["metadata"], "labels": {"kubernetes.io/service-name": "far"}}
    far = plain("Service", "shop/far", spec={"ports": [{"port": 80}], "type": "LoadBalancer"})
    assert exposed(pod("shop/web"), far, {**slice_, "metadata": labels}) == set()


def test_a_host_port_is_a_door_of_its_pod_alone() -> None:
    ports = [{"name": "main", "image": "registry.example/web:1", "ports": [{"containerPort": 80, "hostPort": 8080}]}]
    assert exposed(pod("shop/web", containers=ports), pod("shop/db")) == {"shop/web"}
