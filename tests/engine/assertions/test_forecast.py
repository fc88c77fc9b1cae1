"""What is told of a change of one policy beforehand, where properties do not reach."""

from __future__ import annotations

import dataclasses

import msgspec
from tests.loading import snapshot_of

from firedoor.engine.assertions import Verifier
from firedoor.engine.assertions.forecast import MOST_TOLD, Breach, Broken, Forecast
from firedoor.engine.assertions.part import MOST_CLASSES
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Gap, GapKind, Scope

BY_ADDRESS = dataclasses.replace(SPEC, ipblock_matches_pods=True)
POD = """
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {app}}}}}
spec: {{nodeName: n1}}
status: {{phase: Running, podIP: {address}}}
"""
CLOSED = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: data}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
DB = POD.format(name="db", namespace="data", app="db", address="10.0.9.9")
WEB = POD.format(name="web", namespace="shop", app="web", address="10.0.0.1")
INTO = Intent("into", IntentKind.MUST_DENY, (EndTerm("pods", Word.PODS),), (EndTerm("data", namespace="data"),))


def policy(spec: str, name: str = "closed", namespace: str = "data") -> NetworkPolicy:
    text = (
        f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
    )
    (found,) = snapshot_of(f"{text}spec: {spec}\n").network_policies
    return found


def forecast(cluster: str, cni: CniProfile = SPEC, intent: Intent = INTO) -> Forecast:
    return Forecast(Verifier(Network(snapshot_of(cluster), cni)), {7: intent})


def told(found: Forecast, new: NetworkPolicy) -> dict[int, Broken] | None:
    return found.broken(new.ref, new)


OPEN = policy("{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}")


def test_what_would_be_let_in_is_told_by_the_names_of_workloads() -> None:
    assert told(forecast(WEB + DB + CLOSED), OPEN) == {7: Broken((Breach("shop/web", "data/db", "TCP", 1),), 1)}


def test_intents_that_demand_the_same_are_told_apart_where_one_of_them_is_broken() -> None:
    other = POD.format(name="other", namespace="other", app="other", address="10.0.8.8")
    verifier = Verifier(Network(snapshot_of(WEB + DB + other + CLOSED)))
    one, two = (msgspec.structs.replace(INTO, sources=(EndTerm(name, namespace=name),)) for name in ("shop", "other"))
    only = Intent("only", IntentKind.ONLY_THESE, (EndTerm("o", namespace="other"),), INTO.destinations)
    shop = "{matchLabels: {kubernetes.io/metadata.name: shop}}"
    into_shop = policy(f"{{podSelector: {{}}, ingress: [{{from: [{{namespaceSelector: {shop}}}]}}]}}")
    found = Forecast(verifier, {1: one, 2: two, 3: only}).broken(into_shop.ref, into_shop)
    assert found is not None
    assert sorted(found) == [1, 3]


def test_each_of_several_intents_about_one_namespace_is_judged() -> None:
    verifier = Verifier(Network(snapshot_of(WEB + DB + CLOSED)))
    api = msgspec.structs.replace(INTO, ports=(("TCP", 80, 80),))
    away = msgspec.structs.replace(INTO, destinations=(EndTerm("shop", namespace="shop"),))
    found = Forecast(verifier, {3: INTO, 4: api, 5: away}).broken(OPEN.ref, OPEN)
    assert found == {
        3: Broken((Breach("shop/web", "data/db", "TCP", 1),), 1),
        4: Broken((Breach("shop/web", "data/db", "TCP", 80),), 1),
    }


def test_a_policy_that_says_the_same_or_is_about_nobody_or_is_not_enforced_breaks_nothing() -> None:
    found = forecast(WEB + DB + CLOSED)
    same = policy("{podSelector: {}, policyTypes: [Ingress]}")
    labelled = msgspec.structs.replace(same, metadata=msgspec.structs.replace(same.metadata, labels={"a": "b"}))
    assert told(found, labelled) == {}
    assert told(found, policy("{podSelector: {matchLabels: {app: none}}, ingress: [{}]}", "other")) == {}
    assert told(found, policy("{podSelector: {}, ingress: [{}]}", "closed", "nowhere")) == {}
    assert told(forecast(WEB + DB + CLOSED, dataclasses.replace(SPEC, enforced=False)), OPEN) == {}


