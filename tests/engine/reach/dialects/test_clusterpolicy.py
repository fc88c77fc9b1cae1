"""Cluster-wide policies in the engine, corner by corner."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.connectivity import ConnectionLister, workload_ends
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.flip import flip
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {pool: a}},
 status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: ExternalIP, address: 203.0.113.1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, status: {podIP: 10.0.0.1},
 spec: {containers: [
   {name: a, image: a, ports: [{name: sql, containerPort: 5432}, {name: sql, containerPort: 53, protocol: UDP}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {podIP: 10.0.0.2},
 spec: {nodeName: n1, containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop},
 spec: {nodeName: n1, hostNetwork: true, containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: shop},
 spec: {nodeName: n2, hostNetwork: true, containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: stray, namespace: shop}, spec: {hostNetwork: true, containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: placed, namespace: shop}, spec: {hostNetwork: true, containers: []},
 status: {hostIP: 192.168.0.1}}
"""
POLICY = """
---
{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: %s},
 spec: {tier: %s, priority: %d, subject: {namespaces: {}}, %s}}
"""
ISOLATING = """
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop},
 spec: {policyTypes: [Egress, Ingress]}}
"""
ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
EVERYONE = "[{namespaces: {}}]"


def _policy(rules: str, name: str = "guard", tier: str = "Admin", priority: int = 5) -> str:
    return POLICY % (name, tier, priority, rules)


def _network(*texts: str) -> Network:
    return Network(snapshot_of(CLUSTER + "".join(texts)))


def _end(network: Network, name: str) -> int | str:
    found = [position for position, member in enumerate(network.members) if member.name == name]
    return found[0] if found else name


def _asked(network: Network, source: str, destination: str, port: int = 80, protocol: str = "TCP") -> Verdict:
    ends = _end(network, source), _end(network, destination)
    verdict = network.verdict(*ends, protocol, port)
    halves = [explain_direction(network, direction, *ends, protocol, port) for direction in Direction]
    assert all(half.because for half in halves)
    order = [ACCEPTED, UNKNOWN, DENIED]
    assert max((half.verdict for half in halves), key=order.index) is verdict
    return verdict


DENY_ALL = f"ingress: [{{action: Deny, from: {EVERYONE}}}]"
ACCEPT_ALL = f"ingress: [{{action: Accept, from: {EVERYONE}}}]"
PASS_ALL = f"ingress: [{{action: Pass, from: {EVERYONE}}}]"


def test_the_admin_tier_decides_before_network_policies() -> None:
    assert _asked(_network(_policy(DENY_ALL)), "web", "db") is DENIED
    assert _asked(_network(ISOLATING, _policy(ACCEPT_ALL)), "web", "db") is DENIED
    egress = f"{ACCEPT_ALL}, egress: [{{action: Accept, to: {EVERYONE}}}]"
    assert _asked(_network(ISOLATING, _policy(egress)), "web", "db") is ACCEPTED


def test_pass_leaves_the_admin_tier() -> None:
    denying = _policy(DENY_ALL, "late", priority=6)
    assert _asked(_network(_policy(PASS_ALL), denying), "web", "db") is ACCEPTED
    assert _asked(_network(_policy(PASS_ALL), denying, _policy(DENY_ALL, "base", "Baseline")), "web", "db") is DENIED


def test_a_network_policy_that_isolates_hides_the_baseline() -> None:
    accepting = f"{ACCEPT_ALL}, egress: [{{action: Accept, to: {EVERYONE}}}]"
    assert _asked(_network(ISOLATING, _policy(accepting, tier="Baseline")), "web", "db") is DENIED


def test_the_lower_priority_is_asked_first_and_rules_in_their_order() -> None:
    first, second = _policy(ACCEPT_ALL, "z", priority=1), _policy(DENY_ALL, "a", priority=2)
    assert _asked(_network(first, second), "web", "db") is ACCEPTED
    both = f"ingress: [{{action: Deny, from: {EVERYONE}}}, {{action: Accept, from: {EVERYONE}}}]"
    assert _asked(_network(_policy(both)), "web", "db") is DENIED


def test_equal_priorities_that_disagree_leave_the_verdict_open() -> None:
    assert _asked(_network(_policy(ACCEPT_ALL, "a"), _policy(DENY_ALL, "b")), "web", "db") is UNKNOWN
    assert _asked(_network(_policy(DENY_ALL, "a"), _policy(DENY_ALL, "b")), "web", "db") is DENIED


