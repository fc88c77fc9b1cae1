from __future__ import annotations

import pytest
from tests.engine.synth import making
from tests.engine.synth.making import deployment, edge, generated, need, outside, party, workload

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.synth.dns import with_dns, with_resolvers
from firedoor.model.generation import Basis, Party, PolicyKind
from firedoor.model.places import ObjectRef
from firedoor.usecases.generate import GenerationQuestion

WEB, DB = deployment("web", "app: web"), deployment("db", "app: db")
PORTS = ", ports: [{containerPort: 1053, name: dns, protocol: UDP}, {containerPort: 1053, name: dns-tcp}]"
COREDNS = deployment("coredns", "k8s-app: kube-dns", namespace="kube-system", pod=PORTS)
SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  selector: {k8s-app: kube-dns}
  ports:
  - {name: dns, port: 53, targetPort: dns, protocol: UDP}
  - {name: metrics, port: 9153}
  - {name: sctp, port: 53, protocol: SCTP}
"""


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        (COREDNS + SERVICE, {("UDP", 1053)}),
        (COREDNS, {("UDP", 1053), ("TCP", 1053)}),
        (COREDNS + deployment("proxy", "k8s-app: proxy", namespace="kube-system"), {("UDP", 1053), ("TCP", 1053)}),
        (COREDNS.replace(PORTS, ""), {("UDP", 53), ("TCP", 53)}),
    ],
)
def test_the_pods_that_answer_are_those_of_the_service_or_carry_the_usual_label(
    text: str, ports: set[tuple[str, int]]
) -> None:
    _, _, found, notes = with_resolvers(load_text(WEB + text), making.network(WEB + text))
    assert (found, notes) == ({ObjectRef("Deployment", "kube-system", "coredns"): ports}, ())


def test_where_the_source_has_no_resolver_one_is_assumed_and_that_is_said() -> None:
    snapshot, network, found, notes = with_resolvers(load_text(WEB), making.network(WEB))
    assert list(found) == [ObjectRef("Pod", "kube-system", "cluster-dns")]
    assert len(snapshot.pods) == len(network.members) - 1 == 1
    assert "k8s-app=kube-dns" in notes[0]


def test_who_opens_connections_by_name_asks_for_names_and_nobody_else() -> None:
    resolver = ObjectRef("Deployment", "kube-system", "coredns")
    needs = (
        need(party("web"), party("db")),
        need(party("db"), Party(blocks=("203.0.113.1/32",))),
        need(Party(blocks=("203.0.113.1/32",)), party("db")),
        need(party("coredns", namespace="kube-system"), party("db")),
        need(party("web"), Party(resolver), 53, "UDP"),
    )
    found = with_dns(Basis(needs), {resolver: {("UDP", 53), ("TCP", 53)}})
    added = set(found.needs) - set(needs)
    assert list(map(str, added)) == ["Deployment shop/web -> Deployment kube-system/coredns TCP/53"]


def test_workloads_that_nothing_tells_apart_share_a_selector_and_this_is_said() -> None:
    text = deployment("one", "app: web") + deployment("two", "app: web") + DB
    found = generated(text, [edge(workload("one"), workload("db"))])
    assert found.proof.holds
    assert "no lasting label tells Deployment shop/one, Deployment shop/two apart" in found.notes[0]
    (policy,) = (each for each in found.policies if each.name == "allow-one")
    assert policy.head == ("For Deployment shop/one.", "For Deployment shop/two.")
    assert any((each.source, each.destination) == ("shop/two", "shop/db") for each in found.overpermission.pairs)


def test_a_weak_selector_a_joined_block_and_a_name_as_an_address_are_said() -> None:
    edges = [edge(workload("bare"), outside(f"203.0.113.{each}", "api.example"), 443) for each in (1, 2)]
    found = generated(deployment("bare", "") + DB, edges, GenerationQuestion(dns=False, cidr_bound=1))
    text = "\n".join(found.notes)
    assert "Deployment shop/bare has no lasting label of its own" in text
    assert "Deployment shop/bare, egress: blocks were joined, and hold 2 addresses that nothing needs" in text
    assert "api.example stands in rules as 203.0.113" in text


def test_workloads_on_the_network_of_their_node_are_said_to_be_free() -> None:
    host = deployment("agent", "app: agent", spec="      hostNetwork: true\n")
    found = generated(WEB + DB + host, [edge(workload("web"), workload("db"))])
    assert "Deployment shop/agent is on the network of its node: no policy applies to it" in found.notes


@pytest.mark.parametrize("kind", [PolicyKind.CLUSTERNETWORKPOLICY, PolicyKind.CALICO_STAGED, PolicyKind.ISTIO])
def test_what_a_kind_leaves_as_it_is_is_said(kind: PolicyKind) -> None:
    found = generated(WEB + DB, [edge(workload("web"), workload("db"))], GenerationQuestion(kind, dns=False))
    assert found.proof.holds
    assert "stay as they are" in found.notes[0] or "not enforced" in found.notes[0]
