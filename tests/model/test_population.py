from __future__ import annotations

from firedoor.model.population import MOST_ORDINALS, members
from tests.loading import snapshot_of

POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  labels: {app: web, pod-template-hash: abc}
  ownerReferences: [{apiVersion: v1, kind: %s, name: %s, controller: true, uid: u}]
spec: {containers: [{name: a, image: a}]}
"""
WORKLOAD = """
apiVersion: apps/v1
kind: %s
metadata: {name: %s, namespace: shop%s}
spec:
  selector: {matchLabels: {app: web}}
  serviceName: web
  %s
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: a}]}
"""


def owned_by(kind: str, name: str) -> str:
    return f", ownerReferences: [{{apiVersion: apps/v1, kind: {kind}, name: {name}, controller: true, uid: u}}]"


def workloads(text: str) -> list[str]:
    return [f"{each.workload.kind}/{each.workload.name}" for each in members(snapshot_of(text))]


def test_a_pod_belongs_to_the_topmost_owner_that_is_known() -> None:
    replica_set = WORKLOAD % ("ReplicaSet", "web-abc", owned_by("Deployment", "web"), "")
    assert workloads(POD % ("ReplicaSet", "web-abc")) == ["ReplicaSet/web-abc"]
    assert workloads(POD % ("ReplicaSet", "web-abc") + "---" + replica_set) == ["Deployment/web"]


def test_a_replica_set_that_is_not_listed_is_recognised_by_its_hash() -> None:
    deployment = WORKLOAD % ("Deployment", "web", "", "")
    assert workloads(POD % ("ReplicaSet", "web-abc") + "---" + deployment) == ["Deployment/web"]


def test_a_static_pod_is_owned_by_its_node_and_stands_for_itself() -> None:
    assert workloads(POD % ("Node", "node-1")) == ["Pod/web-1"]


def test_a_circle_of_owners_ends() -> None:
    first = WORKLOAD % ("ReplicaSet", "a", owned_by("ReplicaSet", "b"), "")
    second = WORKLOAD % ("ReplicaSet", "b", owned_by("ReplicaSet", "a"), "")
    assert workloads(POD % ("ReplicaSet", "a") + "---" + first + "---" + second) == ["ReplicaSet/a"]


def test_pods_of_a_stateful_set_are_told_apart_up_to_a_bound_which_is_a_gap() -> None:
    text = WORKLOAD % ("StatefulSet", "db", "", "replicas: 1000")
    snapshot = snapshot_of(text)
    found = members(snapshot)
    assert len(found) == MOST_ORDINALS
    assert found[0].labels["statefulset.kubernetes.io/pod-name"] == "db-0"
    assert [gap.path for gap in snapshot.gaps] == ["spec.replicas"]


def test_ordinals_begin_where_the_stateful_set_says() -> None:
    found = members(snapshot_of(WORKLOAD % ("StatefulSet", "db", "", "replicas: 2\n  ordinals: {start: 5}")))
    assert [each.name for each in found] == ["db-5", "db-6"]


def test_a_host_network_pod_has_the_address_of_its_node() -> None:
    text = """
    apiVersion: v1
    kind: Node
    metadata: {name: node-1}
    status: {addresses: [{type: InternalIP, address: 192.0.2.7}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: agent, namespace: shop}
    spec: {nodeName: node-1, hostNetwork: true, containers: [{name: a, image: a}]}
    """
    (found,) = members(snapshot_of(text))
    assert found.addresses == ("192.0.2.7",)


def test_a_finished_job_makes_no_more_pods() -> None:
    text = """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: once, namespace: shop}
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: a}]}}}
    status: {conditions: [{type: Complete, status: "%s"}]}
    """
    assert members(snapshot_of(text % "True")) == ()
    assert members(snapshot_of(text % "False"))[0].labels["job-name"] == "once"
