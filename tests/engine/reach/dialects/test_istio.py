"""The mesh of Istio in the engine, corner by corner."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.engine.relations.effects import Effects
from firedoor.engine.relations.report import contributions, interferences
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict
from firedoor.usecases.diagnose import diagnose

CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {istio-injection: enabled}}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, status: {podIP: 10.0.0.1},
 spec: {nodeName: n1, serviceAccountName: db, containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {podIP: 10.0.0.2},
 spec: {serviceAccountName: web, containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: plain, namespace: other}, spec: {containers: [{name: a, image: a}]},
 status: {podIP: 10.0.0.3}}
---
{apiVersion: v1, kind: Pod, metadata: {name: dual, namespace: shop}, spec: {containers: [{name: a, image: a}]},
 status: {podIP: 10.0.0.4, podIPs: [{ip: 10.0.0.4}, {ip: "fd00::4"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: lost, namespace: shop}, spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop},
 spec: {hostNetwork: true, nodeName: n2, containers: []}, status: {podIP: 192.168.0.2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: stray, namespace: shop}, spec: {hostNetwork: true, containers: []}}
"""
ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
OUTSIDE = "203.0.113.9"
UNSURE = "may match: part of the rule is not evaluated"
REQUESTS = "as far as requests are HTTP"


def policy(action: str = "ALLOW", rules: str = "", name: str = "", namespace: str = "shop", more: str = "") -> str:
    written = f"rules: [{rules}], " if rules else ""
    metadata = f"metadata: {{name: {name or action.lower()}, namespace: {namespace}}}"
    provider = ", provider: {name: judge}" if action == "CUSTOM" else ""
    spec = f"spec: {{{written}{more}action: {action}{provider}}}"
    return f"\n---\n{{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, {metadata}, {spec}}}\n"


def source(fields: str) -> str:
    return f"{{from: [{{source: {{{fields}}}}}]}}"


def operation(fields: str) -> str:
    return f"{{to: [{{operation: {{{fields}}}}}]}}"


def when(key: str, values: str, field: str = "values") -> str:
    return f"{{when: [{{key: '{key}', {field}: [{values}]}}]}}"


def authentication(spec: str, name: str = "tls", namespace: str = "shop", created: str = "") -> str:
    stamp = f", creationTimestamp: '{created}'" if created else ""
    kind = f"{{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {{name: {name}{stamp}"
    return f"\n---\n{kind}, namespace: {namespace}}}, spec: {{{spec}}}}}\n"


def network(*texts: str, cni: str = "spec") -> Network:
    return Network(snapshot_of(CLUSTER + "".join(texts)), PROFILES[cni])


def end(found: Network, name: str) -> int | str:
    return next((position for position, member in enumerate(found.members) if member.name == name), name)


def asked(found: Network, src: str, dst: str = "db", port: int = 80, protocol: str = "TCP") -> Verdict:
    ends = end(found, src), end(found, dst)
    verdict = found.verdict(*ends, protocol, port)
    halves = [explain_direction(found, direction, *ends, protocol, port) for direction in Direction]
    assert all(half.because for half in halves)
    assert max((half.verdict for half in halves), key=[ACCEPTED, UNKNOWN, DENIED].index) is verdict
    return verdict


def told(found: Network, src: str, dst: str = "db", port: int = 80) -> list[str]:
    half = explain_direction(found, Direction.INGRESS, end(found, src), end(found, dst), "TCP", port)
    return [f"{each.policy} {each.detail}".strip() for each in half.because]


def test_an_allow_policy_denies_what_none_matches_by_tcp_into_the_mesh_only() -> None:
    found = network(policy(rules=source("namespaces: [shop]")))
    assert [asked(found, each) for each in ("web", "plain", OUTSIDE)] == [ACCEPTED, DENIED, DENIED]
    assert asked(found, "plain", protocol="UDP") is ACCEPTED
    assert asked(found, "web", "plain") is ACCEPTED
    assert asked(found, "web", "agent") is ACCEPTED
    assert asked(network(policy()), "web") is DENIED


