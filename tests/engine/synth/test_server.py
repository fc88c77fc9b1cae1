from __future__ import annotations

from typing import Any

import pytest
from tests.engine.synth.making import deployment, network
from tests.engine.synth.test_basis_manifests import service

from firedoor.adapters.manifests.source import load_text
from firedoor.bootstrap import read_policies
from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.engine.synth.basis_manifests import basis_from_manifests
from firedoor.errors import UsageError
from firedoor.model.clusterpolicy import Tier
from firedoor.model.generation import Basis, Generation, PolicyKind
from firedoor.model.snapshot import Origin
from firedoor.usecases.generate import GenerationQuestion, from_manifests, generate

HOOK = deployment("hook", "app: hook", pod=", ports: [{containerPort: 8443, name: tls}]")
SERVICE = service("hook", "{port: 443, targetPort: tls}, {port: 444, targetPort: 9443}", "hook")
GATE = """
---
apiVersion: admissionregistration.k8s.io/v1
kind: {kind}WebhookConfiguration
metadata: {{name: gate}}
webhooks:
- name: a.example.com
  clientConfig: {{service: {{namespace: shop, name: {name}, path: /x{port}}}}}
- name: b.example.com
  clientConfig: {{url: "https://elsewhere.example"}}
"""
API = """
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.metrics.example}
spec: {group: metrics.example, version: v1, service: {namespace: shop, name: hook}}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.apps}
spec: {group: apps, version: v1}
"""
CONVERTED = """
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  conversion:
    strategy: Webhook
    webhook: {clientConfig: {service: {namespace: shop, name: hook, port: 444}}, conversionReviewVersions: [v1]}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: others.example.com}
spec: {conversion: {strategy: None}}
"""
ENDPOINTS = """
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}}
addressType: IPv4
ports: [{name: https, port: 6443, protocol: TCP}]
endpoints: [{addresses: [192.0.2.1]}, {addresses: [192.0.2.2]}, {addresses: [192.0.2.9], conditions: {ready: false}}]
"""
NODES = """
---
apiVersion: v1
kind: Node
metadata: {name: one, labels: {node-role.kubernetes.io/control-plane: ""}}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
---
apiVersion: v1
kind: Node
metadata: {name: two}
status: {addresses: [{type: InternalIP, address: 192.0.2.3}]}
"""
SERVER_POD = """
---
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver-one, namespace: kube-system, labels: {component: kube-apiserver}}
spec: {hostNetwork: true, nodeName: one, containers: [{name: kube-apiserver, image: x}]}
status: {phase: Running, podIP: 192.0.2.1}
"""
AGENT = deployment("konnectivity-agent", "k8s-app: konnectivity-agent", namespace="kube-system")


def gate(kind: str = "Validating", name: str = "hook", port: str = "") -> str:
    return GATE.format(kind=kind, name=name, port=port and f", port: {port}")


def basis(*texts: str, servers: tuple[str, ...] = ()) -> Basis:
    return basis_from_manifests(network("".join((HOOK, SERVICE, *texts))), servers)


def needs(*texts: str, servers: tuple[str, ...] = ()) -> list[str]:
    return list(map(str, basis(*texts, servers=servers).needs))


SERVERS = "API server (192.0.2.1, 192.0.2.2)"


@pytest.mark.parametrize(
    ("text", "port", "said"),
    [
        (gate(), 8443, "webhook a.example.com of ValidatingWebhookConfiguration gate"),
        (gate("Mutating", port="444"), 9443, "webhook a.example.com of MutatingWebhookConfiguration gate"),
        (API, 8443, "APIService v1.metrics.example"),
        (CONVERTED, 9443, "conversion of CustomResourceDefinition things.example.com"),
    ],
)
def test_the_api_server_reaches_the_pods_behind_what_it_calls(text: str, port: int, said: str) -> None:
    found = basis(text, ENDPOINTS)
    assert list(map(str, found.needs)) == [f"{SERVERS} -> Deployment shop/hook TCP/{port}"]
    (evidence,) = found.needs[0].evidence
    assert evidence.text == f"API server calls {said}"
    assert evidence.place.startswith("<stdin>:")
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("texts", "servers", "sources"),
    [
        ((ENDPOINTS, NODES, SERVER_POD), (), [SERVERS]),
        ((NODES, SERVER_POD), (), ["Pod kube-system/kube-apiserver-one"]),
        ((NODES,), (), ["node one"]),
        ((NODES, ENDPOINTS), ("192.0.2.3/32", "198.51.100.0/24"), ["198.51.100.0/24", "node two"]),
        ((AGENT,), (), ["Deployment kube-system/konnectivity-agent"]),
        ((AGENT, NODES), (), ["Deployment kube-system/konnectivity-agent", "node one"]),
    ],
)
def test_the_api_server_is_known_by_its_endpoints_its_pods_its_nodes_or_what_people_say(
    texts: tuple[str, ...], servers: tuple[str, ...], sources: list[str]
) -> None:
    assert needs(gate(), *texts, servers=servers) == [f"{each} -> Deployment shop/hook TCP/8443" for each in sources]
    (note,) = [each for each in basis(gate(), *texts, servers=servers).notes if "is taken to connect from" in each]
    assert all(each in note for each in sources)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (gate(), "no address of the API server is known"),
        (gate(name="gone"), "no Service of that name is in the source"),
        (gate(port="1"), "the Service has no pods with that port"),
    ],
)
def test_what_no_rule_can_be_made_for_is_told(text: str, why: str) -> None:
    (left,) = basis(text).left_out
    assert left.what.startswith("API server -> Service shop/")
    assert why in left.why
    assert "webhook a.example.com of ValidatingWebhookConfiguration gate" in left.why


