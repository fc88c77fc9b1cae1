from __future__ import annotations

import pytest
from tests.engine.exposure.clusters import opened, pod, policy, replica

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.engine.exposure.witnesses import Anyone, witnesses
from firedoor.model.exposure import Opening
from firedoor.model.labels import EVERYTHING, LabelSelector, LabelSelectorRequirement, Operator

WEB = pod("web")
SPACES = "{apiVersion: v1, kind: Namespace, metadata: {name: data, labels: {team: a}}}"


def rule(peer: str, ports: str = "") -> str:
    return policy(f"podSelector: {{}}, ingress: [{{from: [{{{peer}}}]{ports}}}]")


def words(found: tuple[Opening, ...], name: str = "web") -> list[tuple[str, str, int]]:
    return [(each.namespaces, each.pods, each.matching) for each in found if each.workload.name == name]


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("podSelector: {matchLabels: {app: x}}", ("namespace shop", "pods app=x", 0)),
        ("podSelector: {}", ("namespace shop", "any pod", 1)),
        ("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}", ("namespace data", "any pod", 0)),
        ("namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: new}}", ("namespace new", "any pod", 0)),
        ("namespaceSelector: {matchLabels: {team: z}}", ("namespaces team=z", "any pod", 0)),
        ("namespaceSelector: {}, podSelector: {matchLabels: {app: x}}", ("any namespace", "pods app=x", 0)),
        ("namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: Exists}]}",
         ("namespaces kubernetes.io/metadata.name", "any pod", 1)),
    ],
)  # fmt: skip
def test_a_selector_is_an_opening_whether_a_pod_matches_it_or_not(peer: str, expected: tuple[str, str, int]) -> None:
    (found,) = opened(WEB, SPACES, rule(peer, ", ports: [{port: 80}]"))
    assert ((found.namespaces, found.pods, found.matching), found.traffic) == (expected, (("TCP", 80, 80),))
    assert found.rules == ("shop/p spec.ingress[0]",)


@pytest.mark.parametrize(
    "peer",
    [
        "ipBlock: {cidr: 0.0.0.0/0}",
        "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data, team: b}}",
        "podSelector: {matchLabels: {a: x}, matchExpressions: [{key: a, operator: NotIn, values: [x]}]}",
        "podSelector: {matchLabels: {a: x}, matchExpressions: [{key: a, operator: DoesNotExist}]}",
    ],
)
def test_what_no_new_pod_can_match_is_no_opening(peer: str) -> None:
    assert opened(WEB, SPACES, rule(peer)) == ()


def test_a_workload_that_nothing_isolates_is_open_to_anyone() -> None:
    (found,) = opened(WEB)
    assert (found.namespaces, found.pods, found.traffic, found.rules) == ("any namespace", "any pod", ALL_TRAFFIC, ())


def test_what_anyone_may_do_is_not_told_again_for_some() -> None:
    both = policy("podSelector: {}, ingress: [{}, {from: [{podSelector: {matchLabels: {app: x}}}]}]")
    (found,) = opened(WEB, both)
    assert (found.namespaces, found.rules) == ("any namespace", ("shop/p spec.ingress[0]",))


def test_a_pod_without_labels_that_no_rule_names_is_told_apart() -> None:
    denies = cluster_policy("{action: Deny, from: [{namespaces: {matchLabels: {team: z}}}]}")
    (found,) = opened(WEB, denies)
    assert (found.namespaces, found.pods, found.rules) == ("a new namespace", "a pod without labels", ())
    # Where a rule lets it in, that rule says more.
    but = rule("namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [z]}]}")
    assert words(opened(WEB, but)) == [("namespaces team notin (z)", "any pod", 1)]


def test_pods_on_the_network_of_their_node_have_no_policies_to_open() -> None:
    assert opened(pod("host", spec="hostNetwork: true, containers: [{name: c, image: a}]")) == ()


def cluster_policy(ingress: str, tier: str = "Admin", name: str = "c") -> str:
    return (
        f"{{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {{name: {name}}}, "
        f"spec: {{tier: {tier}, priority: 5, subject: {{namespaces: {{}}}}, ingress: [{ingress}]}}}}"
    )


def test_a_denial_in_another_tier_counts() -> None:
    admits = rule("namespaceSelector: {matchLabels: {team: z}}")
    denies = cluster_policy("{action: Deny, from: [{namespaces: {matchLabels: {team: z}}}]}")
    assert words(opened(WEB, admits)) == [("namespaces team=z", "any pod", 0)]
    assert opened(WEB, admits, denies) == ()


