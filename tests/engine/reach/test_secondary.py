"""Secondary networks in the engine: who is on one, and what the policies for it say."""

from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.connectivity import ConnectionLister, workload_ends
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.secondary import BY_ADDRESS, networks, on_network
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

PODS = """
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: {app: web}
  annotations:
    k8s.v1.cni.cncf.io/networks: storage, storage, backup
    k8s.v1.cni.cncf.io/network-status: >-
      [{"name": "cbr0", "ips": ["10.0.0.1"], "default": true}, {"name": "shop/storage", "ips": ["10.9.0.1"]},
       {"name": "shop/storage", "ips": ["10.9.0.2", "10.9.0.1"]}]
spec: {nodeName: n1, containers: []}
status: {podIP: 10.0.0.1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}, annotations: {k8s.v1.cni.cncf.io/networks: '[{"name": "storage"}]'}}
    spec: {containers: [{name: a, image: a, ports: [{name: sql, containerPort: 5432}]}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: plain, namespace: shop}, spec: {containers: []}}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: shop, annotations: {k8s.v1.cni.cncf.io/networks: storage}}
spec: {hostNetwork: true, containers: []}
---
apiVersion: v1
kind: Pod
metadata: {name: odd, namespace: shop, annotations: {k8s.v1.cni.cncf.io/networks: 'STORAGE, other/storage'}}
spec: {containers: []}
---
{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: unknown, namespace: shop}, spec: {}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop},
 spec: {podSelector: {}}}
"""
ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN


def policy(spec: str, networks: str = "storage", name: str = "guard") -> str:
    annotations = f"{{k8s.v1.cni.cncf.io/policy-for: '{networks}'}}"
    kind = "apiVersion: k8s.cni.cncf.io/v1beta1, kind: MultiNetworkPolicy"
    return (
        f"---\n{{{kind}, metadata: {{name: {name}, namespace: shop, annotations: {annotations}}}, spec: {{{spec}}}}}\n"
    )


def network(*texts: str, name: str = "shop/storage", cni: str = "spec") -> Network:
    return Network(snapshot_of(PODS + "".join(texts)), PROFILES[cni], network=name)


def asked(found: Network, src: str, dst: str, port: int = 80) -> Verdict:
    names = {member.workload.name: position for position, member in enumerate(found.members)}
    ends = names.get(src, src), names.get(dst, dst)
    verdict = found.verdict(*ends, "TCP", port)
    halves = [explain_direction(found, direction, *ends, "TCP", port) for direction in Direction]
    assert all(half.because for half in halves)
    assert max((half.verdict for half in halves), key=[ACCEPTED, UNKNOWN, DENIED].index) is verdict
    return verdict


def test_the_networks_of_pods_are_counted_once_per_pod() -> None:
    found = networks(snapshot_of(PODS))
    assert dict(found) == {"shop/storage": 2, "shop/backup": 1, "other/storage": 1}


def test_only_what_is_attached_takes_part_with_its_addresses_there() -> None:
    found = network()
    assert [(member.workload.name, member.addresses, member.node) for member in found.members] == [
        ("db", (), ""),
        ("web", ("10.9.0.1", "10.9.0.2"), ""),
    ]
    assert (found.policies, found.snapshot.nodes, found.snapshot.policy_objects) == ((), (), ())
    assert found.cni is BY_ADDRESS
    assert asked(found, "web", "db") is ACCEPTED


def test_gaps_of_the_cluster_network_do_not_count_and_unreadable_names_are_gaps() -> None:
    found = on_network(snapshot_of(PODS), "shop/storage").snapshot.gaps
    (unreadable,) = [gap for gap in found if "STORAGE" in gap.reason]
    assert unreadable.reason.startswith("shop/odd: metadata.annotations[k8s.v1.cni.cncf.io/networks]")
    assert unreadable.reason.endswith("the pod is not taken to be on that network")
    assert not [gap for gap in found if gap.scope is not None]


def test_policies_mean_what_network_policies_do_whatever_the_plugin_of_the_cluster_does() -> None:
    by_port = "podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], "
    found = network(policy(by_port + "ports: [{port: sql}]}]"), cni="flannel")
    assert [asked(found, "web", "db", port) for port in (5432, 80)] == [ACCEPTED, DENIED]
    assert asked(found, "192.168.0.1", "db") is DENIED
    assert asked(found, "db", "web") is ACCEPTED
    assert len(list(ConnectionLister(found, workload_ends(found)).connections())) > 1


def test_a_policy_for_another_network_does_not_count() -> None:
    closed = policy("podSelector: {}", "backup")
    assert asked(network(closed), "web", "db") is ACCEPTED
    assert asked(network(closed, name="shop/backup"), "203.0.113.9", "web") is DENIED


def test_blocks_match_pods_by_their_addresses_on_the_network() -> None:
    found = network(policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.9.0.0/24}}]}]"))
    assert asked(found, "web", "db") is ACCEPTED
    assert asked(found, "db", "web") is UNKNOWN
    assert asked(found, "203.0.113.9", "db") is DENIED
    primary = network(policy("podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/24}}]}]"))
    assert asked(primary, "web", "db") is DENIED


def test_a_rule_that_is_not_understood_may_match() -> None:
    found = network(policy("podSelector: {}, ingress: [{from: [{podSelector: {}, when: now}]}]"))
    assert asked(found, "web", "db") is UNKNOWN
    sure = policy("podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}]}]", name="sure")
    assert asked(network(policy("podSelector: {}, ingress: [{when: now}]"), sure), "web", "db") is ACCEPTED


def test_a_policy_that_is_not_understood_may_select_any_pod_of_its_namespace() -> None:
    found = network(policy("podSelector: {matchLabels: {app: none}}, policyTypes: [ingress]"))
    assert (asked(found, "web", "db"), asked(found, "db", "web")) == (UNKNOWN, UNKNOWN)


def test_without_the_option_multi_network_policies_do_not_count() -> None:
    cluster = Network(snapshot_of(PODS.replace("kind: NetworkPolicy", "kind: Thing") + policy("podSelector: {}")))
    assert cluster.network == ""
    assert {member.workload.name for member in cluster.members} == {"agent", "db", "odd", "plain", "web"}
    assert asked(cluster, "web", "db") is ACCEPTED
