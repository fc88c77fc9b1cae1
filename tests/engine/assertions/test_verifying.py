from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.algebra.ports import ALL_TRAFFIC, Traffic
from firedoor.engine.assertions import Verifier
from firedoor.engine.reach.network import Network
from firedoor.model.intents import EndTerm, Intent, IntentKind, IntentResult, Verification, Word
from firedoor.model.labels import LabelSelector
from firedoor.model.verdicts import Verdict

CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}, spec: {nodeName: n1}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: data}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}]
      ports: [{port: 5432}]
    - from: [{ipBlock: {cidr: 203.0.113.0/24}}]
      ports: [{port: 22}]
"""
WEB = EndTerm("web", namespace="shop", labels=LabelSelector({"app": "web"}))
API = EndTerm("api", namespace_labels=LabelSelector({"team": "shop"}), workload="api")
DB = EndTerm("db", namespace="data")
OUTSIDE, ANY, NODES, PODS = (EndTerm(word.value, word) for word in (Word.OUTSIDE, Word.ANY, Word.NODES, Word.PODS))
POSTGRES: Traffic = (("TCP", 5432, 5432),)
ALLOW, DENY, ONLY = IntentKind


def result(
    kind: IntentKind,
    sources: tuple[EndTerm, ...],
    destinations: tuple[EndTerm, ...],
    ports: Traffic = ALL_TRAFFIC,
    *,
    allow_empty: bool = False,
    extra: str = "",
) -> IntentResult:
    network = Network(snapshot_of(CLUSTER + extra))
    intent = Intent("one", kind, sources, destinations, ports, allow_empty, "intents.yaml:1")
    return Verifier(network).result(intent)


def ends(found: IntentResult) -> list[tuple[str, str]]:
    return [(each.source, each.destination) for each in found.violations]


def test_must_allow_holds_where_every_connection_is_accepted_and_names_the_others() -> None:
    assert result(ALLOW, (API,), (DB,), POSTGRES).holds
    found = result(ALLOW, (WEB, API), (DB,), POSTGRES)
    assert ends(found) == [("shop/web", "data/db")]
    assert found.violations[0].verdict is Verdict.DENIED
    assert found.violations[0].traffic == POSTGRES
    assert "isolates" in found.violations[0].ingress.because[0].detail


def test_must_deny_holds_where_every_connection_is_denied_and_names_the_others() -> None:
    assert result(DENY, (WEB,), (DB,)).holds
    found = result(DENY, (WEB, API), (DB,), (("TCP", 5000, 6000),))
    assert ends(found) == [("shop/api", "data/db")]
    assert found.violations[0].traffic == POSTGRES
    assert found.violations[0].ingress.because[0].rule == "spec.ingress[0]"


def test_only_these_denies_all_other_pods_and_the_outside() -> None:
    assert result(ONLY, (API,), (DB,), POSTGRES).holds
    found = result(ONLY, (), (DB,), POSTGRES)
    assert ends(found) == [("shop/api", "data/db")]
    found = result(ONLY, (API,), (DB,))
    assert ends(found) == [("203.0.113.0-203.0.113.255", "data/db")]
    assert found.violations[0].traffic == (("TCP", 22, 22),)
    assert result(ONLY, (API, EndTerm("x", addresses="203.0.113.0/24")), (DB,)).holds
    assert not result(ONLY, (API, EndTerm("x", addresses="203.0.113.0/25")), (DB,)).holds
    assert not result(ONLY, (API, EndTerm("x", addresses="203.0.113.7")), (DB,)).holds


def test_only_these_may_be_about_who_reaches_the_outside() -> None:
    found = result(ONLY, (WEB,), (OUTSIDE,))
    assert ends(found) == [("shop/api", "0.0.0.0-203.0.112.255 and 1 more")]
    assert result(ONLY, (WEB, API), (OUTSIDE,)).holds


def test_the_outside_is_judged_in_both_directions() -> None:
    assert result(DENY, (DB,), (OUTSIDE,)).holds
    assert result(ALLOW, (WEB,), (OUTSIDE,)).holds
    found = result(DENY, (OUTSIDE,), (DB, WEB))
    assert found.violations[0].source == "0.0.0.0-203.0.112.255 and 1 more"
    assert {each.destination for each in found.violations} == {"data/db", "shop/web"}


def test_an_address_of_a_pod_is_the_pod_and_a_node_reaches_its_own() -> None:
    assert ends(result(DENY, (EndTerm("10.0.0.1", addresses="10.0.0.1"),), (API,))) == [("shop/web", "shop/api")]
    node = EndTerm("192.168.0.1", addresses="192.168.0.1")
    assert ends(result(DENY, (node,), (DB,))) == [("192.168.0.1", "data/db")]
    assert result(DENY, (EndTerm("192.168.0.2", addresses="192.168.0.2"),), (DB,)).holds
    assert ends(result(DENY, (WEB, DB), (node,))) == [("shop/web", "192.168.0.1")]


def test_a_pod_and_itself_is_no_pair() -> None:
    assert result(DENY, (DB,), (DB,)).holds
    assert result(DENY, (WEB,), (WEB,)).holds
    assert ends(result(DENY, (WEB, API), (WEB, API))) == [("shop/api", "shop/web"), ("shop/web", "shop/api")]


def test_an_end_that_matches_nothing_is_a_failure_unless_allowed() -> None:
    nobody = EndTerm("labels app=nobody", labels=LabelSelector({"app": "nobody"}))
    found = result(DENY, (nobody, WEB), (DB,))
    assert not found.holds
    assert found.problems == ("labels app=nobody: matches no pod",)
    assert result(DENY, (nobody,), (DB,), allow_empty=True).holds
    assert not result(ALLOW, (nobody,), (DB,)).holds
    addresses = EndTerm("192.0.2.1", addresses="192.0.2.1")
    assert result(ALLOW, (addresses,), (addresses,)).problems == ("neither end is a pod",)


def test_pods_of_a_kind_are_told_apart_where_a_name_is_shared() -> None:
    twin = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: twin}}, template: {metadata: {labels: {app: twin}}}}
"""
    both = EndTerm("web", namespace="shop", workload="web")
    assert ends(result(ALLOW, (both,), (DB,), extra=twin)) == [
        ("shop/deployment/web", "data/db"),
        ("shop/pod/web", "data/db"),
    ]
    one = EndTerm("web", namespace="shop", workload="Deployment/web")
    assert ends(result(ALLOW, (one,), (DB,), extra=twin)) == [("shop/deployment/web", "data/db")]