def test_deny_goes_before_allow_and_custom_is_unknown() -> None:
    allow = policy(rules="{}")
    found = network(allow, policy("DENY", operation("ports: ['80']")), policy("CUSTOM", operation("ports: ['81']")))
    assert [asked(found, "web", port=port) for port in (80, 81, 82)] == [DENIED, UNKNOWN, ACCEPTED]
    assert asked(network(policy("CUSTOM", "{}"), policy()), "web") is DENIED


def test_policies_that_audit_or_are_tried_out_decide_nothing() -> None:
    assert asked(network(policy("AUDIT", "{}")), "web") is ACCEPTED
    trial = policy().replace("name: allow,", "name: allow, annotations: {istio.io/dry-run: 'true'},")
    assert asked(network(trial), "web") is ACCEPTED


def test_a_policy_is_for_its_namespace_its_selector_or_from_the_root_for_the_mesh() -> None:
    labelled = "selector: {matchLabels: {app: db}}, "
    found = network(policy(more=labelled))
    assert (asked(found, "web"), asked(found, "db", "web")) == (DENIED, ACCEPTED)
    assert asked(network(policy(namespace="other")), "web") is ACCEPTED
    root = network(policy(namespace="istio-system", more=labelled))
    assert (asked(root, "web"), asked(root, "db", "web")) == (DENIED, ACCEPTED)


@pytest.mark.parametrize(
    ("fields", "verdicts"),
    [
        ("principals: ['*']", (ACCEPTED, DENIED, DENIED)),
        ("principals: [cluster.local/ns/shop/sa/web]", (ACCEPTED, DENIED, DENIED)),
        ("principals: ['*/sa/w*b']", (ACCEPTED, DENIED, DENIED)),
        ("notPrincipals: ['cluster.local/ns/shop/*']", (DENIED, ACCEPTED, ACCEPTED)),
        ("namespaces: ['s*']", (ACCEPTED, DENIED, DENIED)),
        ("notNamespaces: ['*']", (DENIED, ACCEPTED, ACCEPTED)),
        ("serviceAccounts: [web]", (ACCEPTED, DENIED, DENIED)),
        ("notServiceAccounts: [other/web]", (ACCEPTED, ACCEPTED, ACCEPTED)),
        ("trustDomains: [cluster.local]", (ACCEPTED, DENIED, DENIED)),
        ("notTrustDomains: ['*.org']", (ACCEPTED, ACCEPTED, ACCEPTED)),
        ("ipBlocks: [10.0.0.2]", (ACCEPTED, DENIED, DENIED)),
        ("ipBlocks: ['10.0.0.0/8', 'fd00::1']", (ACCEPTED, ACCEPTED, DENIED)),
        ("notIpBlocks: [203.0.113.0/24]", (ACCEPTED, ACCEPTED, DENIED)),
        ("namespaces: [shop], notIpBlocks: [10.0.0.2]", (DENIED, DENIED, DENIED)),
        ("remoteIpBlocks: [10.0.0.0/8]", (UNKNOWN, UNKNOWN, UNKNOWN)),
        ("notRemoteIpBlocks: [10.0.0.0/8], namespaces: [shop]", (UNKNOWN, DENIED, DENIED)),
        ("requestPrincipals: ['*']", (ACCEPTED, ACCEPTED, ACCEPTED)),
    ],
)
def test_a_source_is_matched_by_certificate_and_address(fields: str, verdicts: tuple[Verdict, ...]) -> None:
    found = network(policy(rules=source(fields)))
    assert tuple(asked(found, each) for each in ("web", "plain", OUTSIDE)) == verdicts


@pytest.mark.parametrize(
    ("rule", "verdicts"),
    [
        (when("source.principal", "'*/sa/web'"), (ACCEPTED, DENIED)),
        (when("source.namespace", "shop", "notValues"), (DENIED, ACCEPTED)),
        (when("source.serviceAccount", "web"), (ACCEPTED, DENIED)),
        (when("source.trustDomain", "cluster.local"), (ACCEPTED, DENIED)),
        (when("source.ip", "10.0.0.2"), (ACCEPTED, DENIED)),
        (when("destination.port", "'80'"), (ACCEPTED, ACCEPTED)),
        (when("destination.port", "'80'", "notValues"), (DENIED, DENIED)),
        (when("destination.ip", "10.0.0.1"), (UNKNOWN, UNKNOWN)),
        (when("request.headers[x]", "red"), (ACCEPTED, ACCEPTED)),
    ],
)
def test_a_condition_is_about_source_destination_or_request(rule: str, verdicts: tuple[Verdict, ...]) -> None:
    found = network(policy(rules=rule))
    assert tuple(asked(found, each) for each in ("web", "plain")) == verdicts


