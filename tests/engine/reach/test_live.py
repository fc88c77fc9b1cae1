"""A network that follows a changing cluster: what is compiled anew, what is not, and what it then answers."""

from __future__ import annotations

from itertools import combinations, product
from unittest.mock import patch

import msgspec
import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach import live as module
from firedoor.engine.reach import unseen as unseen_module
from firedoor.engine.reach.cni import PROFILES, SPEC, CniProfile
from firedoor.engine.reach.live import LiveNetwork, Update
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.succession import Anew
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Snapshot
from firedoor.model.verdicts import Verdict
from firedoor.model.workloads import Pod

OUTSIDE = ("10.0.0.1", "8.8.8.8", "2001:db8::1")

SHOP = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: ops, labels: {team: b}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, spec: {containers: [{name: c}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: probe, namespace: ops, labels: {app: probe}}, spec: {}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: ops}, spec: {hostNetwork: true, nodeName: n1}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchExpressions: [{key: app, operator: In, values: [web, front]}]}
  ingress: [{from: [{namespaceSelector: {matchLabels: {team: b}}}], ports: [{port: http}]}]
"""

CLUSTER_POLICY = """
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: no-probes}
spec:
  tier: Admin
  priority: 1
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}
  ingress: [{action: Deny, from: [{namespaces: {matchLabels: {team: b}}}]}]
"""

CALICO = """
---
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: c, namespace: shop}
spec: {selector: app == 'db', ingress: [{action: Allow}]}
"""

MESH = """
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: p, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""

DEPLOYMENT = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: front}}
  template: {metadata: {labels: {app: front}}, spec: {containers: [{name: c}]}}
