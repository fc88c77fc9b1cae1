from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.reach.inventory import inventory
from firedoor.engine.reach.network import Network

CLUSTER = """
apiVersion: v1
kind: Node
metadata: {name: node-1}
spec: {podCIDRs: [10.1.0.0/24, 10.2.0.0/24, 10.3.0.0/24, 10.4.0.0/24, 10.5.0.0/24]}
status: {addresses: [{type: InternalIP, address: 192.0.2.7}], nodeInfo: {kubeletVersion: v1.33.1}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, annotations: {k8s.v1.cni.cncf.io/networks: "storage, backup"}}
spec: {nodeName: node-1, containers: [{name: a, image: a}]}
status: {phase: Running, podIP: 10.1.0.9}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, annotations: {k8s.v1.cni.cncf.io/networks: '[{"name": "storage"}]'}}
spec: {nodeName: other, containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: infra}
spec: {hostNetwork: true, containers: [{name: a, image: a}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}}
"""


def test_everything_that_takes_part_is_counted_once() -> None:
    found = inventory(Network(snapshot_of(CLUSTER)))
    assert [(row.name, row.state, row.network, row.ingress, row.egress) for row in found.pods] == [
        ("agent", "declared", "host", "host", "host"),
        ("db", "declared", "pod", "isolated", "open"),
        ("web", "Running", "pod", "isolated", "open"),
    ]
    assert [(row.name, row.kubelet, row.pods) for row in found.nodes] == [("node-1", "v1.33.1", 1), ("other", "", 1)]
    assert [(row.name, row.pods) for row in found.networks] == [
        ("pod network", 2),
        ("node network", 1),
        ("shop/backup", 1),
        ("shop/storage", 2),
    ]
    assert found.networks[0].detail.endswith("10.4.0.0/24 and 1 more")
    assert (found.total.pods, found.total.ingress_only, found.total.none, found.total.host) == (3, 2, 0, 1)
