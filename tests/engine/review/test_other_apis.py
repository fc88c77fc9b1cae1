from __future__ import annotations

import pytest
from tests.engine.review.shop import PODS, edge, kinds, only, outside, pod, policy, reviewed
from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.review.rule_documents import object_of
from firedoor.model.flows import FlowEdge
from firedoor.model.review import DAY, ItemKind, NetworkReview

CLUSTER = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: one}}
spec:
  tier: Admin
  priority: 1
  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: db}}}}}}}}
  ingress:
  - {{action: Accept, {rule}}}
  - {{action: Deny, from: [{{namespaces: {{}}}}]}}
"""
ADMIN = """
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: {{name: default}}
spec:
  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: db}}}}}}}}
  ingress:
  - {{name: some, action: Allow, {rule}}}
  - {{action: Deny, from: [{{namespaces: {{}}}}]}}
"""
CALICO = """
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {{name: one, namespace: shop}}
spec:
  selector: app == 'db'
  types: [Ingress, Egress]
  ingress:
  - {{action: Allow, {rule}}}
  egress:
  - {{action: Allow, {egress}}}
"""
CILIUM = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {{name: one, namespace: shop}}
spec:
  endpointSelector: {{matchLabels: {{app: db}}}}
  ingress: [{{{rule}}}]
"""


def review(text: str, *edges: FlowEdge) -> NetworkReview:
    cni = PROFILES["cilium"] if "cilium.io" in text else SPEC
    return reviewed(Network(snapshot_of(PODS + text), cni), *edges)


def shorter(text: str, *edges: FlowEdge) -> object:
    found = review(text, *edges)
    items = [each for each in found.items if each.kind is ItemKind.RULE_WIDER]
    assert found.proof.kept == found.proof.accepted > 0
    return items[0].manifest if items else None


