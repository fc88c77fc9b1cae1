from __future__ import annotations

import pytest
from tests.engine.review.shop import NOW, PODS, edge, kinds, network, only, outside, pod, policy, reviewed
from tests.loading import snapshot_of

from firedoor.engine.reach.network import Network
from firedoor.model.flows import FlowPeer, FlowVerdict, PeerKind
from firedoor.model.review import DAY, ItemKind, RuleCounts

TWO_RULES = policy(
    "{podSelector: {matchLabels: {app: db}}, ingress: ["
    "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]},"
    "{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: sql}]}]}"
)
UNUSED = ItemKind.RULE_UNUSED
SECOND = [(UNUSED, "spec.ingress[1]")]
BOTH = [(UNUSED, "spec.ingress[0]"), *SECOND]


def test_a_rule_that_no_connection_matched_is_unused() -> None:
    found = reviewed(network(TWO_RULES), edge(pod("web"), pod("db")))
    assert kinds(found) == SECOND
    assert found.rules == RuleCounts(used=1, unused=1)
    assert (found.proof.connections, found.proof.accepted, found.proof.kept) == (1, 1, 1)
    assert only(found).source.startswith("<text>") or ":" in only(found).source
    assert "isolates" in only(found).proposal


@pytest.mark.parametrize(
    "seen",
    [
        edge(pod("web"), pod("db"), 5433),
        edge(pod("web"), pod("db"), protocol="UDP"),
        edge(pod("web"), pod("api")),
        edge(pod("db"), pod("web")),
        edge(pod("web"), pod("db"), verdict=FlowVerdict.DENIED),
        edge(pod("web", owner=""), pod("db"), protocol="ICMP", port=0),
    ],
)
def test_what_did_not_go_through_or_went_elsewhere_uses_no_rule(seen: object) -> None:
    assert kinds(reviewed(network(TWO_RULES), seen)) == BOTH  # type: ignore[arg-type]


def test_what_a_policy_in_audit_mode_would_drop_went_through() -> None:
    seen = edge(pod("web", owner=""), pod("db"), verdict=FlowVerdict.AUDITED)
    assert kinds(reviewed(network(TWO_RULES), seen)) == SECOND


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (FlowPeer(PeerKind.UNATTRIBUTED, address="10.1.0.7"), "10.1.0.7 is not known here"),
        (FlowPeer(PeerKind.NODE, name="gone"), "gone is not known here"),
        (outside(""), "an end is not known here"),
        (pod("retired"), "retired is not known here"),
    ],
)
def test_an_unknown_end_makes_rules_possibly_used(source: FlowPeer, why: str) -> None:
    found = reviewed(network(TWO_RULES), edge(source, pod("db"), count=3))
    assert not found.items
    assert found.rules == RuleCounts(possibly=2)
    assert found.undecided[0].message == "possibly used"
    assert found.undecided[0].evidence[0].startswith("possibly 3 connections, the last at 2024-10-04")
    assert why in found.undecided[0].evidence


def test_an_unknown_destination_is_in_its_namespace_only() -> None:
    rules = policy("{podSelector: {}, ingress: [{ports: [{port: http}]}]}", "all", "monitoring")
    found = reviewed(network(TWO_RULES, rules), edge(pod("web"), pod("retired")), edge(pod("web"), pod("db"), count=2))
    assert found.rules == RuleCounts(used=1, unused=2)
    found = reviewed(network(TWO_RULES, rules), edge(pod("web"), pod("retired")))
    assert [(each.object.name, each.path) for each in found.undecided] == [("db", "spec.ingress[0]")]


def test_an_unknown_destination_may_declare_any_named_port() -> None:
    rules = policy("{podSelector: {matchLabels: {app: web}}, egress: [{ports: [{port: nobody-has-it}]}]}")
    found = reviewed(network(rules), edge(pod("web"), FlowPeer(PeerKind.UNATTRIBUTED, address="10.9.9.9"), 80))
    assert found.rules == RuleCounts(possibly=1)
    assert reviewed(network(rules), edge(pod("web"), pod("db"), 80)).rules == RuleCounts(unused=1)


