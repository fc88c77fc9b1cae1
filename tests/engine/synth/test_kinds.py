"""What the policies of each kind look like; that they do what they should is proved elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.engine.synth.making import deployment, edge, generated, need, node, outside, party, workload

from firedoor.adapters.manifests.source import load_text
from firedoor.bootstrap import read_policies
from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.model.generation import Basis, Generation, PolicyKind
from firedoor.render.generation_yaml import policy_yaml
from firedoor.usecases.generate import GenerationQuestion, generate

PORTS = ", ports: [{containerPort: 8080, name: http}, {containerPort: 9000, name: admin}]"
CLUSTER = (
    deployment("web", "app: web", pod=PORTS)
    + deployment("db", "app: shop")
    + deployment("cache", "app: shop, tier: fast")
    + deployment("front", "app: front", namespace="edge")
    + """
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
"""
)
EDGES = (
    edge(workload("front", "edge"), workload("web"), 8080, count=7, at=(1_700_000_000, 1_700_000_060)),
    edge(workload("web"), workload("db"), 5432),
    edge(workload("web"), workload("cache"), 5432),
    edge(workload("web"), workload("cache"), 53, protocol="UDP"),
    edge(workload("web"), outside("203.0.113.9", "api.example"), 443),
    edge(outside("198.51.100.1"), workload("web"), 9000),
    edge(node("n1"), workload("db"), 5432),
    edge(workload("db"), node("n1"), 6443),
)


def made(kind: PolicyKind, **asked: Any) -> Generation:
    cni = PROFILES["cilium"] if kind is PolicyKind.CILIUM else SPEC
    found = generated(CLUSTER, EDGES, GenerationQuestion(kind, namespace="shop", dns=False, **asked), cni)
    assert found.proof.holds, found.proof
    return found


def spec(found: Generation, name: str) -> dict[str, Any]:
    (policy,) = (each for each in found.policies if each.name == name)
    document = yaml.safe_load(policy_yaml(policy))
    assert isinstance(document["spec"], dict)
    return document["spec"]


OF_FRONT = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "edge"}},
    "podSelector": {"matchLabels": {"app": "front"}},
}


def test_a_network_policy_has_selectors_blocks_and_target_ports() -> None:
    found = made(PolicyKind.NETWORKPOLICY)
    assert spec(found, "allow-web") == {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {"from": [OF_FRONT], "ports": [{"protocol": "TCP", "port": 8080}]},
            {"from": [{"ipBlock": {"cidr": "198.51.100.1/32"}}], "ports": [{"protocol": "TCP", "port": 9000}]},
        ],
        "egress": [
            {
                "to": [{"podSelector": {"matchLabels": {"app": "shop", "tier": "fast"}}}],
                "ports": [{"protocol": "TCP", "port": 5432}, {"protocol": "UDP", "port": 53}],
            },
            {
                "to": [
                    {
                        "podSelector": {
                            "matchLabels": {"app": "shop"},
                            "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}],
                        }
                    }
                ],
                "ports": [{"protocol": "TCP", "port": 5432}],
            },
            {"to": [{"ipBlock": {"cidr": "203.0.113.9/32"}}], "ports": [{"protocol": "TCP", "port": 443}]},
        ],
    }
    assert spec(found, "default-deny") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_what_allows_comes_before_what_denies_and_each_rule_says_why_it_is_there() -> None:
    found = made(PolicyKind.NETWORKPOLICY)
    assert [(each.name, each.order) for each in found.policies] == [
        ("allow-cache", 10),
        ("allow-db", 10),
        ("allow-web", 10),
        ("default-deny", 90),
    ]
    (web,) = (each for each in found.policies if each.name == "allow-web")
    assert web.head == ("For Deployment shop/web.",)
    assert web.comments["spec.ingress[0]"] == (
        "Deployment edge/front TCP/8080: seen 7 times, first 2023-11-14T22:13:20Z, last 2023-11-14T22:14:20Z",
    )


def test_ports_are_named_where_all_pods_have_one_name_for_one_number() -> None:
    found = spec(made(PolicyKind.NETWORKPOLICY, named_ports=True), "allow-web")
    assert [rule["ports"][0]["port"] for rule in found["ingress"]] == ["http", "admin"]
    assert {port["port"] for rule in found["egress"] for port in rule["ports"]} == {5432, 53, 443}


def test_a_cilium_policy_knows_names_nodes_and_learns_from_dns() -> None:
    found = made(PolicyKind.CILIUM)
    web, db = spec(found, "allow-web"), spec(found, "allow-db")
    assert web["endpointSelector"] == {"matchLabels": {"app": "web"}}
    assert web["ingress"] == [
        {
            "fromEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "edge", "app": "front"}}],
            "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}]}],
        },
        {
            "fromCIDR": ["198.51.100.1/32"],
            "toPorts": [{"ports": [{"port": "9000", "protocol": "TCP"}]}],
        },
    ]
    assert web["egress"][0]["toPorts"][0]["rules"] == {"dns": [{"matchPattern": "*"}]}
    assert {"toFQDNs", "toPorts"} == web["egress"][-1].keys()
    assert db["ingress"][-1]["fromEntities"] == ["remote-node"]
    assert db["egress"] == [
        {"toEntities": ["host", "remote-node"], "toPorts": [{"ports": [{"port": "6443", "protocol": "TCP"}]}]}
    ]
    assert spec(found, "allow-cache")["egress"] == [{}]
    assert spec(found, "default-deny") == {"endpointSelector": {}, "ingress": [{}], "egress": [{}]}


@pytest.mark.parametrize("kind", [PolicyKind.CALICO, PolicyKind.CALICO_STAGED])
def test_a_calico_policy_has_a_rule_for_each_peer_and_protocol(kind: PolicyKind) -> None:
    found = made(kind)
    web = spec(found, "allow-web")
    assert (web["tier"], web["order"], web["selector"]) == ("default", 500, "app == 'web'")
    assert web.get("stagedAction") == ("Set" if kind is PolicyKind.CALICO_STAGED else None)
    assert web["ingress"][0] == {
        "action": "Allow",
        "protocol": "TCP",
        "source": {"selector": "app == 'front'", "namespaceSelector": "kubernetes.io/metadata.name == 'edge'"},
        "destination": {"ports": [8080]},
    }
    assert web["ingress"][1]["source"] == {"nets": ["198.51.100.1/32"]}
    assert [rule["destination"].get("selector") for rule in web["egress"]] == [
        "app == 'shop' && tier == 'fast'",
        "app == 'shop' && tier == 'fast'",
        "app == 'shop' && !has(tier)",
        None,
    ]
    assert spec(found, "default-deny")["selector"] == "all()"


def test_a_cluster_network_policy_says_its_tier_and_leaves_the_outside_in() -> None:
    found = made(PolicyKind.CLUSTERNETWORKPOLICY)
    web = spec(found, "allow-web")
    assert (web["tier"], web["priority"]) == ("Admin", 100)
    assert web["ingress"] == [
        {
            "action": "Accept",
            "from": [{"pods": OF_FRONT}],
            "protocols": [{"tcp": {"destinationPort": {"number": 8080}}}],
        }
    ]
    assert web["egress"][-1]["to"] == [{"domainNames": ["api.example"]}]
    assert "198.51.100.1/32 -> Deployment shop/web TCP/9000" in {each.what for each in found.left_out}
    deny = spec(found, "default-deny")
    assert deny["priority"] == 900
    assert deny["egress"] == [{"action": "Deny", "to": [{"namespaces": {}}, {"networks": ["0.0.0.0/0", "::/0"]}]}]
    named = spec(made(PolicyKind.CLUSTERNETWORKPOLICY, named_ports=True), "allow-web")
    assert named["ingress"][0]["protocols"] == [{"destinationNamedPort": "http"}]


def test_more_rules_than_a_cluster_network_policy_may_have_make_several() -> None:
    text = deployment("web", "app: web") + "".join(deployment(f"p{each}", f"app: p{each}") for each in range(60))
    edges = [edge(workload("web"), workload(f"p{each}"), 1000 + each) for each in range(27)]
    edges += [edge(workload("web"), workload(f"p{each}"), 80) for each in range(27, 60)]
    edges += [edge(workload("web"), outside("203.0.113.1"), 2000 + 2 * each) for each in range(30)]
    found = generated(text, edges, GenerationQuestion(PolicyKind.CLUSTERNETWORKPOLICY, "shop", dns=False))
    assert found.proof.holds, found.proof
    names = [each.name for each in found.policies if each.name.startswith("allow-web")]
    assert names == ["allow-web", "allow-web-2"]


def test_more_ports_than_a_rule_of_cilium_may_have_make_several_lists() -> None:
    text = deployment("web", "app: web") + deployment("db", "app: db")
    edges = [edge(workload("web"), workload("db"), 1000 + 2 * each) for each in range(45)]
    found = generated(text, edges, GenerationQuestion(PolicyKind.CILIUM, "shop", dns=False), PROFILES["cilium"])
    assert found.proof.holds
    (rule,) = spec(found, "allow-db")["ingress"]
    assert [len(each["ports"]) for each in rule["toPorts"]] == [40, 5]


MESH = "".join(
    deployment(name, f'app: {name}, sidecar.istio.io/inject: "true"', spec=f"      serviceAccountName: {account}\n")
    for name, account in (("web", "web"), ("api", "shared"), ("batch", "shared"), ("db", "db"))
)


def test_an_authorization_policy_knows_accounts_and_says_who_shares_one() -> None:
    edges = (
        edge(workload("web"), workload("api"), 8080),
        edge(workload("api"), workload("db"), 5432),
        edge(workload("api"), workload("db"), 53, protocol="UDP"),
        edge(outside("198.51.100.1"), workload("web"), 80),
    )
    found = generated(MESH, edges, GenerationQuestion(PolicyKind.ISTIO, "shop", dns=False))
    assert found.proof.holds, found.proof
    assert spec(found, "allow-db") == {
        "selector": {"matchLabels": {"app": "db"}},
        "action": "ALLOW",
        "rules": [
            {
                "from": [{"source": {"principals": ["cluster.local/ns/shop/sa/shared"]}}],
                "to": [{"operation": {"ports": ["5432"]}}],
            }
        ],
    }
    assert spec(found, "allow-web")["rules"][0]["from"] == [{"source": {"ipBlocks": ["198.51.100.1/32"]}}]
    assert spec(found, "default-deny") == {}
    assert any("Deployment shop/api, Deployment shop/batch run as the service account" in each for each in found.notes)
    assert [each.why for each in found.left_out] == ["the API has no rules for UDP"]


def test_two_workloads_of_one_name_get_policies_of_different_names() -> None:
    text = (
        deployment("web", "app: web")
        + """
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web, namespace: shop}
spec: {serviceName: web, template: {metadata: {labels: {app: web-set}}, spec: {containers: [{name: m, image: i}]}}}
"""
    )
    edges = [edge(workload("web"), workload("web", owner="StatefulSet"))]
    found = generated(text, edges)
    assert [each.name for each in found.policies] == ["allow-web", "allow-web-statefulset", "default-deny"]


RANGES = (
    need(party("web"), party("db"), 8000, last=8010),
    *(need(party("db"), party("web"), 1, each, 65535) for each in ("TCP", "UDP", "SCTP")),
)


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (PolicyKind.NETWORKPOLICY, {"protocol": "TCP", "port": 8000, "endPort": 8010}),
        (PolicyKind.CILIUM, {"port": "8000", "protocol": "TCP", "endPort": 8010}),
        (PolicyKind.CALICO, "8000:8010"),
        (PolicyKind.CLUSTERNETWORKPOLICY, {"tcp": {"destinationPort": {"range": {"start": 8000, "end": 8010}}}}),
    ],
)
def test_ranges_are_ranges_and_all_ports_are_no_ports(kind: PolicyKind, written: object) -> None:
    text = deployment("web", "app: web") + deployment("db", "app: db")
    cni = PROFILES["cilium"] if kind is PolicyKind.CILIUM else SPEC
    asked = GenerationQuestion(kind, "shop", dns=False)
    found = generate(load_text(text), cni, lambda _: Basis(RANGES), asked, read_policies)
    assert found.proof.holds, found.proof
    (into_db,), (into_web,) = spec(found, "allow-db")["ingress"], spec(found, "allow-web")["ingress"]
    assert repr(written) in repr(into_db)
    assert {"ports", "toPorts", "protocols", "protocol", "destination"}.isdisjoint(into_web)


def test_all_ports_of_tcp_are_all_that_istio_can_tell() -> None:
    needs = (need(party("web"), party("db"), 1, last=65535), need(party("api"), party("db"), 80))
    asked = GenerationQuestion(PolicyKind.ISTIO, "shop", dns=False)
    found = generate(load_text(MESH), SPEC, lambda _: Basis(needs), asked, read_policies)
    assert found.proof.holds, found.proof
    rules = spec(found, "allow-db")["rules"]
    assert [rule.get("to") for rule in rules] == [[{"operation": {"ports": ["80"]}}], None]


def test_ports_of_dns_stand_apart_from_others_where_cilium_looks_into_them() -> None:
    edges = [edge(workload("web"), workload("cache"), port) for port in (53, 9153)]
    edges += [edge(workload("web"), outside("203.0.113.9", "api.example"), 443)]
    asked = GenerationQuestion(PolicyKind.CILIUM, "shop", dns=False)
    found = generated(CLUSTER, edges, asked, PROFILES["cilium"])
    (rule, _) = spec(found, "allow-web")["egress"]
    assert [("rules" in each, [port["port"] for port in each["ports"]]) for each in rule["toPorts"]] == [
        (True, ["53"]),
        (False, ["9153"]),
    ]


def test_what_needs_nothing_at_egress_has_an_empty_istio_policy_and_no_rules_elsewhere() -> None:
    found = generated(MESH, [edge(workload("web"), workload("db"))], GenerationQuestion(PolicyKind.ISTIO, dns=False))
    assert [each.name for each in found.policies] == ["allow-db", "default-deny"]
