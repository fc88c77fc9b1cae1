from __future__ import annotations

from tests.engine.review.shop import edge, network, only, outside, pod, policy, reviewed

from firedoor.engine.review.ends import ANYBODY, Ends
from firedoor.engine.review.observed import Observed
from firedoor.engine.review.proposing import Proposals, proved
from firedoor.model.flows import FlowPeer, PeerKind
from firedoor.model.networkpolicy import Direction, IngressRule, NetworkPolicyPort

DB = "podSelector: {matchLabels: {app: db}}"


def replica(workload: str, name: str, labels: str) -> str:
    """Return a pod of a Job."""
    owner = f"{{apiVersion: batch/v1, kind: Job, name: {workload}, controller: true, uid: u}}"
    metadata = f"{{name: {name}, namespace: shop, labels: {{{labels}}}, ownerReferences: [{owner}]}}"
    return f"{{apiVersion: v1, kind: Pod, metadata: {metadata}, spec: {{containers: [{{name: c, image: c}}]}}}}\n---\n"


def test_a_node_is_its_addresses_and_the_pods_on_its_network() -> None:
    found = Ends(network()).of(FlowPeer(PeerKind.NODE, name="node-1"))
    assert found.like[0] == "10.0.0.1"
    assert isinstance(found.like[1], int)
    assert len(found.columns) == 2
    assert Ends(network()).of(FlowPeer(PeerKind.UNATTRIBUTED)).columns == (ANYBODY,)


def test_a_workload_is_told_by_the_labels_that_all_its_pods_have() -> None:
    pods = replica("job", "one", "job: mixed, side: a") + replica("job", "two", "job: mixed, side: b")
    rule = policy(f"{{{DB}, ingress: [{{ports: [{{port: 5432}}]}}]}}")
    found = only(reviewed(network(pods, rule), edge(pod("job", owner="Job"), pod("db"))))
    assert found.manifest is not None
    assert found.manifest["from"] == [{"podSelector": {"matchLabels": {"job": "mixed"}}}]


def test_a_peer_that_many_workloads_used_stays_as_it_is() -> None:
    names = [f"job-{number}" for number in range(11)]
    pods = "".join(replica(name, name, f"job: {name}") for name in names)
    rule = policy(f"{{{DB}, ingress: [{{ports: [{{port: 5432}}]}}]}}")
    seen = [edge(pod(name, owner="Job"), pod("db")) for name in names]
    assert not reviewed(network(pods, rule), *seen).items
    assert reviewed(network(pods, rule), *seen[:10]).items


def test_a_policy_that_loses_its_last_rule_isolates_as_before() -> None:
    judged = network(policy(f"{{{DB}, egress: [{{ports: [{{port: 1}}]}}], ingress: [{{}}, {{ports: [{{port: 2}}]}}]}}"))
    (written,) = judged.policies
    narrower = IngressRule(ports=(NetworkPolicyPort("TCP", 7),))
    proposals = Proposals(
        {
            (id(written), Direction.EGRESS, 0): None,
            (id(written), Direction.INGRESS, 0): None,
            (id(written), Direction.INGRESS, 1): narrower,
        }
    )
    (after,) = proposals.applied(judged.snapshot).network_policies
    assert all(after.isolates(each) for each in Direction)
    assert (after.spec.egress, after.spec.ingress) == ((), (narrower,))


def test_the_proof_counts_what_a_wrong_proposal_would_break() -> None:
    judged = network(policy(f"{{{DB}, ingress: [{{ports: [{{port: 5432}}]}}]}}"))
    observed = Observed(
        judged,
        [
            edge(pod("web"), pod("db")),
            edge(pod("web"), pod("db"), 1),
            edge(outside("8.8.8.8"), outside("8.8.4.4")),
            edge(FlowPeer(PeerKind.NODE, name="unread", address="10.7.7.7"), pod("db")),
        ],
    )
    (written,) = judged.policies
    found = proved(observed, Proposals({(id(written), Direction.INGRESS, 0): None}))
    assert (found.connections, found.accepted, found.kept) == (2, 1, 0)