def test_that_the_api_server_is_cut_off_is_noted() -> None:
    assert any("say with --api-server-cidr" in each for each in basis(gate()).notes)
    assert not any("--api-server-cidr" in each for each in basis().notes)


def test_a_cluster_that_was_read_tells_no_conversion_webhooks() -> None:
    snapshot = load_text(HOOK)
    read = type(snapshot)(Origin("cluster", ("https://x",), "2026-01-01T00:00:00Z"), workloads=snapshot.workloads)
    notes = basis_from_manifests(type(network(HOOK))(read, SPEC)).notes
    assert any("CustomResourceDefinitions are not read" in each for each in notes)
    assert not any("CustomResourceDefinitions" in each for each in basis(gate()).notes)


def made(kind: PolicyKind, *texts: str, servers: tuple[str, ...] = ()) -> Generation:
    cni = PROFILES["cilium"] if kind is PolicyKind.CILIUM else SPEC
    asked = GenerationQuestion(kind, dns=False, tier=Tier.ADMIN)
    snapshot = load_text("".join((HOOK, SERVICE, gate(), *texts)))
    return generate(snapshot, cni, from_manifests(servers), asked, read_policies)


def spec_of(found: Generation) -> Any:
    return found.policies[0].document["spec"]


PORT = {"protocol": "TCP", "port": 8443}
BLOCKS = [{"ipBlock": {"cidr": "192.0.2.1/32"}}, {"ipBlock": {"cidr": "192.0.2.2/32"}}]


def test_network_policies_name_the_api_server_by_its_addresses() -> None:
    found = made(PolicyKind.NETWORKPOLICY, ENDPOINTS, NODES)
    assert found.proof.holds, found.proof
    assert spec_of(found)["ingress"] == [{"from": BLOCKS, "ports": [PORT]}]
    (why,) = found.policies[0].comments["spec.ingress[0]"]
    assert why.startswith(f"{SERVERS} TCP/8443: API server calls webhook a.example.com")


@pytest.mark.parametrize("texts", [(ENDPOINTS,), (ENDPOINTS, NODES), (ENDPOINTS, NODES, SERVER_POD)])
def test_cilium_has_an_entity_for_it_where_its_endpoints_are_known(texts: tuple[str, ...]) -> None:
    found = made(PolicyKind.CILIUM, *texts)
    assert found.proof.holds, found.proof
    ports = [{"ports": [{"port": "8443", "protocol": "TCP"}]}]
    assert spec_of(found)["ingress"] == [{"fromEntities": ["kube-apiserver"], "toPorts": ports}]


@pytest.mark.parametrize(("texts", "servers"), [((NODES,), ()), ((NODES, SERVER_POD), ()), ((NODES,), ("192.0.2.1",))])
def test_cilium_takes_all_nodes_for_it_where_only_its_nodes_are_known(
    texts: tuple[str, ...], servers: tuple[str, ...]
) -> None:
    found = made(PolicyKind.CILIUM, *texts, servers=servers)
    assert found.proof.holds, found.proof
    assert [each.get("fromEntities") for each in spec_of(found)["ingress"]] == [["remote-node"]]


def test_calico_and_istio_name_its_addresses() -> None:
    calico, istio = (made(each, ENDPOINTS) for each in (PolicyKind.CALICO, PolicyKind.ISTIO))
    assert (calico.proof.holds, istio.proof.holds) == (True, True)
    cidrs = ["192.0.2.1/32", "192.0.2.2/32"]
    assert spec_of(calico)["ingress"][0]["source"] == {"nets": cidrs}
    assert spec_of(istio)["rules"][0]["from"] == [{"source": {"ipBlocks": cidrs}}]


def test_cluster_network_policies_leave_it_as_it_is() -> None:
    other = deployment("web", "app: web", pod=", env: [{name: H, value: 'hook:444'}]")
    found = made(PolicyKind.CLUSTERNETWORKPOLICY, ENDPOINTS, other)
    assert found.proof.holds, found.proof
    assert "the API has no rules about connections from addresses: they stay open" in {
        each.why for each in found.left_out
    }


def test_what_people_say_is_an_address_or_a_block() -> None:
    found = made(PolicyKind.NETWORKPOLICY, servers=("198.51.100.7/24", "2001:db8::1"))
    cidrs = [each["ipBlock"]["cidr"] for each in spec_of(found)["ingress"][0]["from"]]
    assert cidrs == ["198.51.100.0/24", "2001:db8::1/128"]
    with pytest.raises(UsageError, match=r"'10.0.0.0/99' is neither an address nor a block"):
        from_manifests(("10.0.0.0/99",))
