"""Reported connections, judged by the network: as it says of every pair of ends, and nothing that is not sure."""

from __future__ import annotations

from itertools import product

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.review import flow_judging
from firedoor.engine.review.flow_judging import FlowJudge
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

BOTH = tuple(Direction)
NODE = """
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
"""


def pod(name: str, address: str, app: str, *, host: bool = False, tier: str = "a") -> str:
    return f"""
---
apiVersion: v1
kind: Pod
metadata:
  name: {name}
  namespace: shop
  labels: {{app: {app}, tier: {tier}}}
  ownerReferences: [{{apiVersion: apps/v1, kind: Deployment, name: {app}, uid: u, controller: true}}]
spec: {{nodeName: n1, hostNetwork: {str(host).lower()}, containers: [{{name: a, image: "a:1"}}]}}
status: {{phase: Running, podIP: {address}, podIPs: [{{ip: {address}}}]}}
"""


POLICY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web, tier: a}}}], ports: [{port: 80}]}]
"""
PODS = pod("web-1", "10.0.0.1", "web") + pod("db-1", "10.0.0.2", "db") + pod("db-2", "10.0.0.3", "db")
AGENT = pod("agent-1", "192.168.0.1", "agent", host=True)
CILIUM = """
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
    - fromEndpoints: [{matchLabels: {app: web}}]
      toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET}]}}]
"""
NAMED = """
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: web}}
  egress: [{toFQDNs: [{matchName: api.example}]}]
"""


def judge(text: str) -> FlowJudge:
    return FlowJudge(
        Network(snapshot_of("---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n" + text), SPEC)
    )


def workload(name: str) -> FlowPeer:
    return FlowPeer(PeerKind.WORKLOAD, "shop", "Deployment", name)


def edge(source: FlowPeer, destination: FlowPeer, port: int = 80, protocol: str = "TCP") -> FlowEdge:
    return FlowEdge(source, destination, protocol, port, FlowVerdict.DENIED, 1, 1, 1)


WEB, DB, AGENTS = workload("web"), workload("db"), workload("agent")
OUTSIDE = FlowPeer(PeerKind.EXTERNAL, address="1.2.3.4")
NOBODY = FlowPeer(PeerKind.UNATTRIBUTED, address="10.9.9.9")


def test_verdicts_are_those_of_every_pair_of_pods_and_addresses() -> None:
    judged = judge(NODE + PODS + POLICY)
    network = judged.network
    names = {WEB: ["web-1"], DB: ["db-1", "db-2"], OUTSIDE: [], workload("gone"): []}
    positions = {each.name: number for number, each in enumerate(network.members)}
    for (one, sources), (other, destinations), port in product(names.items(), names.items(), (80, 81)):
        ends: list[list[int | str]] = [
            [positions[each] for each in found] or ["1.2.3.4"] for found in (sources, destinations)
        ]
        pairs = [(a, b) for a, b in product(*ends) if a != b or isinstance(a, str)]
        expected = {network.verdict(a, b, "TCP", port) for a, b in pairs} or {Verdict.ACCEPTED}
        known = workload("gone") not in {one, other}
        assert judged.verdict(edge(one, other, port), BOTH) is (expected.pop() if known else Verdict.UNKNOWN)


def test_a_direction_is_judged_alone_and_a_verdict_is_kept() -> None:
    judged = judge(PODS + POLICY)
    for _ in range(2):
        assert judged.verdict(edge(WEB, DB, 81), (Direction.EGRESS,)) is Verdict.ACCEPTED
        assert judged.verdict(edge(WEB, DB, 81), (Direction.INGRESS,)) is Verdict.DENIED
        assert judged.verdict(edge(WEB, DB, 81), BOTH) is Verdict.DENIED


def test_no_more_than_some_verdicts_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_judging, "_MOST", 2)
    judged = judge(PODS + POLICY)
    found = [judged.verdict(edge(WEB, DB, port), BOTH) for port in (80, 81, 82, 80)]
    assert found == [Verdict.ACCEPTED, Verdict.DENIED, Verdict.DENIED, Verdict.ACCEPTED]
    assert len(judged._found) <= 2


def test_it_is_not_known_where_pods_of_an_end_differ() -> None:
    judged = judge(PODS + pod("web-2", "10.0.0.4", "web", tier="b") + POLICY)
    assert judged.verdict(edge(WEB, DB), BOTH) is Verdict.UNKNOWN
    assert judged.verdict(edge(WEB, DB, 81), BOTH) is Verdict.DENIED
    why = judged.why(edge(WEB, DB))
    assert why is not None
    assert why.verdict is Verdict.DENIED


@pytest.mark.parametrize(
    ("source", "destination", "port", "protocol"),
    [
        (NOBODY, DB, 80, "TCP"),
        (WEB, DB, 0, "TCP"),
        (WEB, DB, 80, "ICMP"),
        (FlowPeer(PeerKind.NODE, name="n1"), DB, 80, "TCP"),
        (WEB, FlowPeer(PeerKind.NODE, name="n1"), 80, "TCP"),
        (AGENTS, DB, 80, "TCP"),
        (FlowPeer(PeerKind.EXTERNAL, address="192.168.0.1"), DB, 80, "TCP"),
    ],
)
def test_nothing_is_sure_of_nodes_and_of_ends_that_are_not_known(
    source: FlowPeer, destination: FlowPeer, port: int, protocol: str
) -> None:
    judged = judge(NODE + PODS + AGENT + POLICY)
    assert judged.verdict(edge(source, destination, port, protocol), BOTH) is Verdict.UNKNOWN


def test_requests_inside_of_a_connection_may_be_dropped_that_is_accepted() -> None:
    judged = judge(PODS + CILIUM)
    assert judged.verdict(edge(WEB, DB), BOTH) is Verdict.UNKNOWN
    assert judged.verdict(edge(WEB, DB), (Direction.EGRESS,)) is Verdict.ACCEPTED
    assert judged.verdict(edge(WEB, DB, 81), BOTH) is Verdict.DENIED


def test_an_address_may_be_that_of_a_name_which_policies_accept() -> None:
    judged = judge(PODS + NAMED)
    assert judged.verdict(edge(WEB, OUTSIDE), BOTH) is Verdict.UNKNOWN
    assert judged.verdict(edge(OUTSIDE, DB), BOTH) is Verdict.ACCEPTED


def test_the_reasons_name_the_policy_the_direction_and_the_place() -> None:
    judged = judge(PODS + POLICY)
    why = judged.why(edge(OUTSIDE, DB))
    assert why is not None
    assert why.verdict is Verdict.DENIED
    ((direction, reason),) = why.because
    assert (direction, reason.kind, reason.policy) == (Direction.INGRESS, "NetworkPolicy", "shop/db")
    assert reason.source
    assert judged.why(edge(NOBODY, DB)) is None


def test_replicas_are_apart_and_a_single_pod_reaches_itself() -> None:
    judged = judge(PODS + POLICY)
    assert judged.verdict(edge(DB, DB), BOTH) is Verdict.DENIED
    alone = judge(pod("db-1", "10.0.0.2", "db") + POLICY)
    assert alone.verdict(edge(DB, DB), BOTH) is Verdict.ACCEPTED