def test_cluster_policies_open_what_they_accept_or_leave_to_others() -> None:
    some = "{namespaces: {matchLabels: {team: z}}}"
    pods = "{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: x}}}}"
    accepting = cluster_policy(f"{{action: Accept, from: [{some}, {pods}]}}")
    closed = policy("podSelector: {}, ingress: []")
    assert words(opened(WEB, closed, accepting)) == [
        ("any namespace", "pods app=x", 0),
        ("namespaces team=z", "any pod", 0),
    ]
    passing = cluster_policy(f"{{action: Pass, from: [{some}]}}, {{action: Deny, from: [{{namespaces: {{}}}}]}}")
    assert words(opened(WEB, passing)) == [("namespaces team=z", "any pod", 0)]
    narrow = accepting.replace("subject: {namespaces: {}}", "subject: {namespaces: {matchLabels: {team: q}}}")
    assert opened(WEB, closed, narrow) == ()


def test_one_listed_value_that_gets_in_is_enough() -> None:
    listed = rule("podSelector: {matchExpressions: [{key: app, operator: In, values: [a, b]}]}")
    denied = cluster_policy(
        "{action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}}]}"
    )
    assert words(opened(WEB, listed, denied)) == [("namespace shop", "pods app in (a, b)", 0)]


def test_new_namespaces_of_one_name_and_different_labels_are_imagined_apart() -> None:
    named = "kubernetes.io/metadata.name: new"
    admits = policy(
        f"podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{{named}, team: a}}}}}}, "
        f"{{namespaceSelector: {{matchLabels: {{{named}, team: b}}}}}}]}}]"
    )
    denies = cluster_policy("{action: Deny, from: [{namespaces: {matchLabels: {team: b}}}]}")
    assert [each for each, _, _ in words(opened(WEB, admits, denies))] == [
        "namespaces kubernetes.io/metadata.name=new,team=a"
    ]


def test_gaps_leave_it_open_whether_they_are_let_in() -> None:
    unread = "{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: x, namespace: shop}, spec: {}}"
    (found,) = opened(WEB, unread)
    assert (found.traffic, found.unknown) == ((), ALL_TRAFFIC)


def test_pods_of_a_workload_are_put_together() -> None:
    pods = [replica("web", number) for number in range(2)]
    rules = [
        policy(
            f"podSelector: {{matchLabels: {{n: '{number}'}}}}, "
            f"ingress: [{{from: [{{podSelector: {{matchLabels: {{app: x}}}}}}], ports: [{{port: 8{number}}}]}}]",
            f"p{number}",
        )
        for number in range(2)
    ]
    (found,) = opened(*pods, *rules)
    assert found.traffic == (("TCP", 80, 81),)
    assert set(found.rules) == {"shop/p0 spec.ingress[0]", "shop/p1 spec.ingress[0]"}


def test_names_that_are_taken_are_not_imagined() -> None:
    taken = pod("imagined-0-0", "imagined-0-0")
    admits = rule("namespaceSelector: {matchLabels: {team: z}}")
    assert words(opened(WEB, taken, admits)) == [("namespaces team=z", "any pod", 0)]


def test_witnesses_have_exactly_the_labels_that_they_need() -> None:
    requirements = (
        LabelSelectorRequirement("app", Operator.IN, ("a", "b")),
        LabelSelectorRequirement("app", Operator.NOT_IN, ("b",)),
        LabelSelectorRequirement("app", Operator.EXISTS),
        LabelSelectorRequirement("tier", Operator.EXISTS),
        LabelSelectorRequirement("tier", Operator.NOT_IN, ("x",)),
        LabelSelectorRequirement("old", Operator.DOES_NOT_EXIST),
    )
    anyone = Anyone("", EVERYTHING, LabelSelector(match_expressions=requirements))
    (found,) = witnesses(anyone, {"shop": {}}, "fresh")
    assert (found.labels, found.namespace) == ({"app": "a", "tier": "xx"}, "fresh-0")
    assert found.namespace_labels == {"kubernetes.io/metadata.name": "fresh-0"}


def test_only_so_many_combinations_are_tried() -> None:
    values = tuple(str(each) for each in range(10))
    both = tuple(LabelSelectorRequirement(key, Operator.IN, values) for key in "ab")
    anyone = Anyone("shop", EVERYTHING, LabelSelector(match_expressions=both))
    assert len(list(witnesses(anyone, {"shop": {}}, "fresh"))) == 16
