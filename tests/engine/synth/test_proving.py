"""The proof fails where policies are not what they should be, and says why."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.synth.making import deployment, need, network, party, permitted

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import PROFILES, SPEC, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.engine.synth.kinds.writing import ABILITIES
from firedoor.engine.synth.narrowing import removable
from firedoor.engine.synth.proving import Prover
from firedoor.engine.synth.surplus import surplus
from firedoor.model.generation import Need, Party, PolicyKind

POD = """
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}
spec: {{nodeName: {node}, {spec}containers: [{{name: main, image: i}}]}}
status: {{phase: Running, podIP: {address}}}
"""
NODES = "".join(
    f"""
---
apiVersion: v1
kind: Node
metadata: {{name: n{number}}}
status: {{addresses: [{{type: InternalIP, address: 192.168.0.{number}}}]}}
"""
    for number in (1, 2)
)


def pod(name: str, address: str, *, node: str = "n1", namespace: str = "shop", host: bool = False) -> str:
    spec = "hostNetwork: true, " if host else ""
    return POD.format(name=name, namespace=namespace, node=node, address=address, spec=spec)


def policy(rules: str, app: str = "db", types: str = "Ingress, Egress") -> str:
    return f"""
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: policy-{app}, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: {app}}}}}
  policyTypes: [{types}]
  {rules}
"""


CLUSTER = (
    NODES
    + pod("web", "10.0.0.1")
    + pod("db", "10.0.0.2")
    + pod("other", "10.0.0.3", namespace="far")
    + pod("agent", "192.168.0.2", node="n2", host=True)
)
WEB, DB = party("web", "Pod"), party("db", "Pod")
OUTSIDE = Party(blocks=("203.0.113.0/24",))
FROM_WEB = "from: [{podSelector: {matchLabels: {app: web}}}]"
TO_DB = policy("egress: [{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 80}]}]", "web")


def prover(policies: str, *needs: Need, kind: PolicyKind = PolicyKind.NETWORKPOLICY, cni: CniProfile = SPEC) -> Prover:
    whole = permitted(network(CLUSTER, cni), needs, kind)
    return Prover(Network(load_text(CLUSTER + policies), cni), whole, ABILITIES[kind])


def opened(policies: str, *needs: Need, **how: Any) -> list[tuple[str, str]]:
    return [(each.source, each.destination) for each in prover(policies, *needs, **how).opened()]


DENY = policy("", "db") + policy("", "web")


def test_what_exactly_meets_the_needs_is_proved() -> None:
    found = prover(policy(f"ingress: [{{{FROM_WEB}, ports: [{{port: 80}}]}}]") + TO_DB, need(WEB, DB))
    assert (list(found.denied()), list(found.opened())) == ([], [])


def test_a_need_that_one_end_denies_is_told() -> None:
    found = prover(DENY, need(WEB, DB))
    assert list(found.denied()) == ["Pod shop/web -> Pod shop/db TCP/80: denied"]


def test_a_need_that_cannot_be_decided_is_no_proof() -> None:
    broken = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: broken, namespace: shop}
spec: {{ .Values.policy }}
"""
    (found,) = prover(broken, need(WEB, DB)).denied()
    assert found.endswith("not decided, for part of the source could not be read or is not known")


def test_another_port_another_pod_another_namespace_are_opened() -> None:
    wide = policy(f"ingress: [{{{FROM_WEB}}}]") + TO_DB
    assert opened(wide, need(WEB, DB)) == [("shop/web", "shop/db")]
    far = policy("ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 80}]}]") + TO_DB
    assert opened(far, need(WEB, DB)) == [("far/other", "shop/db")]


def test_an_egress_rule_is_held_against_the_needs_though_the_other_end_denies() -> None:
    wide = policy("egress: [{to: [{namespaceSelector: {}}], ports: [{port: 80}]}]", "web")
    found = opened(wide + policy(f"ingress: [{{{FROM_WEB}, ports: [{{port: 80}}]}}]"), need(WEB, DB))
    assert found == [("shop/web", "far/other")]