HOST = """
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop}, spec: {hostNetwork: true%s}}
"""


def test_an_unknown_verdict_fails_and_is_told_as_unknown() -> None:
    for kind in (ALLOW, DENY):
        found = result(kind, (NODES,), (DB,), POSTGRES, extra=HOST % "")
        assert ends(found) == [("shop/agent", "data/db")]
        assert (found.violations[0].traffic, found.violations[0].unknown) == ((), POSTGRES)
        assert found.violations[0].verdict is Verdict.UNKNOWN


def test_pods_on_the_network_of_a_node_reach_the_pods_there_and_no_others() -> None:
    assert ends(result(DENY, (NODES,), (DB,), extra=HOST % ", nodeName: n1")) == [("shop/agent", "data/db")]
    assert result(DENY, (NODES,), (DB,), POSTGRES, extra=HOST % ", nodeName: n2").holds
    assert result(ONLY, (API, NODES), (DB,), POSTGRES, extra=HOST % ", nodeName: n1").holds
    assert not result(ONLY, (API,), (DB,), POSTGRES, extra=HOST % ", nodeName: n1").holds


def test_both_certain_and_unknown_traffic_are_told_of_the_same_workloads() -> None:
    hosts = HOST % "" + HOST.replace("agent", "agent-2") % ", nodeName: n1"
    owner = "ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: u, controller: true}]"
    hosts = hosts.replace("namespace: shop}", f"namespace: shop, {owner}}}")
    found = result(DENY, (NODES,), (DB,), POSTGRES, extra=hosts)
    assert ends(found) == [("shop/agent", "data/db")]
    assert (found.violations[0].traffic, found.violations[0].unknown) == (POSTGRES, POSTGRES)
    assert found.violations[0].verdict is Verdict.ACCEPTED


def test_pods_have_no_traffic_of_a_family_that_they_have_no_address_of() -> None:
    v6 = """
---
{apiVersion: v1, kind: Pod, metadata: {name: six, namespace: six}, status: {podIP: '2001:db8::5'}}
"""
    found = result(DENY, (OUTSIDE,), (EndTerm("six", namespace="six"), WEB), extra=v6)
    assert [(":" in source, name) for source, name in ends(found)] == [(False, "shop/web"), (True, "six/six")]


