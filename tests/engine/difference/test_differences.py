from __future__ import annotations

import msgspec
from tests.loading import snapshot_of

from firedoor.engine.difference import differences
from firedoor.engine.reach.network import Network
from firedoor.model.difference import ChangeKind, ConnectionChange, Difference, Presence
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.snapshot import Snapshot

WEB = "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}}\n---\n"
DB = "{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}}\n---\n"
CLOSED = (
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: data},"
    " spec: {podSelector: {}, policyTypes: [Ingress]}}\n---\n"
)


def allow(*ports: int, peer: str = "namespaceSelector: {}", name: str = "allow", selector: str = "{}") -> str:
    listed = ", ".join(f"{{port: {port}}}" for port in ports)
    return (
        f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: data}},"
        f" spec: {{podSelector: {selector}, policyTypes: [Ingress], ingress: [{{from: [{{{peer}}}],"
        f" ports: [{listed}]}}]}}}}\n---\n"
    )


def changes(old: str, new: str, *, pods: bool = False) -> dict[tuple[str, str], ConnectionChange]:
    networks = (Network(snapshot_of(text)) for text in (old, new))
    return {(str(each.src), str(each.dst)): each for each in differences(*networks, pods=pods)}


def tcp(*ports: int) -> tuple[tuple[str, int, int], ...]:
    return tuple(("TCP", port, port) for port in ports)


def test_more_and_less_traffic_is_added_widened_changed_narrowed_or_removed() -> None:
    base = WEB + DB
    for old, new, kind in (
        (CLOSED, allow(80), ChangeKind.ADDED),
        (allow(80), allow(80, 443), ChangeKind.WIDENED),
        (allow(80), allow(443), ChangeKind.CHANGED),
        (allow(80, 443), allow(80), ChangeKind.NARROWED),
        (allow(80), CLOSED, ChangeKind.REMOVED),
    ):
        found = changes(base + old, base + new)
        assert {ends: each.kind for ends, each in found.items()} == {("shop/web", "data/db"): kind}
    change = changes(base + allow(80, 90), base + allow(90, 443))["shop/web", "data/db"]
    assert (change.change.gained, change.change.lost) == (tcp(443), tcp(80))
    assert (change.old, change.new) == (tcp(80, 90), tcp(90, 443))
    assert changes(base + allow(80), base + allow(80, name="other")) == {}


def test_addresses_are_compared_on_ranges_that_neither_side_cuts() -> None:
    old = allow(80, peer="ipBlock: {cidr: 10.0.0.0/8}")
    new = allow(80, peer="ipBlock: {cidr: 10.1.0.0/16}") + allow(80, peer="ipBlock: {cidr: 11.0.0.0/8}", name="more")
    found = changes(DB + old, DB + new)
    assert {ends[0]: each.kind for ends, each in found.items()} == {
        "10.0.0.0-10.0.255.255": ChangeKind.REMOVED,
        "10.2.0.0-10.255.255.255": ChangeKind.REMOVED,
        "11.0.0.0-11.255.255.255": ChangeKind.ADDED,
    }


def test_a_family_that_only_one_side_shows_is_no_change_by_itself() -> None:
    block = allow(80, peer="ipBlock: {cidr: '2001:db8::/32'}", selector="{matchLabels: {app: other}}")
    other = "{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: data, labels: {app: other}}}\n---\n"
    found = changes(DB + other, DB + other + block)
    assert {end for ends in found for end in ends if "/" in end} == {"data/other", "data/db"}
    assert all("data/other" in ends for ends in found)


def test_a_pod_whose_address_is_known_on_one_side_has_its_family_on_both() -> None:
    block = allow(80, peer="ipBlock: {cidr: '2001:db8::/32'}", selector="{matchLabels: {app: other}}")
    known = DB.replace("}}}", "}}, status: {podIP: 10.0.0.1}}")
    assert changes(DB + block, known + block) == changes(known + block, DB + block) == {}


def test_workloads_of_one_side_are_new_or_removed() -> None:
    found = changes(DB, WEB + DB)
    assert found["shop/web", "data/db"].src_presence is Presence.NEW
    assert found["shop/web", "data/db"].dst_presence is Presence.KEPT
    assert found["0.0.0.0-255.255.255.255", "shop/web"].dst_presence is Presence.NEW
    assert {each.kind for each in found.values()} == {ChangeKind.ADDED}
    back = changes(WEB + DB, DB)
    assert back["data/db", "shop/web"].dst_presence is Presence.REMOVED
    assert {each.kind for each in back.values()} == {ChangeKind.REMOVED}
    assert back.keys() == found.keys()


def test_nothing_at_all_does_not_differ_from_nothing() -> None:
    assert list(differences(Network(Snapshot()), Network(Snapshot()))) == []