def test_addresses_beyond_the_needs_are_opened_but_not_those_within() -> None:
    rule = "ingress: [{{from: [{{ipBlock: {{cidr: {}}}}}], ports: [{{port: 80}}]}}]"
    exact = policy(rule.format("203.0.113.0/24")) + policy("", "web")
    assert opened(exact, need(OUTSIDE, DB)) == []
    wider = policy(rule.format("203.0.112.0/23")) + policy("", "web")
    assert opened(wider, need(OUTSIDE, DB)) == [("203.0.112.0-203.0.113.255", "shop/db")]
    one = policy(rule.format("192.0.2.1/32")) + policy("", "web")
    assert opened(one, need(OUTSIDE, DB)) == [("192.0.2.1", "shop/db")]


def test_all_addresses_that_are_needed_are_asked_about() -> None:
    half = policy("ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/25}}], ports: [{port: 80}]}]")
    assert list(prover(half, need(OUTSIDE, DB)).denied()) == ["203.0.113.0/24 -> Pod shop/db TCP/80: denied"]


def test_pods_whose_addresses_are_within_needed_blocks_are_no_surplus() -> None:
    rule = policy("egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 80}]}]", "web") + policy("", "db")
    cni = PROFILES["calico"]
    assert opened(rule, need(WEB, Party(blocks=("10.0.0.0/8",))), cni=cni) == []
    assert opened(rule, need(WEB, Party(blocks=("10.0.0.2/32",))), cni=cni) == [
        ("shop/web", "far/other"),
        ("shop/web", "10.0.0.0-10.255.255.255"),
    ]


def test_what_a_pod_on_another_node_may_do_counts_and_what_its_own_may_does_not() -> None:
    agent = party("agent", "Pod")
    rule = policy("ingress: [{from: [{ipBlock: {cidr: 192.168.0.2/32}}], ports: [{port: 80}]}]") + policy("", "web")
    assert list(prover(rule, need(agent, DB)).denied()) == []
    assert opened(rule, need(agent, DB)) == []
    assert opened(rule) == [("shop/agent", "shop/db"), ("192.168.0.2", "shop/db")]
    assert list(prover(DENY, need(agent, DB)).denied()) == ["Pod shop/agent -> Pod shop/db TCP/80: denied"]


def test_a_need_between_pods_that_are_alike_is_that_between_two_of_them() -> None:
    cluster = deployment("web", "app: web")
    own = party("web")
    whole = permitted(network(cluster), [need(own, own)])
    shut = Network(load_text(cluster + policy("", "web")), SPEC)
    assert list(Prover(shut, whole, ABILITIES[PolicyKind.NETWORKPOLICY]).denied()) == [
        "Deployment shop/web -> Deployment shop/web TCP/80: denied"
    ]


CILIUM = """
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: allow-web, namespace: shop}}
spec:
  endpointSelector: {{matchLabels: {{app: web}}}}
  ingress: [{{}}]
  egress: [{{toFQDNs: [{{matchName: {name}}}], toPorts: [{{ports: [{{port: "80", protocol: TCP}}]}}]}}]
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: deny, namespace: shop}}
spec: {{endpointSelector: {{}}, ingress: [{{}}], egress: [{{}}]}}
"""


def test_names_are_held_against_the_names_that_are_needed() -> None:
    named = Party(blocks=("203.0.113.1/32",), domain="api.example")
    how: dict[str, Any] = {"kind": PolicyKind.CILIUM, "cni": PROFILES["cilium"]}
    same = CILIUM.format(name="api.example")
    assert (list(prover(same, need(WEB, named), **how).denied()), opened(same, need(WEB, named), **how)) == ([], [])
    other = CILIUM.format(name="evil.example")
    assert opened(other, need(WEB, named), **how) == [("shop/web", "evil.example")]
    assert list(prover(other, need(WEB, named), **how).denied()) == ["Pod shop/web -> api.example TCP/80: denied"]