def test_any_and_pods_are_everybody() -> None:
    assert {source for source, _ in ends(result(DENY, (PODS,), (DB,)))} == {"shop/api"}
    assert {source for source, _ in ends(result(DENY, (ANY,), (DB,)))} == {"shop/api", "203.0.113.0-203.0.113.255"}


def test_only_so_many_violations_are_explained() -> None:
    network = Network(snapshot_of(CLUSTER))
    intent = Intent("one", DENY, (PODS,), (WEB, API))
    found = Verifier(network, 1).result(intent)
    assert (len(found.violations), found.more) == (1, 1)
    assert Verification((found,)).failed == 1


@pytest.mark.parametrize(("port", "holds"), [(5431, True), (5432, False), (5433, True)])
def test_a_port_is_judged_by_itself(port: int, holds: bool) -> None:
    assert result(DENY, (API,), (DB,), (("TCP", port, port),)).holds is holds


def test_a_rule_that_tells_the_own_node_apart_is_judged_node_by_node() -> None:
    extra = """
---
{apiVersion: v1, kind: Pod, metadata: {name: near, namespace: net}, spec: {nodeName: n1, hostNetwork: true}}
---
{apiVersion: v1, kind: Pod, metadata: {name: far, namespace: net}, spec: {nodeName: n2, hostNetwork: true}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: own, namespace: data},
 spec: {endpointSelector: {}, egress: [{toEntities: [host]}]}}
"""
    near, far = (EndTerm(name, namespace="net", workload=name) for name in ("near", "far"))
    assert result(ALLOW, (DB,), (near,), extra=extra).holds
    assert ends(result(ALLOW, (DB,), (far,), extra=extra)) == [("data/db", "net/far")]
    bare = extra + "---\n{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: data2}, spec: {nodeName: n1}}\n"
    bare = bare.replace("namespace: data},", "namespace: data2},")
    x = EndTerm("x", namespace="data2")
    assert result(ALLOW, (x,), (near,), extra=bare).holds
    assert ends(result(ALLOW, (x,), (far,), extra=bare)) == [("data2/x", "net/far")]
    assert result(DENY, (x,), (far,), extra=bare).holds
    assert result(ALLOW, (near,), (far,), extra=bare).holds


NAMES = """
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: out, namespace: shop},
 spec: {endpointSelector: {matchLabels: {app: web}}, egress: [{toFQDNs: [{matchPattern: "*.example.com"}]}]}}
---
{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: far},
 spec: {tier: Admin, priority: 1, subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}},
  egress: [{action: Accept, to: [{domainNames: ["*.example.com"]}]},
           {action: Deny, to: [{networks: ["0.0.0.0/0", "::/0"]}]}]}}
"""


@pytest.mark.parametrize("name", ["api.example.com", "a.b.example.com", "example.org"])
@pytest.mark.parametrize("extra", ["", NAMES])
def test_domain_names_are_judged_by_the_rules_that_name_them(name: str, extra: str) -> None:
    network = Network(snapshot_of(CLUSTER + extra), domains=[name])
    end = EndTerm(f"domain {name}", domain=name)
    allowed, denied = (
        {
            source
            for each, source in ((WEB, "shop/web"), (API, "shop/api"))
            if Verifier(network).result(Intent("one", kind, (each,), (end,))).holds
        }
        for kind in (ALLOW, DENY)
    )
    by_cilium = {"api.example.com": {"shop/web"}}.get(name, set())
    by_cluster = set() if name == "example.org" else {"shop/api"}
    assert allowed == (by_cilium | by_cluster if extra else {"shop/web", "shop/api"})
    assert denied == ({"shop/web", "shop/api"} - allowed if extra else set())


def test_a_name_that_only_rules_about_some_addresses_are_about_may_be_anything() -> None:
    network = Network(snapshot_of(CLUSTER + OPEN), domains=["api.example.com"])
    end = EndTerm("domain api.example.com", domain="api.example.com")
    (violation,) = Verifier(network).result(Intent("one", ALLOW, (WEB,), (end,))).violations
    assert (violation.source, violation.destination, violation.verdict) == (
        "shop/web",
        "api.example.com",
        Verdict.UNKNOWN,
    )
    assert not Verifier(network).result(Intent("one", DENY, (WEB,), (end,))).holds
    assert Verifier(network).result(Intent("one", ONLY, (WEB, NODES, API), (end,))).holds


OPEN = """
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: some, namespace: shop},
 spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 203.0.113.0/24}}]}]}}
"""