def test_a_named_port_is_every_port_that_the_destination_declares_by_the_name() -> None:
    named = "protocols: [{destinationNamedPort: sql}]"
    network = _network(_policy(f"ingress: [{{action: Deny, from: {EVERYONE}, {named}}}]"))
    assert _asked(network, "web", "db", 5432) is DENIED
    assert _asked(network, "web", "db", 53, "UDP") is DENIED
    assert _asked(network, "web", "db", 53) is ACCEPTED
    assert _asked(network, "db", "web", 5432) is ACCEPTED
    outward = _network(_policy(f"egress: [{{action: Deny, to: {EVERYONE}, {named}}}]"))
    assert _asked(outward, "web", "db", 5432) is DENIED
    assert _asked(outward, "db", "web", 5432) is ACCEPTED


def test_ports_and_ranges_include_their_ends() -> None:
    ports = (
        "protocols: [{tcp: {destinationPort: {range: {start: 80, end: 90}}}}, {udp: {destinationPort: {number: 53}}}]"
    )
    network = _network(_policy(f"ingress: [{{action: Deny, from: {EVERYONE}, {ports}}}]"))
    assert [_asked(network, "web", "db", port) for port in (79, 80, 90, 91)] == [ACCEPTED, DENIED, DENIED, ACCEPTED]
    assert _asked(network, "web", "db", 53, "UDP") is DENIED


def test_networks_hold_pods_by_their_addresses() -> None:
    network = _network(_policy("egress: [{action: Deny, to: [{networks: [10.0.0.1/32]}]}]"))
    assert _asked(network, "web", "db") is DENIED
    assert _asked(network, "db", "web") is ACCEPTED
    assert _asked(network, "web", "10.0.0.9") is ACCEPTED


@pytest.mark.parametrize(
    ("nodes", "verdicts"),
    [
        ("{}", (DENIED, DENIED, DENIED, DENIED, DENIED, DENIED, ACCEPTED)),
        ("{matchLabels: {pool: a}}", (DENIED, ACCEPTED, UNKNOWN, DENIED, DENIED, DENIED, ACCEPTED)),
        ("{matchLabels: {pool: b}}", (ACCEPTED, ACCEPTED, UNKNOWN, ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED)),
    ],
)
def test_nodes_are_their_addresses_and_the_pods_on_their_network(nodes: str, verdicts: tuple[Verdict, ...]) -> None:
    network = _network(_policy(f"egress: [{{action: Deny, to: [{{nodes: {nodes}}}]}}]"))
    asked = ("agent", "other", "stray", "placed", "192.168.0.1", "203.0.113.1", "192.0.2.1")
    found = tuple(_asked(network, "db", each) for each in asked)
    assert (found[0], *found[2:]) == (verdicts[0], *verdicts[2:])
    # The Node object of n2 is not there: whether its labels are meant is not known, and its address neither.
    assert found[1] in {verdicts[1], UNKNOWN}


def test_domain_names_are_ends_of_their_own() -> None:
    accept, deny = "{action: Accept, to: [{domainNames: ['*.example.com']}]}", "{networks: [0.0.0.0/0, '::/0']}"
    rules = f"egress: [{accept}, {{action: Deny, to: [{deny}]}}]"
    network = _network(_policy(rules))
    assert _asked(network, "web", "api.example.com") is ACCEPTED
    assert _asked(network, "web", "V1.api.example.com.") is ACCEPTED
    assert _asked(network, "web", "example.com") is DENIED
    assert _asked(network, "web", "192.0.2.1") is UNKNOWN
    ends = [(str(each.src), str(each.dst)) for each in ConnectionLister(network, workload_ends(network)).connections()]
    assert ("shop/web", "*.example.com") in ends
    assert flip(network, 0, "api.example.com", "TCP", 80) is None


def test_a_domain_name_may_have_an_address_in_any_block() -> None:
    accept, deny = "{action: Accept, to: [{domainNames: [a.example]}]}", "{networks: [192.0.2.0/24]}"
    rules = f"egress: [{accept}, {{action: Deny, to: [{deny}]}}]"
    assert _asked(_network(_policy(rules)), "web", "b.example") is UNKNOWN


def test_gaps_make_a_domain_name_unknown_too() -> None:
    dark = "\n---\n{apiVersion: kuma.io/v1alpha1, kind: MeshTrafficPermission, metadata: {name: m, namespace: shop}}"
    fires = "\n---\n{apiVersion: k8s.ovn.org/v1, kind: EgressFirewall, metadata: {name: default, namespace: shop}}"
    network = _network(dark, fires, _policy("egress: [{action: Accept, to: [{domainNames: [a.example]}]}]"))
    found = ConnectionLister(network, workload_ends(network)).connections()
    (only,) = [each for each in found if str(each.src) == "shop/web" and str(each.dst) == "a.example"]
    assert (only.traffic, only.unknown != ()) == ((), True)


