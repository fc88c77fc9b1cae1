from __future__ import annotations

from unittest import mock

import pytest
from tests.engine.relations.worlds import allow, cluster_policy, contributed, effects_of, node, pod, policy
from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.engine.relations.effects import Effects, Witness
from firedoor.engine.relations.parts import Part
from firedoor.engine.relations.report import contributions
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.relations import Change, Contributed, Contribution
from firedoor.model.verdicts import Verdict

DENIED, ACCEPTED, UNKNOWN = Verdict.DENIED, Verdict.ACCEPTED, Verdict.UNKNOWN


def covers(found: Contributed) -> list[str]:
    return [f"{each.policy.name} {each.rule} {each.does}" for each in found.covers]


def test_a_policy_for_no_pod_is_vacuous_and_so_are_its_rules() -> None:
    found = contributed(pod("web"), policy("gone", "nobody", f"ingress: [{allow('web')}]"))
    assert [each.status for each in found.values()] == [Contribution.VACUOUS] * 2
    assert found["gone"].detail == "it applies to no pod here"


@pytest.mark.parametrize(
    ("body", "path", "why"),
    [
        (f"ingress: [{allow('nobody')}]", "spec.ingress[0]", "none of its peers exists here"),
        ("ingress: [{ports: [{port: web}]}]", "spec.ingress[0]", "none of its ports exists"),
        ("egress: [{ports: [{port: web}]}]", "spec.egress[0]", "none of its ports exists"),
    ],
)
def test_a_rule_without_peer_or_port_is_vacuous(body: str, path: str, why: str) -> None:
    found = contributed(pod("web"), pod("db"), policy("db", "", body))[f"db {path}"]
    assert (found.status, found.detail.startswith(why)) == (Contribution.VACUOUS, True)


def test_a_rule_whose_only_peer_has_the_address_of_a_pod_is_about_nobody_outside() -> None:
    rule = "{from: [{ipBlock: {cidr: 10.0.0.7/32}}]}"
    found = contributed(pod("web", ip="10.0.0.7"), pod("db"), policy("db", "db", f"ingress: [{rule}]"))
    assert found["db spec.ingress[0]"].status is Contribution.VACUOUS
    effects = effects_of(pod("web", ip="10.0.0.7"), pod("db"), policy("db", "db", f"ingress: [{rule}]"))
    assert effects.witness(Part(0, Direction.INGRESS, "spec.ingress[0]")) == frozenset()
    both = rule.replace("from", "to").replace("]}", ", {podSelector: {}}], ports: [{port: 81}, {port: http}]}")
    found = contributed(pod("web", ip="10.0.0.7"), pod("db"), policy("db", "db", f"egress: [{both}]"))
    assert found["db spec.egress[0]"].status is Contribution.EFFECTIVE


def test_what_matters_is_shown_by_a_connection() -> None:
    found = contributed(pod("web"), pod("db"), policy("db", "db", f"ingress: [{allow('web')}]"))
    assert found["db spec.ingress[0]"].change == Change("shop/web", "shop/db", "TCP", 80, ACCEPTED, DENIED)
    assert found["db"].change == Change("203.0.113.10", "shop/db", "TCP", 1, DENIED, ACCEPTED)


def test_of_two_equal_policies_each_covers_the_other_and_one_can_go() -> None:
    twins = [policy(name, "db", f"ingress: [{allow('web')}]") for name in ("a", "b")]
    effects = effects_of(pod("web"), pod("db"), *twins)
    first, second = contributions(effects, lambda _: True)
    assert covers(first.contributes) == ["b spec.ingress[0] allows"]
    assert covers(second.contributes) == ["a spec.ingress[0] allows"]
    assert (first.removable, second.removable) == (False, True)