def test_an_operation_is_a_list_of_ports_less_others() -> None:
    found = network(policy(rules=operation("ports: ['80', '81', '0'], notPorts: ['81']")))
    assert [asked(found, "web", port=port) for port in (79, 80, 81)] == [DENIED, ACCEPTED, DENIED]
    either = network(policy(rules="{to: [{operation: {ports: ['80']}}, {operation: {ports: ['90']}}]}"))
    assert [asked(either, "web", port=port) for port in (80, 81, 90)] == [ACCEPTED, DENIED, ACCEPTED]


def test_what_is_asked_of_a_request_lets_in_and_keeps_out_no_connection() -> None:
    by_method = operation("methods: [GET], ports: ['80']")
    assert asked(network(policy(rules=by_method)), "web") is ACCEPTED
    for rule in (by_method, source("requestPrincipals: ['*']"), when("request.headers[x]", "red")):
        assert asked(network(policy("DENY", rule)), "web") is ACCEPTED
    either = "{to: [{operation: {methods: [GET]}}, {operation: {ports: ['80']}}]}"
    assert asked(network(policy("DENY", either)), "web") is DENIED


def test_what_is_not_understood_may_match_anything() -> None:
    unsure_rule = network(policy(rules="{form: []}"))
    assert asked(unsure_rule, "web") is UNKNOWN
    assert any("part of the rule is not evaluated" in each for each in told(unsure_rule, "web"))
    for action in ("ALLOW", "DENY"):
        assert asked(network(policy(action, "{}", more="matcher: {}, ")), "web") is UNKNOWN
    assert asked(network(policy("DENY", "{}", namespace="istio-system", more="matcher: {}, ")), "web") is UNKNOWN


TARGET = "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}], "


def test_a_policy_for_a_waypoint_may_be_enforced_for_any_pod_of_its_namespace() -> None:
    assert asked(network(policy(more=TARGET)), "web") is UNKNOWN
    assert asked(network(policy(more=TARGET, namespace="istio-system")), "web") is ACCEPTED
    found = network(policy(rules=source("namespaces: [shop]"), more=TARGET))
    assert [asked(found, each) for each in ("web", "plain")] == [ACCEPTED, UNKNOWN]
    assert asked(network(policy("DENY", "{}", more=TARGET)), "web") is UNKNOWN
    several = network(
        policy(rules=source("namespaces: [shop]"), more=TARGET, name="a"),
        policy(rules=source("namespaces: [shop]"), more=TARGET, name="b"),
        policy(rules=source("namespaces: [shop]"), more=TARGET, name="c", namespace="other"),
        policy(rules="{}", more=TARGET, name="d"),
    )
    assert [asked(several, each) for each in ("web", "plain")] == [ACCEPTED, UNKNOWN]


def test_beside_a_policy_that_surely_applies_one_for_a_waypoint_can_only_add() -> None:
    sure = policy(rules=source("namespaces: [shop]"))
    found = network(sure, policy(rules=source("ipBlocks: [10.0.0.3]"), more=TARGET, name="waypoint"))
    assert [asked(found, each) for each in ("web", "plain", OUTSIDE)] == [ACCEPTED, UNKNOWN, DENIED]


def test_an_address_that_several_rules_name_means_the_same_everywhere() -> None:
    rules = source("ipBlocks: [10.0.0.2]"), source("ipBlocks: [10.0.0.2], namespaces: [other]")
    assert asked(network(policy(rules=", ".join(rules))), "web") is ACCEPTED