"""


def policy_of(name: str, spec: str, namespace: str = "shop") -> NetworkPolicy:
    text = (
        f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: {namespace}}}, "
    )
    return snapshot_of(f"{text} spec: {spec}}}").network_policies[0]


def pod_of(
    name: str, labels: str = "{}", namespace: str = "shop", spec: str = "containers: [{name: c}]", meta: str = ""
) -> Pod:
    text = f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, labels: {labels}{meta}}}, "
    return snapshot_of(f"{text} spec: {{{spec}}}}}").pods[0]


def agrees(live: LiveNetwork, cni: CniProfile = SPEC) -> bool:
    fresh, network = Network(live.snapshot, cni), live.network
    inside = range(len(fresh.members))
    pairs: list[tuple[int | str, int | str]] = [*product(inside, inside), *product(inside, OUTSIDE)]
    pairs += [(second, first) for first, second in product(inside, OUTSIDE)]
    return list(network.members) == list(fresh.members) and all(
        [network.axis.traffic(mask) for mask in live.value(*pair)]
        == [fresh.axis.traffic(mask) for mask in fresh.value(*pair)]
        for pair in pairs
    )


def asked(live: LiveNetwork, source: str, destination: str, port: int) -> Verdict:
    ends = [live.position(*each.split("/")) for each in (source, destination)]
    assert ends[0] is not None
    assert ends[1] is not None
    return live.verdict(ends[0], ends[1], "TCP", port)


def changed(live: LiveNetwork, update: Update, direction: Direction) -> set[tuple[str, tuple[tuple[str, int], ...]]]:
    profiles = [live.network.profiles[each.profile] for each in update.changes[direction]]
    return {(profile.namespace, profile.labels) for profile in profiles}


def test_a_policy_that_names_nothing_new_changes_the_pods_that_it_selects() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert asked(live, "ops/probe", "shop/db", 5432) is Verdict.DENIED
    update = live.set_policy(policy_of("more", "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]}"))
    assert update.is_incremental
    assert asked(live, "ops/probe", "shop/db", 5432) is Verdict.ACCEPTED
    assert {namespace for namespace, _ in changed(live, update, Direction.INGRESS)} == {"shop"}
    assert not update.changes[Direction.EGRESS]
    assert agrees(live)


def test_a_change_tells_the_row_before_and_the_row_after() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    probe = live.position("ops", "probe")
    update = live.set_policy(policy_of("db", "{podSelector: {matchLabels: {app: db}}, ingress: [{}]}"))
    matrix = live.network.matrix[Direction.INGRESS]
    (change,) = update.changes[Direction.INGRESS]
    column = live.network.column(probe or 0)
    rows = [matrix.table.values[int(matrix.judged(each)[column])] for each in (change.before, change.after)]
    assert rows == [(0, 0), live.network.everything]
    assert len(update.changes[Direction.EGRESS]) == 1
    assert agrees(live)


def test_a_policy_that_comes_and_goes_leaves_nothing_behind() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    matrices = live.network.matrix
    policies = live.snapshot.network_policies
    before = [len(matrices[direction].programs) for direction in Direction]
    for _ in range(3):
        for policy in policies:
            assert live.remove_policy(policy.ref).is_incremental
            assert agrees(live)
        for policy in policies:
            assert live.set_policy(policy).is_incremental
            assert agrees(live)
    assert [len(matrices[direction].programs) for direction in Direction] == before


def test_all_pairs_follow() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    matrix = live.network.matrix[Direction.INGRESS]
    before = matrix.pairs
    assert live.set_policy(live.snapshot.network_policies[0]).changes[Direction.INGRESS] == ()
    assert matrix.pairs is before
    live.remove_policy(ObjectRef("NetworkPolicy", "shop", "db"))
    for program in set(matrix.program_of.tolist()):
        assert matrix.pairs.row(program).tolist() == matrix.row(program).tolist()


def test_what_is_not_there_is_removed_without_a_change() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert live.remove_policy(ObjectRef("NetworkPolicy", "shop", "nothing")) == Update()
    assert live.remove_pod("shop", "nothing") == Update()
    assert live.position("shop", "nothing") is None


@pytest.mark.parametrize(
    "spec",
    [
        "{podSelector: {matchLabels: {tier: x}}}",
        "{podSelector: {matchLabels: {app: other}}}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {app: web}}}]}]}",
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 8.0.0.0/8}}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: 5433}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: 5432, endPort: 5440}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: metrics}]}]}",
    ],
)
def test_a_policy_that_names_something_new_is_compiled_with_all_others(spec: str) -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert live.set_policy(policy_of("new", spec)).anew is Anew.VOCABULARY
    assert agrees(live)
    assert live.set_policy(policy_of("again", spec)).is_incremental
    assert agrees(live)


def test_a_policy_or_pod_of_a_new_namespace_is_compiled_with_all_others() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert live.set_policy(policy_of("db", "{podSelector: {}}", "new")).anew is Anew.NAMESPACE
    assert live.set_pod(pod_of("p", namespace="newer")).anew is Anew.NAMESPACE
    assert agrees(live)


def test_where_nothing_is_enforced_no_policy_changes_anything() -> None:
    cni = next(each for each in PROFILES.values() if not each.enforced)
    live = LiveNetwork(snapshot_of(SHOP), cni)
    assert live.set_policy(policy_of("new", "{podSelector: {matchLabels: {tier: x}}}")) == Update()
    assert live.remove_policy(ObjectRef("NetworkPolicy", "shop", "db")) == Update()
    assert [each.metadata.name for each in live.snapshot.network_policies] == ["web", "new"]
    assert agrees(live, cni)


def test_the_policies_of_calico_take_in_those_of_kubernetes() -> None:
    live = LiveNetwork(snapshot_of(SHOP + CALICO))
    assert live.set_policy(policy_of("more", "{podSelector: {}}")).anew is Anew.OTHER_APIS
    assert live.remove_policy(ObjectRef("NetworkPolicy", "shop", "db")).anew is Anew.OTHER_APIS
    assert live.set_pod(pod_of("web-2", "{app: web}")).anew is Anew.OTHER_APIS
    assert agrees(live)


def test_a_mesh_looks_at_pods_and_not_at_network_policies() -> None:
    live = LiveNetwork(snapshot_of(SHOP + MESH))
    assert live.remove_policy(ObjectRef("NetworkPolicy", "shop", "db")).is_incremental
    assert agrees(live)
    assert live.set_pod(pod_of("web-2", "{app: web}")).anew is Anew.OTHER_APIS
    assert agrees(live)


def test_what_former_policies_leave_over_is_cleared_in_time() -> None:
    numbers = [f"'{number}'" for number in range(8)]
    every = f"{{podSelector: {{matchExpressions: [{{key: number, operator: In, values: [{', '.join(numbers)}]}}]}}}}"
    snapshot = snapshot_of(SHOP)
    pods = (*snapshot.pods, *(pod_of(f"p{number}", f"{{number: {text}}}") for number, text in enumerate(numbers)))
    policies = (*snapshot.network_policies, policy_of("numbers", every))
    with patch.object(unseen_module, "SPARE_SETS", 0):
        live = LiveNetwork(msgspec.structs.replace(snapshot, pods=pods, network_policies=policies))
        reasons = []
        for values in combinations(numbers, 2):
            peer = (
                f"{{podSelector: {{matchExpressions: [{{key: number, operator: In, values: [{', '.join(values)}]}}]}}}}"
            )
            reasons.append(
                live.set_policy(policy_of("p", f"{{podSelector: {{}}, ingress: [{{from: [{peer}]}}]}}")).anew
            )
    assert set(reasons) == {None, Anew.LEFT_OVER}
    assert reasons.count(None) > reasons.count(Anew.LEFT_OVER)
    assert agrees(live)


def test_a_replica_joins_and_leaves_its_profile() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert live.set_pod(pod_of("db-2", "{app: db}")) == Update()
    assert not live.network.unseen
    assert asked(live, "shop/web", "shop/db-2", 5432) is Verdict.ACCEPTED
    assert agrees(live)
    assert live.remove_pod("shop", "db-2") == Update()
    assert live.position("shop", "db-2") is None
    assert agrees(live)


def test_a_pod_is_relabelled_to_another_profile() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert live.set_pod(pod_of("db", "{app: none-of-these}")) == Update()
    assert len(live.network.unseen) == 1
    assert asked(live, "ops/probe", "shop/db", 5432) is Verdict.ACCEPTED
    assert agrees(live)
    assert live.set_pod(pod_of("db", "{app: db}")) == Update()
    assert not live.network.unseen
    assert asked(live, "ops/probe", "shop/db", 5432) is Verdict.DENIED
    assert agrees(live)


@pytest.mark.parametrize("more", ["", CLUSTER_POLICY])
def test_pods_unlike_all_others_are_judged_as_if_they_had_been_there(more: str) -> None:
    live = LiveNetwork(snapshot_of(SHOP + more))
    for pod in (
        pod_of("front", "{app: front}"),
        pod_of("front-2", "{app: front}"),
        pod_of("db", "{app: db}", namespace="ops"),
        pod_of(
            "host",
            spec="hostNetwork: true, nodeName: n2, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]",
        ),
    ):
        assert live.set_pod(pod) == Update()
        assert agrees(live)
    assert len(live.network.unseen) == 3
    assert live.set_pod(pod_of("front", "{app: web}")) == Update()
    assert live.remove_pod("shop", "front-2") == Update()
    assert len(live.network.unseen) == 3
    assert agrees(live)


def test_a_policy_may_change_what_is_said_of_unseen_pods() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    live.set_pod(pod_of("front", "{app: front}"))
    number = live.network.profile_of[live.position("shop", "front") or 0]
    assert agrees(live)
    update = live.set_policy(policy_of("all", "{podSelector: {}, ingress: [{ports: [{port: 5432}]}]}"))
    assert update.unseen == (number,)
    assert agrees(live)
    update = live.set_policy(policy_of("all", "{podSelector: {}}", "ops"))
    assert update.unseen == ()
    assert agrees(live)
    assert live.remove_policy(ObjectRef("NetworkPolicy", "shop", "all")).is_incremental
    assert agrees(live)


def test_an_unseen_pod_in_a_namespace_without_policies() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    live.set_pod(pod_of("front", "{app: front}", "ops"))
    assert live.network.unseen
    assert asked(live, "shop/web", "ops/front", 1) is Verdict.ACCEPTED
    assert agrees(live)


def test_a_new_port_for_a_name_that_policies_use_is_compiled_with_all_else() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    ports = "containers: [{name: c, ports: [{name: http, containerPort: %d}, {name: other, containerPort: 1}]}]"
    assert live.set_pod(pod_of("web-2", "{app: web}", spec=ports % 9090)).anew is Anew.PORTS
    assert asked(live, "ops/probe", "shop/web-2", 9090) is Verdict.ACCEPTED
    assert agrees(live)
    assert live.set_pod(pod_of("web-3", "{app: web}", spec=ports % 9090)).is_incremental
    assert agrees(live)


def test_many_unseen_profiles_are_compiled_with_all_else() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    with patch.object(module, "MOST_UNSEEN", 1):
        assert live.set_pod(pod_of("front", "{app: front}")).is_incremental
        assert live.set_pod(pod_of("front", "{app: front}", "ops")).anew is Anew.UNSEEN
    assert not live.network.unseen
    assert agrees(live)


def test_the_pods_that_a_workload_would_make_give_way_to_its_live_ones() -> None:
    live = LiveNetwork(snapshot_of(SHOP + DEPLOYMENT))
    owner = ", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, controller: true, uid: u}]"
    pods = [pod_of(f"api-{number}", "{app: front}", meta=owner) for number in (2, 1)]
    for pod in pods:
        assert live.set_pod(pod) == Update()
        assert agrees(live)
    for pod in pods:
        assert live.remove_pod("shop", pod.metadata.name) == Update()
        assert agrees(live)
    assert [each.name for each in live.network.members if each.is_template] == ["api"]


def test_a_pod_moves_from_one_workload_to_another() -> None:
    live = LiveNetwork(snapshot_of(SHOP + DEPLOYMENT))
    owner = ", ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: api, controller: true, uid: u}]"
    assert live.set_pod(pod_of("web", "{app: front}", meta=owner)) == Update()
    assert agrees(live)
    assert live.set_pod(pod_of("web", "{app: web}")) == Update()
    assert agrees(live)


def test_a_pod_that_has_ended_takes_no_part() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    pod = pod_of("db", "{app: db}")
    ended = msgspec.structs.replace(pod, status=msgspec.structs.replace(pod.status, phase="Succeeded"))
    assert live.set_pod(ended) == Update()
    assert live.position("shop", "db") is None
    assert agrees(live)


def test_families_follow_the_addresses_of_pods() -> None:
    live = LiveNetwork(snapshot_of(SHOP))
    assert len(live.network.families) == 1
    pod = pod_of("db", "{app: db}")
    live.set_pod(msgspec.structs.replace(pod, status=msgspec.structs.replace(pod.status, pod_ip="fd00::1")))
    assert live.network.families == Network(live.snapshot).families
    assert len(live.network.families) == 2


def test_an_empty_cluster_can_grow() -> None:
    live = LiveNetwork(Snapshot())
    assert live.set_pod(pod_of("db", "{app: db}")).anew is Anew.NAMESPACE
    assert live.set_pod(pod_of("db-2", "{app: db}")) == Update()
    assert live.set_policy(policy_of("all", "{podSelector: {}}")).is_incremental
    assert asked(live, "shop/db", "shop/db-2", 1) is Verdict.DENIED
    assert agrees(live)