def test_a_policy_that_lists_no_rule_is_never_to_be_removed() -> None:
    other = policy("db", "db", f"ingress: [{allow('web')}]")
    effects = effects_of(pod("web"), pod("db"), policy("deny", "db", "policyTypes: [Ingress]"), other)
    deny = next(each for each in contributions(effects, lambda _: True) if each.policy.name == "deny")
    assert (deny.contributes.status, deny.removable) == (Contribution.REDUNDANT, False)
    assert covers(deny.contributes) == ["db  isolates"]
    assert "pods to come" in deny.contributes.detail


def test_a_policy_that_allows_everything_is_covered_by_nobody() -> None:
    found = contributed(pod("web"), pod("db"), policy("open", "db", "ingress: [{}]"))
    assert (found["open"].status, found["open"].covers) == (Contribution.REDUNDANT, ())
    assert "nothing else restricts it" in found["open"].detail
    assert found["open spec.ingress[0]"].status is Contribution.EFFECTIVE


def test_a_rule_may_be_undone_by_the_other_end() -> None:
    closed = policy("web", "web", "policyTypes: [Egress]")
    found = contributed(pod("web"), pod("db"), policy("db", "db", f"ingress: [{allow('web')}]"), closed)
    rule = found["db spec.ingress[0]"]
    assert (rule.status, rule.covers) == (Contribution.REDUNDANT, ())
    assert [f"{each.policy.name} {each.does}" for each in rule.other_end] == ["web isolates"]


def test_a_rule_that_lets_a_single_pod_reach_itself_is_not_asked() -> None:
    found = contributed(pod("web"), pod("db"), policy("db", "db", f"ingress: [{allow('db')}]"))
    assert found["db spec.ingress[0]"].status is Contribution.REDUNDANT
    assert "policies are not asked" in found["db spec.ingress[0]"].detail
    named = policy("db", "", f"ingress: [{allow('db', 'web')}]")
    assert contributed(pod("web"), pod("db"), named)["db spec.ingress[0]"].status is Contribution.EFFECTIVE


def test_a_gap_leaves_open_what_matters() -> None:
    gap = Gap(GapKind.UNSUPPORTED, "x.yaml:1", "not evaluated", scope=Scope("shop"))
    documents = pod("web"), pod("db"), pod("far", namespace="far")
    twins = [policy(name, "db", f"ingress: [{allow('web')}]") for name in ("a", "b")]
    assert contributed(*documents, twins[0], gaps=(gap,))["a"].status is Contribution.UNKNOWN
    assert contributed(*documents, *twins, gaps=(gap,))["a"].status is Contribution.REDUNDANT
    one_way = Gap(GapKind.UNSUPPORTED, "x.yaml:1", "not evaluated", scope=Scope("far", ingress=False))
    peer = "{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: far}}}]}"
    change = contributed(*documents, policy("a", "db", f"ingress: [{peer}]"), gaps=(one_way,))[
        "a spec.ingress[0]"
    ].change
    assert change == Change("far/far", "shop/db", "TCP", 1, UNKNOWN, DENIED)


NODES = node("one", "192.0.2.1"), node("two", "192.0.2.2")
FROM_ONE = "ingress: [{from: [{ipBlock: {cidr: 192.0.2.1/32}}]}]"


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("nodeName: one", Contribution.REDUNDANT),
        ("nodeName: two", Contribution.EFFECTIVE),
        ("", Contribution.EFFECTIVE),
    ],
)
def test_a_node_reaches_its_own_pods_whatever_a_rule_says(where: str, status: Contribution) -> None:
    found = contributed(*NODES, pod("db", where), policy("db", "db", FROM_ONE))["db spec.ingress[0]"]
    assert found.status is status
    if where == "":
        assert found.change == Change("192.0.2.1", "shop/db", "TCP", 1, ACCEPTED, UNKNOWN)