def test_which_address_a_source_with_several_uses_is_unknown_where_it_matters() -> None:
    found = network(policy(rules=source("ipBlocks: [10.0.0.0/8]")))
    assert [asked(found, each) for each in ("web", "dual", "lost", "agent")] == [ACCEPTED, UNKNOWN, UNKNOWN, DENIED]
    assert any("in some of the cases" in each for each in told(found, "dual"))
    both = network(policy(rules=f"{source('ipBlocks: [10.0.0.0/8]')}, {source('ipBlocks: [fd00::/8]')}"))
    assert asked(both, "dual") is ACCEPTED
    assert asked(network(policy(rules=source("ipBlocks: [0.0.0.0/0]"))), "lost") is ACCEPTED


def test_strict_mutual_tls_keeps_out_who_has_no_certificate() -> None:
    found = network(authentication("mtls: {mode: STRICT}"))
    assert [asked(found, each) for each in ("web", "plain", "agent", OUTSIDE)] == [ACCEPTED, DENIED, DENIED, DENIED]
    assert asked(found, "plain", protocol="UDP") is ACCEPTED
    assert asked(network(authentication("mtls: {mode: PERMISSIVE}")), "plain") is ACCEPTED
    assert told(found, "plain") == [
        "shop/tls denies TCP from whoever presents no certificate of the mesh (mutual TLS is STRICT)"
    ]


def test_the_narrowest_scope_that_sets_a_mode_decides() -> None:
    root = authentication("mtls: {mode: STRICT}", namespace="istio-system")
    shop = authentication("mtls: {mode: PERMISSIVE}")
    labelled = "selector: {matchLabels: {app: db}}, "
    pods = authentication(labelled + "mtls: {mode: STRICT}, portLevelMtls: {81: {mode: DISABLE}, 82: {}}", "pods")
    assert asked(network(root), "plain") is DENIED
    assert asked(network(root, shop), "plain") is ACCEPTED
    found = network(root, shop, pods)
    assert [asked(found, "plain", port=port) for port in (80, 81, 82)] == [DENIED, ACCEPTED, DENIED]
    assert asked(found, "plain", "web") is ACCEPTED
    inherits = authentication(labelled + "portLevelMtls: {81: {mode: STRICT}}", "pods")
    halves = network(shop, inherits)
    assert [asked(halves, "plain", port=port) for port in (80, 81)] == [ACCEPTED, DENIED]
    assert told(halves, "plain", port=81)[0].startswith("shop/pods denies TCP/81 from")
    in_root = authentication(labelled + "mtls: {mode: STRICT}", namespace="istio-system")
    assert asked(network(in_root), "plain") is ACCEPTED


def test_of_several_policies_of_a_scope_the_oldest_counts_if_it_is_known() -> None:
    old = authentication("mtls: {mode: STRICT}", "z", created="2024-01-01T00:00:00Z")
    new = authentication("mtls: {mode: PERMISSIVE}", "a", created="2025-01-01T00:00:00Z")
    undated = authentication("mtls: {mode: DISABLE}", "u")
    assert asked(network(old, new), "plain") is DENIED
    found = network(old, undated)
    assert [asked(found, each) for each in ("web", "plain")] == [ACCEPTED, UNKNOWN]
    assert any("in some of the cases" in each for each in told(found, "plain"))


def test_where_mutual_tls_is_disabled_nobody_has_an_identity() -> None:
    labelled = "selector: {matchLabels: {app: db}}, mtls: {mode: PERMISSIVE}, "
    found = network(
        authentication(labelled + "portLevelMtls: {81: {mode: DISABLE}}"),
        policy(rules=source("namespaces: [shop]")),
    )
    assert [asked(found, "web", port=port) for port in (80, 81)] == [ACCEPTED, DENIED]
    closed = network(authentication("mtls: {mode: DISABLE}"), policy("DENY", source("notNamespaces: [shop]")))
    assert asked(closed, "web") is DENIED


def test_the_same_mode_counts_for_all_policies() -> None:
    undecided = authentication("mtls: {mode: DISABLE}", "a"), authentication("mtls: {mode: PERMISSIVE}", "b")
    either = policy(rules=f"{source('namespaces: [shop]')}, {source('notNamespaces: [shop]')}")
    assert asked(network(*undecided, either), "web") is ACCEPTED
    assert asked(network(*undecided, policy(rules=source("namespaces: [shop]"))), "web") is UNKNOWN


