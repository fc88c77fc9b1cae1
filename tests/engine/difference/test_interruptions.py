from __future__ import annotations

import msgspec
from tests.loading import snapshot_of

from firedoor.engine.difference import disturbances, interruptions, openings
from firedoor.engine.reach.network import Network
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.rollout import Interruption

PODS = "".join(
    f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}}}\n---\n"
    for name in ("web", "db", "job")
)


def policy(name: str, peers: str = "", *, selector: str = "app: db", ports: str = "") -> str:
    rules = f"[{{from: [{peers}]{f', ports: [{ports}]' if ports else ''}}}]" if peers else "[]"
    return (
        f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: shop}},"
        f" spec: {{podSelector: {{matchLabels: {{{selector}}}}}, policyTypes: [Ingress], ingress: {rules}}}}}\n---\n"
    )


def app(name: str) -> str:
    return f"{{podSelector: {{matchLabels: {{app: {name}}}}}}}"


def network(text: str, pods: str = PODS) -> Network:
    return Network(snapshot_of(pods + text))


def told(found: tuple[Interruption, ...]) -> set[tuple[str, str, str]]:
    return {(str(each.source), str(each.destination), str(each.traffic)) for each in found}


ALL = "(('SCTP', 1, 65535), ('TCP', 1, 65535), ('UDP', 1, 65535))"


def test_what_passes_before_and_after_and_not_between_is_an_interruption() -> None:
    old, new = network(""), network(policy("a", app("web")) + policy("b", app("job")))
    between = network(policy("a", app("web")))
    assert told(interruptions(old, between, new)) == {("shop/job", "shop/db", ALL)}
    assert told(interruptions(old, between, new, pods=True)) == {("shop/job", "shop/db", ALL)}
    assert interruptions(old, new, new) == interruptions(old, old, new) == ()


def test_only_the_ports_that_are_common_are_interrupted() -> None:
    old, between = network(policy("a", app("web"), ports="{port: 80, endPort: 90}")), network(policy("a"))
    new = network(policy("a", app("web"), ports="{port: 85, endPort: 95}"))
    assert told(interruptions(old, between, new)) == {("shop/web", "shop/db", "(('TCP', 85, 90),)")}
    assert interruptions(old, between, network(policy("a", app("web"), ports="{port: 99}"))) == ()


def test_addresses_are_interrupted_where_they_overlap() -> None:
    def block(*cidrs: str) -> Network:
        return network(policy("a", ", ".join(f"{{ipBlock: {{cidr: {each}}}}}" for each in cidrs)))

    old, between = block("10.0.0.0/8", "fd00::/16"), network(policy("a"))
    found = interruptions(old, between, block("10.2.0.0/16", "12.0.0.0/8"))
    assert told(found) == {("10.0.0.0-10.255.255.255", "shop/db", ALL)}
    assert interruptions(old, between, block("9.0.0.0/8", "11.0.0.0/8", "fe00::/16")) == ()


def test_what_is_not_known_between_is_not_surely_let_pass() -> None:
    namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: far, labels: {a: b}}}\n---\n"
    far = "{apiVersion: v1, kind: Pod, metadata: {name: far, namespace: far}}\n---\n"
    unknown = policy("a", "{namespaceSelector: {matchLabels: {a: b}}}")
    old, between, new = network("", PODS + far), network(unknown, PODS + far), network("", PODS + far)
    assert ("far/far", "shop/db", ALL) in told(interruptions(old, between, new))
    closed = network(policy("a"), PODS + far)
    assert ("far/far", "shop/db", ALL) not in told(interruptions(closed, between, new))
    known = network(unknown, PODS + namespace + far)
    assert ("far/far", "shop/db", ALL) not in told(interruptions(old, known, new))


def test_what_neither_lets_pass_is_an_opening() -> None:
    closed, web = network(policy("a")), network(policy("a", app("web")))
    assert told(openings(closed, web, closed)) == {("shop/web", "shop/db", ALL)}
    assert openings(closed, web, web) == openings(web, web, closed) == openings(closed, closed, closed) == ()


def test_whatever_has_another_verdict_is_a_disturbance_and_what_became_unknown_is_on_both_sides() -> None:
    old, new = network(policy("a", app("web"))), network(policy("a", app("job")))
    opened, cut = disturbances(old, new, pods=True)
    assert [(str(each.source), str(each.destination)) for each in opened] == [("shop/job", "shop/db")]
    assert [(str(each.source), str(each.destination)) for each in cut] == [("shop/web", "shop/db")]
    assert disturbances(old, old) == ((), ())
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope("shop"))
    dark = Network(msgspec.structs.replace(old.snapshot, gaps=(gap,)))
    opened, cut = disturbances(old, dark)
    assert told(opened) == told(cut)
    assert {("shop/job", "shop/db"), ("shop/web", "shop/db")} <= {each[:2] for each in told(opened)}