def test_a_gap_makes_verdicts_unknown_and_its_end_makes_them_known() -> None:
    clear = snapshot_of(WEB + DB + allow(80))
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope("data"))
    dark = msgspec.structs.replace(clear, gaps=(gap,))
    lost = {(str(each.src), str(each.dst)): each for each in differences(Network(clear), Network(dark))}
    change = lost["shop/web", "data/db"]
    assert change.kind is ChangeKind.UNKNOWN
    assert change.old == tcp(80)
    assert change.new == ()
    assert change.new_unknown == (("TCP", 1, 65535), ("UDP", 1, 65535), ("SCTP", 1, 65535))
    assert lost["data/db", "0.0.0.0-255.255.255.255"].kind is ChangeKind.UNKNOWN
    found = {(str(each.src), str(each.dst)): each for each in differences(Network(dark), Network(clear))}
    change = found["shop/web", "data/db"]
    assert change.kind is ChangeKind.KNOWN
    assert change.change.opened == tcp(80)
    assert ("TCP", 1, 79) in change.change.closed


def test_verdicts_that_became_known_and_others_unknown_are_a_change_both_ways() -> None:
    host = "{apiVersion: v1, kind: Pod, metadata: {name: host, namespace: shop}, spec: {hostNetwork: true}}\n---\n"
    old, new = host + DB + allow(80), host + DB + allow(81)
    # A host-network pod of unknown node: what no rule accepts is unknown, because a node reaches its own pods.
    found = changes(old.replace("namespaceSelector: {}", ""), new.replace("namespaceSelector: {}", ""))
    assert found == {}
    everyone = ("from: [{namespaceSelector: {}}],", "")
    found = changes(old.replace(*everyone), new.replace(*everyone))
    change = found["shop/host", "data/db"]
    assert change.kind is ChangeKind.CHANGED
    assert (change.change.unsettled, change.change.opened) == (tcp(80), tcp(81))


def pod(name: str, labels: str, extra: str = "") -> str:
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: data, labels: {{{labels}}},"
        f" ownerReferences: [{{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u, controller: true}}]}}{extra}}}"
        "\n---\n"
    )


def test_pods_of_a_workload_that_changed_differently_are_told_apart() -> None:
    base = WEB + pod("db-0", 'app: db, nr: "0"') + pod("db-1", 'app: db, nr: "1"')
    first = allow(80, name="first", selector='{matchLabels: {nr: "0"}}')
    found = changes(base, base + first)
    change = found["shop/web", "data/db"]
    assert change.kind is ChangeKind.NARROWED
    assert change.old == change.new
    assert [(each.src_pods, each.dst_pods) for each in change.details] == [(("web",), ("db-0",))]
    outside = found["0.0.0.0-255.255.255.255", "data/db"]
    assert [(each.src_pods, each.dst_pods) for each in outside.details] == [((), ("db-0",))]
    inner = found["data/db", "data/db"]
    assert [(each.src_pods, each.dst_pods) for each in inner.details] == [(("db-1",), ("db-0",))]


def test_what_pods_may_send_outside_is_told_apart_too() -> None:
    base = pod("db-0", 'app: db, nr: "0"') + pod("db-1", 'app: db, nr: "1"')
    closed = allow(80, name="first", selector='{matchLabels: {nr: "0"}}').replace("Ingress", "Egress")
    found = changes(base, base + closed.replace("ingress: [{from", "egress: [{to"))
    outside = found["data/db", "0.0.0.0-255.255.255.255"]
    assert [(each.src_pods, each.dst_pods) for each in outside.details] == [(("db-0",), ())]


def test_pods_with_new_names_stand_for_the_old_ones_most_like_them() -> None:
    old = WEB + pod("db-a", "app: db, pod-template-hash: a, tier: one") + pod("db-b", "app: db, tier: two")
    new = WEB + pod("db-c", "app: db, pod-template-hash: c, tier: one") + pod("db-d", "app: db, tier: three")
    only_x = allow(80, selector="{matchLabels: {tier: one}}")
    assert changes(old + only_x, new + only_x) == {}
    assert changes(old, new + only_x)["shop/web", "data/db"].details[0].dst_pods == ("db-c",)
    # With --pods a pod of another name is another pod.
    assert {each.kind for each in changes(old, new, pods=True).values()} == {ChangeKind.ADDED, ChangeKind.REMOVED}


def test_more_or_fewer_pods_of_a_workload_alone_are_no_change() -> None:
    one = WEB + pod("db-0", "app: db")
    three = one + pod("db-1", "app: db") + pod("db-2", "app: db")
    assert changes(one, three) == changes(three, one) == {}
    assert {ends for ends in changes(one, three, pods=True) if "shop/web" in ends} == {
        ("shop/web", "data/db-1"), ("shop/web", "data/db-2"), ("data/db-1", "shop/web"), ("data/db-2", "shop/web"),
    }  # fmt: skip


def host(name: str, node: str) -> str:
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop, ownerReferences:"
        " [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: u, controller: true}]},"
        f" spec: {{hostNetwork: true, nodeName: {node}}}}}\n---\n"
    )