def test_a_pod_on_the_network_of_a_node_reaches_the_pods_of_that_node() -> None:
    agents = [pod(name, f"hostNetwork: true, nodeName: {name}", namespace="system") for name in ("one", "two")]
    block = "ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/30}}]}]"
    calico = PROFILES["calico"]
    for where, hosts, is_redundant in (("one", 1, True), ("one", 2, False), ("two", 1, False)):
        documents = (pod("db", f"nodeName: {where}"), *agents[:hosts], policy("db", "db", block))
        snapshot = snapshot_of("\n---\n".join((NODES[0], *documents)))
        effects = Effects(Network(snapshot, calico))
        part = Part(0, Direction.INGRESS, "spec.ingress[0]")
        assert isinstance(effects.witness(part), Witness)  # the other addresses of the block are left
        cells = list(effects.cells(part))
        inside = {type(each) for cell in cells for each in effects._inside(cell, frozenset({part}))}
        assert (Witness in inside) != is_redundant


def test_a_policy_may_be_about_pods_on_the_network_of_a_node() -> None:
    nodes_only = cluster_policy("nodes", "ingress: [{action: Deny, from: [{namespaces: {}}]}]")
    agent = pod("agent", "hostNetwork: true, nodeName: one", namespace="system")
    everyone = "egress: [{action: Deny, to: [{nodes: {}}]}]"
    found = contributed(*NODES, pod("db", "nodeName: two"), agent, cluster_policy("out", everyone), nodes_only)
    assert found["out"].change is not None
    assert found["nodes"].status is Contribution.REDUNDANT


def test_a_domain_name_may_be_all_that_differs() -> None:
    accept = "egress: [{action: Accept, to: [{domainNames: ['*.example.com']}]}]"
    rest = "egress: [{action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]"
    documents = pod("db"), cluster_policy("names", accept), cluster_policy("rest", rest, priority=20)
    change = contributed(*documents)["names spec.egress[0]"].change
    assert change is not None
    assert change.source == "shop/db"


def test_the_documentation_address_is_not_shown_where_a_node_has_it() -> None:
    found = contributed(node("one", "203.0.113.10"), pod("db"), policy("db", "db", f"ingress: [{allow('web')}]"))
    change = found["db"].change
    assert change is not None
    assert change.source == "0.0.0.0"


def test_rules_with_names_of_ports_are_asked_about_each_kind_of_pod() -> None:
    plain = pod("plain").replace("ports: [{containerPort: 80, name: http}]", "ports: []")
    twin = plain.replace("plain", "twin")
    rule = "policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]"
    found = contributed(plain, twin, pod("web"), pod("db"), policy("all", "", rule))
    assert found["all spec.ingress[0]"].status is Contribution.EFFECTIVE
    only = "ingress: [{from: [{podSelector: {}}], ports: [{port: http}]}]"
    found = contributed(plain, twin, pod("web"), policy("plain", "plain", only))
    assert found["plain spec.ingress[0]"].status is Contribution.VACUOUS
    nobody = policy("nobody", "", "ingress: [{ports: [{port: nobody}]}]")
    found = contributed(plain, twin, pod("web"), policy("plain", "plain", only), policy("twin", "twin", only), nobody)
    assert found["nobody spec.ingress[0]"].status is Contribution.VACUOUS


def test_the_names_that_no_policy_has_are_shown_as_one_of_them() -> None:
    names = "egress: [{action: Accept, to: [{domainNames: [api.example]}]}]"
    effects = effects_of(pod("db"), cluster_policy("names", names))
    last = effects.network.index.size - 1
    assert effects.network.column(effects.ends.name(last)) == last
    assert effects.ends.name(effects.network.index.first_domain) == "api.example"


def test_groups_beyond_the_most_are_built_again() -> None:
    effects = effects_of(pod("web"), pod("db"), policy("db", "db", f"ingress: [{allow('web')}]"))
    side = effects.sides[Direction.INGRESS]
    first = side.group(0)
    with mock.patch("firedoor.engine.relations.sides.MOST_GROUPS", 1):
        side.group(1)
    assert side.group(0) is not first