def pods(label: str) -> dict[str, object]:
    return {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": label}}}}


def text_of(label: str) -> str:
    return f"{{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: {label}}}}}}}}}"


def tcp(*numbers: int) -> list[object]:
    return [{"tcp": {"destinationPort": {"number": each}}} for each in numbers]


FROM_WEB = edge(pod("web"), pod("db"))
FROM_API = edge(pod("api"), pod("db"), 5433)
BOTH = f"from: [{text_of('web')}, {text_of('api')}]"
RANGE = "{tcp: {destinationPort: {range: {start: 5000, end: 6000}}}}"


@pytest.mark.parametrize(
    ("rule", "edges", "expected"),
    [
        (BOTH, [FROM_WEB], {"from": [pods("web")], "protocols": tcp(5432)}),
        (BOTH, [FROM_WEB, FROM_API], {"from": [pods("web"), pods("api")], "protocols": tcp(5432, 5433)}),
        (
            f"from: [{text_of('web')}], protocols: [{RANGE}]",
            [FROM_WEB],
            {"from": [pods("web")], "protocols": tcp(5432)},
        ),
        (
            f"{BOTH}, protocols: [{{tcp: {{destinationPort: {{number: 5432}}}}}}, {{destinationNamedPort: other}}]",
            [FROM_WEB],
            {"from": [pods("web")], "protocols": tcp(5432)},
        ),
        (
            f"from: [{text_of('web')}], protocols: [{{tcp: {{destinationPort: {{number: 5432}}}}}}]",
            [FROM_WEB],
            None,
        ),
        (f"from: [{text_of('web')}]", [edge(pod("web"), pod("db"), each) for each in range(1, 12)], None),
    ],
)
def test_rules_of_cluster_network_policies_keep_the_peers_and_ports_that_were_used(
    rule: str, edges: list[FlowEdge], expected: dict[str, object] | None
) -> None:
    found = shorter(CLUSTER.format(rule=rule), *edges)
    assert found == (None if expected is None else {"action": "Accept", **expected})


def test_dns_over_tcp_stays_beside_dns_over_udp() -> None:
    udp = {"udp": {"destinationPort": {"number": 53}}}
    both = "protocols: [{udp: {destinationPort: {number: 53}}}, {tcp: {destinationPort: {number: 53}}}]"
    asked = edge(pod("web"), pod("db"), 53, protocol="UDP")
    assert shorter(CLUSTER.format(rule=f"{BOTH}, {both}"), asked) == {
        "action": "Accept",
        "from": [pods("web")],
        "protocols": [udp, *tcp(53)],
    }


def test_what_is_on_no_port_keeps_all_ports() -> None:
    ping = edge(pod("web"), pod("db"), 0, protocol="ICMP")
    found = review(CLUSTER.format(rule=BOTH), FROM_WEB, ping)
    item = only(found)
    assert item.manifest == {"action": "Accept", "from": [pods("web")]}


def test_older_kinds_write_ports_in_their_own_way() -> None:
    rule = f"{BOTH}, ports: [{{portRange: {{start: 5000, end: 6000}}}}, {{portNumber: {{port: 80}}}}]"
    port = {"portNumber": {"protocol": "TCP", "port": 5432}}
    expected = {"name": "some", "action": "Allow", "from": [pods("web")], "ports": [port]}
    assert shorter(ADMIN.format(rule=rule), FROM_WEB) == expected
    assert shorter(ADMIN.format(rule=BOTH), FROM_WEB) == expected


@pytest.mark.parametrize(
    ("rule", "edges", "expected"),
    [
        ("protocol: TCP", [FROM_WEB], {"protocol": "TCP", "destination": {"ports": [5432]}}),
        (
            "protocol: TCP, source: {nets: [198.51.100.0/24, 203.0.113.0/24]}, destination: {ports: ['5000:6000', 80]}",
            [edge(outside("198.51.100.1"), pod("db"))],
            {"protocol": "TCP", "source": {"nets": ["198.51.100.0/24"]}, "destination": {"ports": [5432]}},
        ),
        ("source: {selector: all()}", [FROM_WEB], None),
        ("protocol: TCP, destination: {notPorts: [80]}", [FROM_WEB], None),
        ("protocol: TCP, destination: {ports: [sql]}", [FROM_WEB], None),
    ],
)
def test_rules_of_calico_keep_the_nets_and_ports_that_were_used(
    rule: str, edges: list[FlowEdge], expected: dict[str, object] | None
) -> None:
    to = edge(pod("db"), outside("198.51.100.9"), 443)
    text = CALICO.format(rule=rule, egress="protocol: TCP, destination: {nets: [198.51.100.9/32], ports: [443]}")
    found = shorter(text, *edges, to)
    assert found == (None if expected is None else {"action": "Allow", **expected})


def test_the_destinations_of_calico_are_peers_of_egress() -> None:
    text = CALICO.format(
        rule="protocol: TCP, destination: {ports: [1]}", egress="destination: {nets: [10.0.0.0/8, 198.51.100.9/32]}"
    )
    assert shorter(text, edge(pod("db"), outside("198.51.100.9"), 443)) == {
        "action": "Allow",
        "destination": {"nets": ["198.51.100.9/32"]},
    }


def labels(name: str) -> dict[str, object]:
    return {"matchLabels": {"app": name}}


TO_PORTS = (
    "toPorts: [{ports: [{port: '80', protocol: TCP}]}, "
    "{ports: [{port: '5000', endPort: 6000, protocol: TCP}, {port: '9', protocol: TCP}]}]"
)
SOME = "fromEndpoints: [{matchLabels: {app: web}}, {matchLabels: {app: api}}]"


@pytest.mark.parametrize(
    ("rule", "edges", "expected"),
    [
        (
            SOME,
            [FROM_WEB],
            {"fromEndpoints": [labels("web")], "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}]},
        ),
        (
            f"{SOME}, {TO_PORTS}",
            [FROM_WEB],
            {"fromEndpoints": [labels("web")], "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}]},
        ),
        (
            "fromCIDRSet: [{cidr: 198.51.100.0/24}, {cidr: 203.0.113.0/24}], toPorts: [{ports: [{port: '5432'}]}]",
            [edge(outside("203.0.113.1"), pod("db"))],
            {
                "fromCIDRSet": [{"cidr": "203.0.113.0/24"}],
                "toPorts": [{"ports": [{"port": "5432", "protocol": "TCP"}]}],
            },
        ),
        (
            "fromEntities: [world, cluster], toPorts: [{ports: [{port: sql, protocol: TCP}]}]",
            [edge(outside("203.0.113.1"), pod("db"))],
            {"fromEntities": ["world"], "toPorts": [{"ports": [{"port": "sql", "protocol": "TCP"}]}]},
        ),
    ],
)
def test_rules_of_cilium_keep_the_peers_and_ports_that_were_used(
    rule: str, edges: list[FlowEdge], expected: dict[str, object]
) -> None:
    assert shorter(CILIUM.format(rule=rule), *edges) == expected


SERVICE = """
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


def test_a_rule_about_services_says_no_ports() -> None:
    rule = "toServices: [{k8sService: {serviceName: web}}]"
    text = CILIUM.format(rule=rule).replace("ingress:", "egress:")
    found = review(text + SERVICE, edge(pod("db"), pod("web"), 80))
    assert (found.items, found.rules.total) == ((), 1)


def test_a_rule_of_several_specifications_is_found_by_its_path() -> None:
    text = CILIUM.format(rule=SOME).replace("spec:\n  endpointSelector", "specs:\n- endpointSelector")
    found = review(text, FROM_WEB)
    item = only(found)
    assert (item.path, item.kind) == ("specs[0].ingress[0]", ItemKind.RULE_WIDER)
    assert found.proof.kept == found.proof.accepted == 1


def test_the_evidence_tells_both_ways_of_writing_it() -> None:
    item = only(review(CLUSTER.format(rule=f"{BOTH}, protocols: [{RANGE}]"), FROM_WEB))
    assert item.evidence[0].startswith('from as written: [{"pods"')
    assert item.evidence[1].endswith('used: [{"tcp":{"destinationPort":{"number":5432}}}]')
    assert item.evidence[2].startswith("1 connection, the last at")
    assert item.proposal == "write the narrower rule instead"


def test_whether_a_rule_is_wider_is_not_known_while_records_are_too_short() -> None:
    late = edge(pod("web"), pod("db"), first=FROM_WEB.last - 2 * DAY)
    found = review(CLUSTER.format(rule=BOTH), late)
    assert found.items == ()
    (told,) = found.undecided
    assert (told.kind, told.message) == (ItemKind.RULE_WIDER, "whether it is wider than its use is not known")


def test_policies_that_stand_in_one_place_are_told_apart_by_name() -> None:
    snapshot = snapshot_of(PODS + CLUSTER.format(rule=BOTH))
    (found,) = snapshot.policy_objects
    assert object_of([found], found) is found
    assert object_of([found, found], found) is None
    assert object_of([], found) is None


MESH = """
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {{name: db, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {app}}}}}
  action: {action}
  rules: [{rules}]
"""
PORT_USED = "{to: [{operation: {ports: ['5432']}}]}"
PORT_UNUSED = "{to: [{operation: {ports: ['9999']}}]}"


def mesh(rules: str, app: str = "db", action: str = "ALLOW") -> str:
    return MESH.format(app=app, rules=rules, action=action)


def test_rules_of_a_mesh_that_allow_and_that_nothing_used_are_told() -> None:
    found = review(mesh(f"{PORT_USED}, {PORT_UNUSED}"), FROM_WEB)
    assert kinds(found) == [(ItemKind.RULE_UNUSED, "spec.rules[1]")]
    assert "without one that allows, all is allowed" in only(found).proposal
    assert (found.rules.used, found.rules.unused, found.notes) == (1, 1, ())


def test_what_a_rule_of_a_mesh_asks_of_requests_leaves_its_use_open() -> None:
    found = review(mesh("{to: [{operation: {paths: ['/x']}}]}"), FROM_WEB)
    assert (found.rules.possibly, found.items) == (1, ())
    assert review(mesh(PORT_USED), edge(pod("web"), pod("db"), protocol="UDP")).rules.unused == 1


TWO_ADDRESSES = PODS.replace("status: {podIP: 10.1.0.9}", "status: {podIPs: [{ip: 10.1.0.9}, {ip: 'fd00::9'}]}")


def test_in_a_mesh_of_which_not_all_is_known_a_rule_is_used_possibly() -> None:
    text = mesh("{from: [{source: {ipBlocks: [10.1.0.0/16]}}]}", app="web")
    found = reviewed(Network(snapshot_of(TWO_ADDRESSES + text)), edge(pod("db"), pod("web")))
    assert (found.rules.used, found.rules.possibly) == (0, 1)


@pytest.mark.parametrize("text", [mesh(PORT_USED, action="DENY"), mesh("{from: [{source: {what: [x]}}]}")])
def test_policies_of_a_mesh_that_deny_or_are_not_understood_are_only_counted(text: str) -> None:
    found = review(text, FROM_WEB)
    assert found.rules.total == 0 or found.rules.possibly
    assert review(mesh(PORT_USED, app="none"), FROM_WEB).items == ()
    assert review(policy("{podSelector: {}}")).notes == ()