def test_a_part_that_changes_nothing_is_told() -> None:
    twice = policy(
        f"ingress: [{{{FROM_WEB}}}, {{{FROM_WEB}, ports: [{{port: 80}}]}}, {{from: [{{podSelector: "
        "{matchLabels: {app: nobody}}}]}]"
    )
    parts, idle = removable(Network(load_text(CLUSTER + twice), SPEC), set(), set())
    assert parts == 3
    assert [each.partition(":")[0] for each in idle] == [
        "NetworkPolicy shop/policy-db, spec.ingress[1]",
        "NetworkPolicy shop/policy-db, spec.ingress[2]",
    ]
    assert removable(Network(load_text(CLUSTER + twice), SPEC), {("shop", "policy-db")}, set()) == (0, ())
    third = {("shop", "policy-db", "spec.ingress[2]")}
    assert removable(Network(load_text(CLUSTER + twice), SPEC), set(), third)[0] == 2


def test_what_stays_open_beyond_the_needs_is_counted_and_listed() -> None:
    before = network(CLUSTER)
    after = Network(load_text(CLUSTER + policy(f"ingress: [{{{FROM_WEB}}}]") + policy("", "web", "Ingress")), SPEC)
    needs = [need(WEB, DB), need(WEB, OUTSIDE, 443)]
    found = surplus(before, after, permitted(before, needs))
    listed = [(each.source, each.destination) for each in found.pairs]
    # web and db: with each other, with two more, and with the outside, both ways
    assert (found.before, found.after, len(listed)) == (14, 4, 4)
    assert listed == [
        ("shop/web", "far/other"),
        ("shop/web", "outside (0.0.0.0-255.255.255.255)"),
        ("shop/web", "shop/agent"),
        ("shop/web", "shop/db"),
    ]


@pytest.mark.parametrize(("port", "count"), [(80, 0), (81, 1)])
def test_a_need_that_is_all_that_is_open_is_no_surplus(port: int, count: int) -> None:
    rules = policy(f"ingress: [{{{FROM_WEB}, ports: [{{port: 80}}]}}]") + TO_DB
    after = Network(load_text(CLUSTER + rules), SPEC)
    whole = permitted(network(CLUSTER), [need(WEB, DB, port), need(Party(blocks=("203.0.113.1/32",)), WEB)])
    found = surplus(after, after, whole)
    assert (found.before, found.after) == (count, count)


def test_a_pod_that_a_rule_lets_reach_itself_opens_nothing() -> None:
    own = policy("ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]", "web")
    assert opened(own + policy("", "db")) == []
    many = deployment("web", "app: web")
    whole = permitted(network(many), [])
    (found,) = Prover(
        Network(load_text(many + policy(f"ingress: [{{{FROM_WEB}}}]", "web")), SPEC),
        whole,
        ABILITIES[PolicyKind.NETWORKPOLICY],
    ).opened()
    assert (found.source, found.destination) == ("shop/web", "shop/web")


def test_replicas_that_reach_each_other_and_pods_of_nodes_with_the_outside() -> None:
    cluster = "".join(
        f"""
---
apiVersion: v1
kind: Pod
metadata:
  name: web-{number}
  namespace: shop
  labels: {{app: web}}
  ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: web, controller: true, uid: u}}]
spec: {{hostNetwork: {str(number == 3).lower()}, containers: [{{name: main, image: i}}]}}
status: {{phase: Running}}
"""
        for number in (1, 2, 3)
    )
    found = network(cluster)
    pairs = surplus(found, found, permitted(found, [])).pairs
    assert [(each.source, each.destination.partition(" ")[0]) for each in pairs] == [
        ("outside (0.0.0.0-255.255.255.255)", "shop/web"),
        ("shop/web", "outside"),
        ("shop/web", "shop/web"),
    ]


def test_a_pod_of_the_own_node_is_let_in_whatever_the_rules_say() -> None:
    near = CLUSTER + pod("near", "192.168.0.1", host=True)
    rule = policy("ingress: [{from: [{ipBlock: {cidr: 192.168.0.1/32}}]}]") + policy("", "web")
    whole = permitted(network(near), [])
    found = Prover(Network(load_text(near + rule), SPEC), whole, ABILITIES[PolicyKind.NETWORKPOLICY]).opened()
    assert [(each.source, each.destination) for each in found] == [("192.168.0.1", "shop/db")]