def test_a_peer_authentication_that_is_not_understood_may_set_any_mode() -> None:
    found = network(authentication("mtls: {mode: PERMISSIVE}, level: 3"))
    assert [asked(found, each) for each in ("web", "plain")] == [ACCEPTED, UNKNOWN]
    root = network(authentication("level: 3", namespace="istio-system"))
    assert asked(root, "plain") is UNKNOWN


def test_the_mesh_must_agree_besides_the_network_and_is_not_switched_off_with_it() -> None:
    isolating = """
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop},
 spec: {podSelector: {}}}
"""
    opened = isolating.replace("podSelector: {}", "podSelector: {}, ingress: [{}]").replace("closed", "open")
    allow = policy(rules="{}")
    assert asked(network(allow, isolating), "web") is DENIED
    assert asked(network(policy(), opened), "web") is DENIED
    assert told(network(policy(), opened), "web") == [
        "shop/allow denies TCP from anyone whom no rule of the ALLOW policies for the pod matches"
    ]
    flannel = network(policy(), isolating, cni="flannel")
    assert not flannel.cni.enforced
    assert (asked(flannel, "web"), asked(flannel, "web", "plain")) == (DENIED, ACCEPTED)
    assert told(flannel, "web", "plain") == ["the CNI (flannel) does not enforce network policies"]


def test_the_own_node_and_the_pod_itself_always_get_in() -> None:
    found = network(policy())
    assert [asked(found, each) for each in ("db", "192.168.0.1", "stray", "agent")] == [
        ACCEPTED,
        ACCEPTED,
        UNKNOWN,
        DENIED,
    ]


def test_explanations_name_every_rule_that_decides() -> None:
    rules = (source("namespaces: [shop], notNamespaces: [x]"), operation("ports: ['80']"))
    allow = policy(rules=", ".join(rules))
    assert told(network(allow), "web") == [
        "shop/allow allows TCP from namespaces shop and notNamespaces x",
        "shop/allow allows TCP/80 from anyone",
    ]
    others = policy("DENY", operation("ports: ['80', '81'], notPorts: ['81']"), "numbers")
    assert told(network(others), "web") == ["shop/numbers denies TCP/80, TCP/81 other than 81 from anyone"]
    most = policy("DENY", operation("notPorts: ['81']"), "most")
    assert told(network(most), "web") == ["shop/most denies TCP other than 81 from anyone"]
    requests = policy(rules="{to: [{operation: {methods: [GET]}}], when: [{key: source.namespace, values: [shop]}]}")
    assert told(network(requests), "web") == [
        f"shop/allow allows TCP from anyone, where source.namespace is one of shop, {REQUESTS} methods GET"
    ]
    handed_on = told(network(policy("CUSTOM", "{}")), "web")
    assert handed_on == [
        "shop/custom denies TCP from anyone, if the provider judge says so may match: part of the rule is not evaluated"
    ]
    assert told(network(policy("DENY", source("namespaces: [shop]"))), "plain") == [
        "no policy isolates shop/db for ingress, and no other rule decides this connection"
    ]
    unsure = told(network(policy("DENY", "{}", more="matcher: {}, ")), "web")
    assert unsure == [f"shop/deny denies TCP {UNSURE}"]


def test_questions_that_take_policies_away_leave_those_of_the_mesh_alone() -> None:
    undecided = authentication("mtls: {mode: STRICT}", "a"), authentication("mtls: {mode: PERMISSIVE}", "b")
    kubernetes = """
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: open, namespace: shop},
 spec: {podSelector: {}, ingress: [{}]}}
"""
    found = network(*undecided, policy(rules="{}"), policy("DENY", operation("ports: ['80']")), kubernetes)
    effects = Effects(found)
    told_of = [each.policy.kind for each in contributions(effects, lambda _: True)]
    assert told_of == ["NetworkPolicy"]
    assert interferences(effects, lambda _: True) == ()
    assert not [each for each in diagnose(found.snapshot, SPEC).findings if each.check == "priority-tied"]