def test_a_pod_on_the_network_of_its_node_keeps_the_pods_there() -> None:
    agents = host("agent-1", "n1") + host("agent-2", "n2")
    db = pod("db-0", "app: db", ", spec: {nodeName: n1}")
    found = changes(agents + db, agents + db + CLOSED)
    change = found["shop/agent", "data/db"]
    assert change.kind is ChangeKind.NARROWED
    assert [each.where for each in change.details] == ["on different nodes"]
    # Running elsewhere is no change of what may connect.
    moved = pod("db-0", "app: db", ", spec: {nodeName: n2}")
    assert changes(agents + db + CLOSED, agents + moved + CLOSED) == {}


def test_an_unplaced_pod_that_is_placed_becomes_known() -> None:
    agents = host("agent-1", "n1") + host("agent-2", "n2")
    db, placed = pod("db-0", "app: db"), pod("db-0", "app: db", ", spec: {nodeName: n1}")
    change = changes(agents + db + CLOSED, agents + placed + CLOSED)["shop/agent", "data/db"]
    assert change.kind is ChangeKind.KNOWN
    assert {each.where for each in change.details} == {"on the same node", "on different nodes"}
    back = changes(agents + placed + CLOSED, agents + db + CLOSED)["shop/agent", "data/db"]
    assert back.kind is ChangeKind.UNKNOWN


def test_agents_that_come_and_go_are_new_and_removed() -> None:
    agents, db = host("agent-1", "n1") + host("agent-2", "n2"), pod("db-0", "app: db", ", spec: {nodeName: n1}")
    found = changes(db + CLOSED, agents + db + CLOSED)
    assert found["shop/agent", "data/db"].src_presence is Presence.NEW
    assert changes(agents + db + CLOSED, db + CLOSED)["shop/agent", "data/db"].kind is ChangeKind.REMOVED


def test_a_pod_that_moves_to_the_network_of_its_node_is_compared_as_what_it_is() -> None:
    plain = host("agent-1", "n1").replace("hostNetwork: true, ", "")
    db = pod("db-0", "app: db", ", spec: {nodeName: n1}")
    found = changes(plain + db + CLOSED, host("agent-1", "n1") + db + CLOSED)
    assert found["shop/agent", "data/db"].kind is ChangeKind.ADDED


def domain_policy(name: str) -> str:
    return (
        "{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: names},"
        " spec: {tier: Admin, priority: 1, subject: {namespaces: {}},"
        f" egress: [{{action: Accept, to: [{{domainNames: [{name}]}}]}},"
        " {action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]}}\n---\n"
    )


def test_domain_names_are_ends_of_their_own() -> None:
    found = changes(DB, DB + domain_policy("api.example.com"))
    assert ("data/db", "api.example.com") not in found
    assert found["data/db", "0.0.0.0-255.255.255.255"].kind in {ChangeKind.REMOVED, ChangeKind.UNKNOWN}
    found = changes(DB + domain_policy("api.example.com"), DB + domain_policy("'*.example.org'"))
    assert ("data/db", "api.example.com") in found
    assert ("data/db", "*.example.org") in found
    everything = changes(domain_policy("a.example.com"), DB + domain_policy("a.example.com"))
    assert everything["data/db", "a.example.com"].dst_presence is Presence.KEPT


def test_pods_that_policies_treat_alike_lie_to_agents_alike() -> None:
    agents = host("agent-1", "n1") + host("agent-2", "n2")
    db = pod("db-0", "app: db", ", spec: {nodeName: n1}")
    twin = db.replace("db-0", "twin-0").replace("name: db,", "name: twin,")
    found = changes(agents + db + twin, agents + db + twin + CLOSED)
    first, second = found["shop/agent", "data/db"], found["shop/agent", "data/twin"]
    assert first.change == second.change
    assert [each.where for each in second.details] == ["on different nodes"]


def test_changes_are_counted_by_kind() -> None:
    found = changes(WEB + DB + CLOSED, WEB + DB + allow(80))
    difference = Difference("old", "new", tuple(found.values()))
    assert difference.count(ChangeKind.ADDED) == 1
    assert difference.count(ChangeKind.REMOVED) == 0


def test_a_rule_that_tells_the_own_node_apart_is_compared_node_by_node() -> None:
    pods = "".join(
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: shop}}, "
        f"spec: {{nodeName: {node}, hostNetwork: {host}}}}}\n---\n"
        for name, node, host in (("x", "n1", "false"), ("near", "n1", "true"), ("far", "n2", "true"))
    )
    own = (
        "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: own, namespace: shop},"
        " spec: {endpointSelector: {}, egress: [{toEntities: [host]}]}}\n---\n"
    )
    found = changes(pods, pods + own)
    assert found["shop/x", "shop/far"].kind is ChangeKind.REMOVED
    assert ("shop/x", "shop/near") not in found
    assert ("shop/near", "shop/far") not in found
    back = changes(pods + own, pods)
    assert back["shop/x", "shop/far"].kind is ChangeKind.ADDED
