"""Whom the selectors, service accounts and services of a Calico rule match, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.calico_samples import (
    account,
    endpoint_slice,
    gnp,
    networks,
    np,
    rule,
    service,
    verdict,
)
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Verdict
from tests.reference.samples import host_pod, namespace_object, node, pod, serving

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN

STRANGER = "192.0.2.250"
"""An address that no set holds."""

HERE, THERE, OF_SET, OF_OTHER_SET, OF_GLOBAL = "default/web", "other/web", "203.0.113.1", "203.0.113.2", "203.0.113.3"
EVERYONE = [HERE, "default/db", THERE, OF_SET, OF_OTHER_SET, OF_GLOBAL, STRANGER]

WORLD = [
    pod("subject", labels={"app": "subject"}, status={"podIP": "10.0.0.9"}),
    pod("web", labels={"app": "web"}, status={"podIP": "10.0.0.1"}, serviceAccountName="robot"),
    pod("db", labels={"app": "db"}, status={"podIP": "10.0.0.2"}),
    pod("web", "other", labels={"app": "web"}, status={"podIP": "10.0.0.3"}, serviceAccountName="robot"),
    networks(f"{OF_SET}/32", namespace="default", app="web"),
    networks(f"{OF_OTHER_SET}/32", namespace="other", app="web"),
    networks(f"{OF_GLOBAL}/32", app="web"),
    namespace_object("default", team="red"),
    namespace_object("other", team="blue"),
    account("robot", "default", role="reader"),
    account("robot", "other", role="writer"),
]


def accepted(make: Any, **source: Any) -> list[str]:
    """Return who reaches the subject where only the source of one rule is allowed."""
    policy = make(selector="app == 'subject'", types=["Ingress"], ingress=[rule(source=source)])
    return [end for end in EVERYONE if verdict([*WORLD, policy], end, "default/subject") is ACCEPTED]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, EVERYONE),
        ({"selector": "", "namespaceSelector": None}, EVERYONE),
        ({"selector": "all()"}, [HERE, "default/db", THERE, OF_SET, OF_OTHER_SET, OF_GLOBAL]),
        ({"selector": "app == 'web'"}, [HERE, THERE, OF_SET, OF_OTHER_SET, OF_GLOBAL]),
        ({"selector": "app != 'web'"}, ["default/db"]),
        ({"selector": "projectcalico.org/namespace == 'other'"}, [THERE, OF_OTHER_SET]),
        ({"selector": "!has(projectcalico.org/namespace)"}, [OF_GLOBAL]),
        ({"selector": "projectcalico.org/orchestrator == 'k8s'"}, [HERE, "default/db", THERE]),
        ({"namespaceSelector": "all()"}, [HERE, "default/db", THERE, OF_SET, OF_OTHER_SET]),
        ({"namespaceSelector": "global()"}, [OF_GLOBAL]),
        ({"namespaceSelector": "global()", "selector": "app == 'db'"}, []),
        ({"namespaceSelector": "team == 'blue'"}, [THERE, OF_OTHER_SET]),
        ({"namespaceSelector": "projectcalico.org/name == 'default'"}, [HERE, "default/db", OF_SET]),
        ({"namespaceSelector": "kubernetes.io/metadata.name == 'other'"}, [THERE, OF_OTHER_SET]),
        # What lies in no namespace lacks the label as well.
        ({"namespaceSelector": "team != 'blue'"}, [HERE, "default/db", OF_SET, OF_GLOBAL]),
        ({"namespaceSelector": "team == 'red'", "selector": "app == 'db'"}, ["default/db"]),
        ({"notSelector": "app == 'web'"}, ["default/db", STRANGER]),
        ({"notSelector": "all()"}, [STRANGER]),
        ({"selector": "all()", "notSelector": "app == 'web'"}, ["default/db"]),
        ({"namespaceSelector": "all()", "notSelector": "app == 'web'"}, ["default/db"]),
        ({"serviceAccounts": {"names": ["robot"]}}, [HERE, THERE]),
        ({"serviceAccounts": {"names": ["default", "nobody"]}}, ["default/db"]),
        ({"serviceAccounts": {"selector": "role == 'writer'"}}, [THERE]),
        ({"serviceAccounts": {"names": ["robot"], "selector": "role == 'reader'"}}, [HERE]),
        ({"serviceAccounts": {"selector": "projectcalico.org/name == 'robot'"}}, [HERE, THERE]),
        # Sets have no service account, so they have none with the label either.
        ({"serviceAccounts": {"selector": "!has(role)"}}, ["default/db", OF_SET, OF_OTHER_SET, OF_GLOBAL]),
        ({"serviceAccounts": {"names": ["robot"]}, "namespaceSelector": "team == 'blue'"}, [THERE]),
        ({"serviceAccounts": {"names": ["robot"]}, "selector": "app == 'db'"}, []),
        ({"serviceAccounts": {}}, EVERYONE),
        ({"selector": "app == 'web'", "nets": ["10.0.0.0/8"]}, [HERE, THERE]),
        ({"selector": "app == 'web'", "notNets": ["10.0.0.0/8"]}, [OF_SET, OF_OTHER_SET, OF_GLOBAL]),
    ],
)
def test_the_selectors_of_a_global_policy_look_everywhere(source: Manifest, expected: list[str]) -> None:
    assert accepted(gnp, **source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, EVERYONE),
        ({"selector": "all()"}, [HERE, "default/db", OF_SET]),
        ({"selector": "app == 'web'"}, [HERE, OF_SET]),
        ({"namespaceSelector": "all()"}, [HERE, "default/db", THERE, OF_SET, OF_OTHER_SET]),
        ({"namespaceSelector": "team == 'blue'", "selector": "app == 'web'"}, [THERE, OF_OTHER_SET]),
        ({"namespaceSelector": "global()"}, [OF_GLOBAL]),
        ({"namespaceSelector": "global()", "selector": "app == 'web'"}, [OF_GLOBAL]),
        # Even what is excluded is a selection within the namespace.
        ({"notSelector": "app == 'web'"}, ["default/db"]),
        ({"notSelector": "app == 'web'", "namespaceSelector": "all()"}, ["default/db"]),
        ({"serviceAccounts": {"names": ["robot"]}}, [HERE]),
        ({"serviceAccounts": {"selector": "has(role)"}, "namespaceSelector": "all()"}, [HERE, THERE]),
        ({"nets": ["10.0.0.0/8"]}, [HERE, "default/db", THERE]),
    ],
)
def test_the_selectors_of_a_namespaced_policy_look_in_its_namespace(source: Manifest, expected: list[str]) -> None:
    assert accepted(np, **source) == expected


@pytest.mark.parametrize("make", [gnp, np])
def test_a_pod_also_matches_by_an_address_that_a_set_holds(make: Any) -> None:
    covering = networks("10.0.0.0/30", namespace="default", app="covering")
    policy = make(
        selector="app == 'subject'", types=["Ingress"], ingress=[rule(source={"selector": "app == 'covering'"})]
    )
    cluster = [*WORLD, covering, policy]
    assert [end for end in EVERYONE if verdict(cluster, end, "default/subject") is ACCEPTED] == EVERYONE[:3]


def test_an_exclusion_next_to_a_selection_excludes_labels_and_alone_excludes_addresses() -> None:
    covering = networks("10.0.0.1/32", app="covering")
    for source, expected in (
        ({"selector": "all()", "notSelector": "app == 'covering'"}, ACCEPTED),
        ({"notSelector": "app == 'covering'"}, DENIED),
    ):
        policy = gnp(selector="app == 'subject'", ingress=[rule(source=source)])
        assert verdict([*WORLD, covering, policy], HERE, "default/subject") is expected


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        (["10.0.0.0/8"], UNKNOWN),
        (["0.0.0.0/0"], ACCEPTED),
        (["fd00::/8"], DENIED),
        (["::/0"], DENIED),
        ([], DENIED),
    ],
)
def test_whether_a_set_holds_a_pod_of_unknown_address_is_unknown(nets: list[str], expected: Verdict) -> None:
    cluster = [pod("subject"), pod("client", "other"), networks(*nets, app="covering")]
    positive = gnp(selector="projectcalico.org/namespace == 'default'", ingress=[rule(source={"selector": "has(app)"})])
    assert verdict([*cluster, positive], "other/client", "default/subject") is expected
    negated = {ACCEPTED: DENIED, DENIED: ACCEPTED, UNKNOWN: UNKNOWN}[expected]
    negative = gnp(
        selector="projectcalico.org/namespace == 'default'", ingress=[rule(source={"notSelector": "has(app)"})]
    )
    assert verdict([*cluster, negative], "other/client", "default/subject") is negated


def test_a_pod_of_known_address_is_looked_up_in_the_ip_version_of_the_connection() -> None:
    status = {"podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}
    cluster = [
        pod("subject", labels={"app": "subject"}),
        pod("dual", status=status),
        networks("fd00::/8", app="covering"),
    ]
    policy = gnp(selector="app == 'subject'", ingress=[rule(source={"selector": "app == 'covering'"})])
    assert verdict([*cluster, policy], "default/dual", "default/subject") is DENIED


def test_a_pod_on_the_host_network_matches_by_the_address_of_its_node_only() -> None:
    agent = host_pod("agent", labels={"app": "web"}, nodeName="node-1", serviceAccountName="robot")
    cluster = [pod("subject", nodeName="node-2"), agent, node("node-1", "192.0.2.1"), networks("192.0.2.0/24", app="x")]
    for source, expected in (
        ({"selector": "app == 'web'"}, DENIED),
        ({"namespaceSelector": "all()"}, DENIED),
        ({"serviceAccounts": {"names": ["robot"]}}, DENIED),
        ({"notSelector": "app == 'web'"}, ACCEPTED),
        ({"selector": "app == 'x'"}, ACCEPTED),
    ):
        assert verdict([*cluster, gnp(ingress=[rule(source=source)])], "default/agent", "default/subject") is expected


SERVERS = [
    pod("client", labels={"app": "client"}, status={"podIP": "10.0.0.1"}),
    pod("server", labels={"app": "server"}, status={"podIP": "10.0.0.2"}, containers=[serving("http", 8080)]),
    pod("nameless", labels={"app": "server"}, status={"podIP": "10.0.0.3"}),
    pod("server", "other", labels={"app": "server"}, status={"podIP": "10.0.0.4"}),
]


def to_service(*objects: Manifest, make: Any = gnp, namespace: str | None = "default") -> list[Manifest]:
    match = {"name": "api"} if namespace is None else {"name": "api", "namespace": namespace}
    egress = [rule(destination={"services": match})]
    return [*SERVERS, *objects, make(selector="app == 'client'", types=["Egress"], egress=egress)]


@pytest.mark.parametrize(
    ("port", "reached"),
    [
        ({"port": 80, "targetPort": 8080}, {("server", 8080), ("nameless", 8080)}),
        ({"port": 80, "targetPort": "http"}, {("server", 8080)}),
        ({"port": 80}, {("server", 80), ("nameless", 80)}),
        ({"port": 80, "targetPort": "dns"}, set()),
        ({"port": 80, "protocol": "UDP"}, set()),
    ],
)
def test_a_service_is_the_pods_it_selects_on_the_ports_it_forwards_to(port: Manifest, reached: set[Any]) -> None:
    cluster = to_service(service("api", selector={"app": "server"}, ports=[port]))
    ends = [(name, number) for name in ("server", "nameless") for number in (80, 8080)]
    assert {e for e in ends if verdict(cluster, "default/client", f"default/{e[0]}", e[1]) is ACCEPTED} == reached
    assert verdict(cluster, "default/client", "other/server", 8080) is DENIED
    assert verdict(cluster, "default/client", STRANGER, 8080) is DENIED


def test_the_endpoint_slices_of_a_service_are_what_it_stands_for() -> None:
    ports = [{"port": 443}, {"port": 53, "protocol": "UDP"}, {"port": None}]
    cluster = to_service(
        service("api", selector={"app": "server"}), endpoint_slice("api", ["10.0.0.2", STRANGER], ports)
    )
    for end in ("default/server", STRANGER):
        assert verdict(cluster, "default/client", end, 443) is ACCEPTED
        assert verdict(cluster, "default/client", end, 53, "UDP") is ACCEPTED
        assert verdict(cluster, "default/client", end, 53) is DENIED
    assert verdict(cluster, "default/client", "default/nameless", 443) is DENIED


def test_endpoints_of_a_slice_count_whether_ready_or_not() -> None:
    unready = endpoint_slice("api", [], [{"port": 443}])
    unready["endpoints"] = [{"addresses": ["10.0.0.2"], "conditions": {"ready": False}}]
    assert verdict(to_service(unready), "default/client", "default/server", 443) is ACCEPTED


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        ([], UNKNOWN),
        ([service("api", ports=[{"port": 80}])], UNKNOWN),
        ([service("api", "other", ports=[{"port": 80}])], UNKNOWN),
        ([service("api", type="ExternalName", externalName="example.com")], DENIED),
        ([service("api", selector={"app": "server"}, clusterIP="None")], DENIED),
        ([service("api", selector={"app": "server"}, ports=[{"port": 80}], ipFamilies=["IPv6"])], DENIED),
        ([service("api", selector={"app": "server"}, ports=[{"port": 80}], ipFamilies=["IPv6", "IPv4"])], ACCEPTED),
        ([endpoint_slice("api", [], [{"port": 80}])], DENIED),
        ([endpoint_slice("api", ["10.0.0.2"], None)], DENIED),
        ([endpoint_slice("api", ["fd00::2"], [{"port": 80}])], DENIED),
    ],
)
def test_a_service_whose_endpoints_the_manifests_do_not_hold_is_unknown(objects: Any, expected: Verdict) -> None:
    assert verdict(to_service(*objects), "default/client", "default/server", 80) is expected


def test_a_slice_may_or_may_not_hold_a_pod_of_unknown_address() -> None:
    cluster = [*to_service(endpoint_slice("api", ["10.0.0.2"], [{"port": 80}])), pod("new")]
    assert verdict(cluster, "default/client", "default/new", 80) is UNKNOWN


def test_a_service_without_namespace_is_one_in_the_namespace_of_the_policy() -> None:
    cluster = to_service(service("api", selector={"app": "server"}, ports=[{"port": 80}]), make=np, namespace=None)
    assert verdict(cluster, "default/client", "default/server", 80) is ACCEPTED


def test_a_service_as_a_source_is_its_pods_on_any_port() -> None:
    api = service("api", selector={"app": "client"}, ports=[{"port": 1}])
    ingress = [rule(source={"services": {"name": "api", "namespace": "default"}})]
    cluster = [*SERVERS, api, gnp(selector="app == 'server'", types=["Ingress"], ingress=ingress)]
    assert verdict(cluster, "default/client", "default/server", 8080) is ACCEPTED
    assert verdict(cluster, "other/server", "default/server", 8080) is DENIED


def test_behind_a_service_of_pods_on_the_host_network_is_everything_on_their_nodes() -> None:
    labels = {"app": "proxy"}
    agents = [
        host_pod("proxy", labels=labels, nodeName="node-1"),
        host_pod("neighbour", nodeName="node-1"),
        host_pod("distant", nodeName="node-2"),
        host_pod("lost"),
    ]
    ports = [{"port": 80}]
    cluster = to_service(*agents, node("node-1", "192.0.2.1"), service("api", selector=labels, ports=ports))
    found = [verdict(cluster, "default/client", f"default/{a['metadata']['name']}") for a in agents]
    assert found == [ACCEPTED, ACCEPTED, DENIED, UNKNOWN]
    assert verdict(cluster, "default/client", "192.0.2.1") is ACCEPTED
    assert verdict(cluster, "default/client", STRANGER) is DENIED
    assert verdict(cluster, "default/client", "default/server") is DENIED
    unplaced = to_service(*agents, service("api", selector=labels, ports=ports))
    assert verdict(unplaced, "default/client", STRANGER) is UNKNOWN