@pytest.mark.parametrize(("action", "verdict"), [("Accept", DENIED), ("Deny", DENIED), ("Pass", DENIED)])
def test_a_peer_that_the_api_does_not_have_fails_closed(action: str, verdict: Verdict) -> None:
    rules = f"ingress: [{{action: {action}, from: [{{galaxies: {{}}}}]}}, {{action: Deny, from: {EVERYONE}}}]"
    network = _network(_policy(rules))
    assert _asked(network, "web", "db") is verdict
    assert any("galaxies" in gap.reason for gap in network.snapshot.gaps)


def test_a_rule_with_a_part_that_is_not_evaluated_may_match_or_not() -> None:
    network = _network(_policy(f"ingress: [{{action: Deny, from: {EVERYONE}, moonPhase: full}}]"))
    assert _asked(network, "web", "db") is UNKNOWN
    half = explain_direction(network, Direction.INGRESS, 3, 1, "TCP", 80)
    assert "part of the rule is not evaluated" in " ".join(each.detail for each in half.because)


def test_a_policy_that_the_api_refuses_does_not_count_and_is_told() -> None:
    network = _network(_policy(DENY_ALL, priority=1001))
    assert _asked(network, "web", "db") is ACCEPTED
    (gap,) = [each for each in network.snapshot.gaps if each.object and each.object.kind == "ClusterNetworkPolicy"]
    assert (gap.path, str(gap.kind)) == ("spec.priority", "rejected")


def test_explanations_name_the_kind_the_rule_and_what_it_does() -> None:
    network = _network(_policy(PASS_ALL, "skip", priority=1), _policy(DENY_ALL, "base", "Baseline"))
    half = explain_direction(network, Direction.INGRESS, _end(network, "web"), _end(network, "db"), "TCP", 80)
    assert [(each.kind, each.policy, each.rule) for each in half.because] == [
        ("ClusterNetworkPolicy", "skip", "spec.ingress[0]"),
        ("ClusterNetworkPolicy", "base", "spec.ingress[0]"),
    ]
    assert [each.detail.split(" all")[0] for each in half.because] == ["leaves to the next tier", "denies"]


DUAL = """
---
{apiVersion: v1, kind: Pod, metadata: {name: dual, namespace: shop}, spec: {containers: [{name: a, image: a}]},
 status: {podIP: 10.0.0.5, podIPs: [{ip: 10.0.0.5}, {ip: 'fd00::5'}]}}
"""


@pytest.mark.parametrize(
    ("networks", "verdict"),
    [("[10.0.0.0/8]", UNKNOWN), ("[10.0.0.0/8, 'fd00::/8']", DENIED), ("[11.0.0.0/8]", ACCEPTED)],
)
def test_a_network_that_holds_one_address_of_two_leaves_the_verdict_open(networks: str, verdict: Verdict) -> None:
    network = _network(DUAL, _policy(f"egress: [{{action: Deny, to: [{{networks: {networks}}}]}}]"))
    assert _asked(network, "web", "dual") is verdict


def test_an_address_of_a_node_is_no_domain_name() -> None:
    named = _policy("egress: [{action: Accept, to: [{domainNames: [a.example]}]}]")
    network = _network(named, _policy("egress: [{action: Deny, to: [{nodes: {}}]}]", "late", priority=6))
    assert _asked(network, "web", "203.0.113.1") is DENIED


def test_a_domain_name_that_is_denied_is_not_listed() -> None:
    named = _policy("egress: [{action: Accept, to: [{domainNames: [a.example]}]}]")
    everywhere = "{action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}"
    network = _network(named, _policy(f"egress: [{everywhere}]", "first", priority=1))
    found = ConnectionLister(network, workload_ends(network)).connections()
    assert "a.example" not in {str(each.dst) for each in found if str(each.src) == "shop/web"}


@pytest.mark.parametrize(("blocks", "verdict"), [("[0.0.0.0/0, '::/0']", ACCEPTED), ("[0.0.0.0/0]", UNKNOWN)])
def test_a_rule_of_a_network_policy_that_holds_every_address_holds_every_domain_name(
    blocks: str, verdict: Verdict
) -> None:
    peers = ", ".join(
        f"{{ipBlock: {{cidr: '{each.strip()}'}}}}" for each in blocks.strip("[]").replace("'", "").split(",")
    )
    written = (
        "\n---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: out, namespace: shop}, "
        f"spec: {{podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{peers}]}}]}}}}"
    )
    named = _policy("egress: [{action: Pass, to: [{networks: [192.0.2.7/32]}]}]")
    other = _policy("egress: [{action: Accept, to: [{domainNames: [b.example]}]}]", "late", priority=6)
    assert _asked(_network(written, named, other), "web", "a.example") is verdict