def test_it_is_not_told_where_another_version_of_ip_begins_to_count() -> None:
    v6 = policy('{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: "fd00::/8"}}]}]}')
    found = forecast(WEB + DB + CLOSED)
    assert told(found, v6) is None
    assert found.broken(v6.ref, None) is not None


def test_it_is_not_told_where_policies_of_other_apis_decide_too() -> None:
    mesh = """
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
"""
    found = forecast(WEB + DB + CLOSED + mesh)
    assert told(found, OPEN) is None
    assert not found.is_deaf_to("nowhere", {})


def test_labels_of_a_namespace_count_where_a_selector_of_policies_or_of_intents_tells_them_apart() -> None:
    label = EndTerm(
        "red",
        namespace_labels=snapshot_of(CLOSED.replace("{}", "{matchLabels: {team: red}}"))
        .network_policies[0]
        .spec.pod_selector,
    )
    found = forecast(WEB + DB + CLOSED, intent=msgspec.structs.replace(INTO, sources=(label,)))
    assert found.is_deaf_to("shop", {"team": "blue"})
    assert found.is_deaf_to("nowhere", {"team": "red"})
    assert not found.is_deaf_to("shop", {"team": "red"})


def test_pods_that_new_blocks_tell_apart_are_told_apart() -> None:
    more = "".join(
        POD.format(name=name, namespace="shop", app="web", address=address)
        for name, address in (("a", "10.0.0.2"), ("b", "10.1.0.1"), ("c", "fd00::1"), ("d", "''"))
    )
    block = policy("{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}]}]}")
    found = forecast(WEB + more + DB + CLOSED, BY_ADDRESS)
    broken = told(found, block)
    assert broken is not None
    # Of a pod whose address is not known it is not known.
    assert [each.source for each in broken[7].breaches] == ["shop/b", "shop/d"]
    assert told(forecast(WEB + DB + CLOSED), block) == {}


def test_where_everything_is_opened_it_is_said_that_not_all_is_told() -> None:
    many = "".join(
        POD.format(name=f"web-{number}", namespace=f"shop-{number}", app="web", address=f"10.2.0.{number + 1}")
        for number in range(MOST_CLASSES + 6)
    )
    found = told(forecast(many + DB + CLOSED), OPEN)
    assert found is not None
    assert (len(found[7].breaches), found[7].count, found[7].is_cut) == (MOST_TOLD, MOST_CLASSES, True)


def test_pods_on_the_network_of_another_node_are_let_in_as_all_others_are() -> None:
    host = WEB.replace("nodeName: n1", "nodeName: n2, hostNetwork: true")
    found = forecast(host + DB + CLOSED, intent=msgspec.structs.replace(INTO, sources=(EndTerm("nodes", Word.NODES),)))
    assert told(found, OPEN) == {7: Broken((Breach("shop/web", "data/db", "TCP", 1),), 1)}


def test_what_gaps_make_unknown_stays_unknown() -> None:
    gap = Gap(GapKind.FORBIDDEN, "/api", "nobody may list them", scope=Scope("shop", ingress=False, egress=True))
    snapshot = msgspec.structs.replace(snapshot_of(WEB + DB + CLOSED), gaps=(gap,))
    found = Forecast(Verifier(Network(snapshot)), {7: INTO})
    assert told(found, OPEN) == {7: Broken((Breach("shop/web", "data/db", "TCP", 1),), 1)}
    dark = msgspec.structs.replace(gap, scope=Scope("data", ingress=False, egress=True))
    snapshot = msgspec.structs.replace(snapshot, gaps=(dark,))
    away = Intent(
        "away", IntentKind.MUST_DENY, (EndTerm("data", namespace="data"),), (EndTerm("shop", namespace="shop"),)
    )
    found = Forecast(Verifier(Network(snapshot)), {7: away})
    assert told(found, policy("{podSelector: {}, policyTypes: [Egress]}")) == {
        7: Broken((Breach("data/db", "shop/web", "TCP", 1),), 1)
    }