def test_what_no_source_calls_allowed_is_possibly_a_use() -> None:
    found = reviewed(network(TWO_RULES), edge(pod("web"), pod("db"), verdict=FlowVerdict.OTHER))
    assert found.rules == RuleCounts(possibly=1, unused=1)
    assert len(found.undecided[0].evidence) == 1


def test_a_rule_for_all_ports_is_possibly_used_by_what_is_on_none() -> None:
    open_ = policy("{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}")
    found = reviewed(network(open_), edge(pod("web"), pod("db"), 0, protocol="ICMP"))
    assert found.rules == RuleCounts(possibly=1)


def test_nodes_are_known_by_name_and_by_address() -> None:
    rule = policy("{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/32}}]}]}")
    for source in (
        FlowPeer(PeerKind.NODE, name="node-1"),
        FlowPeer(PeerKind.NODE, name="unread", address="10.0.0.1"),
        outside("10.0.0.1"),
        pod("agent", "monitoring"),
    ):
        assert reviewed(network(rule), edge(source, pod("web"))).rules == RuleCounts(used=1), source


def test_an_address_that_a_pod_has_may_be_that_pod() -> None:
    rule = policy("{podSelector: {matchLabels: {app: web}}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]}")
    assert reviewed(network(rule), edge(pod("web"), outside("10.1.0.9"))).rules == RuleCounts(possibly=1)
    assert reviewed(network(rule), edge(pod("web"), outside("10.1.0.8"))).rules == RuleCounts(unused=1)


def test_pods_of_one_workload_that_differ_use_a_rule_only_together() -> None:
    pods = "".join(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: job-{side}, namespace: shop, "
        f"labels: {{job: mixed, side: {side}}}, "
        "ownerReferences: [{apiVersion: batch/v1, kind: Job, name: job, controller: true, uid: u}]}, "
        "spec: {containers: [{name: job, image: job}]}}\n---\n"
        for side in ("a", "b")
    )
    rule = policy(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {side: a}}}]}]}"
    )
    both = policy(
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {job: mixed}}}]}]}"
    )
    seen = edge(pod("job", owner="Job"), pod("db"))
    assert reviewed(network(pods, rule), seen).rules == RuleCounts(possibly=1)
    assert reviewed(network(pods, both), seen).rules == RuleCounts(used=1)


def test_a_policy_that_applies_to_no_pod_is_an_item_and_its_rules_are_not() -> None:
    found = reviewed(network(policy("{podSelector: {matchLabels: {app: gone}}, ingress: [{}]}")))
    assert kinds(found) == [(ItemKind.POLICY_WITHOUT_PODS, "")]
    assert found.rules.total == 0


@pytest.mark.parametrize(
    ("edges", "why"),
    [
        ((), "the records hold no connection"),
        ((edge(pod("web"), pod("api"), first=NOW - 28 * DAY),), "the records cover 2024-09-06T00:00:00Z to "),
        ((edge(pod("web"), pod("api"), last=NOW - 2 * DAY),), "not 30 days"),
        ((edge(pod("x", "y"), outside("8.8.8.8")),), "has an end in what was read"),
    ],
)
def test_without_records_of_all_days_nothing_is_called_unused(edges: tuple[object, ...], why: str) -> None:
    found = reviewed(network(TWO_RULES), *edges)  # type: ignore[arg-type]
    assert not found.items
    assert not found.period.is_enough
    assert found.rules == RuleCounts(unknown=2)
    assert why in found.undecided[0].evidence[0]


def test_a_rule_that_was_used_is_used_whatever_the_records_cover() -> None:
    found = reviewed(network(TWO_RULES), edge(pod("web"), pod("db"), first=NOW - DAY))
    assert found.rules == RuleCounts(used=1, unknown=1)


def test_connections_before_and_after_the_days_do_not_count() -> None:
    old = edge(pod("web"), pod("db"), first=NOW - 40 * DAY, last=NOW - 31 * DAY)
    later = edge(pod("web"), pod("db"), first=NOW + 1, last=NOW + 5)
    found = reviewed(network(TWO_RULES), old, later, edge(pod("web"), pod("api"), count=7))
    assert kinds(found) == BOTH
    assert (found.period.edges, found.period.connections) == (1, 7)
    assert found.items[0].evidence[1:] == ("before that 1 connection, the last at 2024-09-03T00:00:00Z",)
    assert len(found.items[1].evidence) == 1


def test_one_namespace_has_the_policies_of_it_alone() -> None:
    other = policy("{podSelector: {}, ingress: [{}]}", "all", "monitoring")
    seen = edge(pod("web"), pod("db"))
    assert reviewed(network(TWO_RULES, other), seen, namespace="shop").rules.total == 2
    assert reviewed(network(TWO_RULES, other), seen).rules.total == 3


def test_equal_rules_are_told_apart_and_keep_their_fingerprints_when_others_move() -> None:
    rule = "{from: [{podSelector: {matchLabels: {app: api}}}]}"
    twice = policy(f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{rule}, {rule}]}}")
    moved = policy(
        f"{{podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{ports: [{{port: 1}}]}}, {rule}, {rule}]}}"
    )
    seen = edge(pod("web"), pod("api"))
    marks = [each.fingerprint for each in reviewed(network(twice), seen).items]
    assert len(set(marks)) == 2
    assert [each.fingerprint for each in reviewed(network(moved), seen).items][1:] == marks


CALICO = """
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: db}
spec:
  selector: all()
  types: [Ingress]
  ingress:
  - {action: Deny, source: {selector: app == 'web'}}
  - {action: Allow, protocol: TCP, source: {selector: app == 'api'}, destination: {selector: app == 'db'}}
  - {action: Allow, protocol: TCP, source: {selector: app == 'prometheus'}}
---
"""


def test_rules_of_other_apis_that_allow_are_judged() -> None:
    found = reviewed(network(CALICO), edge(pod("api"), pod("db")))
    assert kinds(found) == [(UNUSED, "spec.ingress[2]"), (ItemKind.RULE_WIDER, "spec.ingress[1]")]
    assert found.items[0].proposal == "remove the rule"
    assert found.rules == RuleCounts(used=1, unused=1)
    # The rule is about db alone, and the policy about everybody.
    found = reviewed(network(CALICO), edge(pod("api"), pod("web")))
    assert found.rules == RuleCounts(unused=2)


CILIUM = """
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  endpointSelector: {matchLabels: {app: db}}
  ingress:
  - fromEntities: [remote-node]
  - fromEndpoints: [{matchLabels: {app: web}}]
    toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET}]}}]
  egress:
  - toFQDNs: [{matchName: api.example.com}]
  - toFQDNs: [{matchName: other.example.com}]
---
"""


def test_what_cilium_tells_nodes_apart_by_and_what_requests_must_be_is_only_possibly_matched() -> None:
    to_api = edge(pod("db"), outside("203.0.113.7", "api.example.com"), 443)
    for node in (FlowPeer(PeerKind.NODE, name="node-1"), pod("agent", "monitoring")):
        found = reviewed(network(CILIUM), edge(node, pod("db"), 9), edge(pod("web"), pod("db"), 80), to_api)
        # The address may be one of the other name too.
        assert [each.path for each in found.undecided] == ["spec.ingress[0]", "spec.ingress[1]", "spec.egress[1]"]
        assert found.rules == RuleCounts(used=1, possibly=3)


MESH = """
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: db, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
"""


def test_what_a_mesh_asks_of_mutual_tls_is_counted_and_not_judged() -> None:
    found = reviewed(Network(snapshot_of(PODS + MESH)), edge(pod("web"), pod("db")))
    assert found.rules.total == 0
    assert found.notes == ("1 policy of a mesh is not reviewed",)


WHOLE_CLUSTER = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: all}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress: [{name: web, action: Accept, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]
---
"""


def test_policies_of_the_whole_cluster_may_be_for_any_unknown_end() -> None:
    found = reviewed(network(WHOLE_CLUSTER), edge(pod("web"), pod("gone", "elsewhere")))
    assert found.rules == RuleCounts(possibly=1)
