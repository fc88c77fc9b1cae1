"""Whether policies let messages of ICMP pass, in the engine."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.algebra.cidrs import Family
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.flip import flip
from firedoor.engine.reach.network import Network
from firedoor.model.icmp import ICMP, IcmpMessage
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop, labels: {app: a}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop, labels: {app: b}}}
---
"""
PING, UNREACHABLE = IcmpMessage(), IcmpMessage(4, 3, 1)
ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN


def verdict(policy: str, message: IcmpMessage = PING, cni: str = "spec") -> Verdict:
    """Return the verdict on a message from ``shop/a`` to ``shop/b``."""
    return network(policy, message, cni).verdict(0, 1, ICMP, 0)


def network(policy: str, message: IcmpMessage = PING, cni: str = "spec") -> Network:
    """Return the network of two pods and a policy."""
    return Network(snapshot_of(PODS + policy), PROFILES[cni], icmp=message)


def kubernetes(rules: str) -> str:
    """Return a NetworkPolicy for ``shop/b``."""
    return (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, "
        f"spec: {{podSelector: {{matchLabels: {{app: b}}}}, policyTypes: [Ingress], ingress: {rules}}}}}"
    )


@pytest.mark.parametrize(
    ("rules", "as_written"),
    [("[]", DENIED), ("[{}]", ACCEPTED), ("[{ports: [{protocol: TCP}]}]", DENIED), ("[{ports: [{port: 80}]}]", DENIED)],
)
def test_network_policies_leave_it_to_the_plugin(rules: str, as_written: Verdict) -> None:
    assert verdict(kubernetes(rules)) is UNKNOWN
    for cni in ("calico", "cilium", "gke-dataplane-v2"):
        assert verdict(kubernetes(rules), cni=cni) is as_written
    assert verdict(kubernetes(rules), cni="none") is ACCEPTED
    assert verdict("") is ACCEPTED


def test_what_is_not_known_is_explained_by_the_policy_and_no_change_is_proposed() -> None:
    asked = network(kubernetes("[{}]"))
    told = explain_direction(asked, Direction.INGRESS, 0, 1, ICMP, 0)
    assert told.verdict is UNKNOWN
    assert [(each.policy, each.rule) for each in told.because] == [("shop/p", "")]
    assert "leaves it to the plugin" in told.because[0].detail
    assert not told.near_misses
    assert flip(network(kubernetes("[]"), cni="calico"), 0, 1, ICMP, 0) is None


def test_a_policy_of_calico_or_cilium_tells_who_the_plugin_is() -> None:
    calico = """
---
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: idle},
 spec: {selector: app == "nobody", ingress: [{action: Allow}]}}
"""
    cilium = """
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: idle, namespace: shop},
 spec: {endpointSelector: {matchLabels: {app: nobody}}, ingress: [{}]}}
"""
    for other in (calico, cilium):
        assert verdict(kubernetes("[{}]") + other) is ACCEPTED
        assert verdict(kubernetes("[]") + other) is DENIED


def test_a_multi_network_policy_leaves_it_open_too() -> None:
    pods = [
        f"{{apiVersion: v1, kind: Pod, spec: {{containers: []}}, metadata: {{name: {name}, namespace: shop, "
        "annotations: {k8s.v1.cni.cncf.io/networks: storage}}}\n---\n"
        for name in ("web", "db")
    ]
    policy = """
{apiVersion: k8s.cni.cncf.io/v1beta1, kind: MultiNetworkPolicy,
 metadata: {name: p, namespace: shop, annotations: {k8s.v1.cni.cncf.io/policy-for: storage}},
 spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}}
"""
    asked = Network(snapshot_of("".join(pods) + policy), network="shop/storage", icmp=PING)
    assert asked.verdict(0, 1, ICMP, 0) is UNKNOWN


@pytest.mark.parametrize(
    ("rule", "ping", "unreachable"),
    [
        ("{action: Allow}", ACCEPTED, ACCEPTED),
        ("{action: Allow, protocol: TCP}", DENIED, DENIED),
        ("{action: Allow, protocol: ICMP}", ACCEPTED, ACCEPTED),
        ("{action: Allow, protocol: 1}", ACCEPTED, ACCEPTED),
        ("{action: Allow, protocol: ICMPv6}", DENIED, DENIED),
        ("{action: Allow, notProtocol: ICMP}", DENIED, DENIED),
        ("{action: Allow, notProtocol: UDP}", ACCEPTED, ACCEPTED),
        ("{action: Allow, protocol: ICMP, icmp: {type: 8}}", ACCEPTED, DENIED),
        ("{action: Allow, protocol: ICMP, icmp: {type: 3, code: 1}}", DENIED, ACCEPTED),
        ("{action: Allow, protocol: ICMP, icmp: {type: 3, code: 2}}", DENIED, DENIED),
        ("{action: Allow, protocol: ICMP, icmp: {}}", ACCEPTED, ACCEPTED),
        ("{action: Allow, protocol: ICMP, notICMP: {type: 8}}", DENIED, ACCEPTED),
        ("{action: Allow, protocol: ICMP, notICMP: {}}", ACCEPTED, ACCEPTED),
    ],
)
def test_rules_of_calico(rule: str, ping: Verdict, unreachable: Verdict) -> None:
    policy = (
        "{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, "
        f'spec: {{selector: app == "b", types: [Ingress], ingress: [{rule}]}}}}'
    )
    assert verdict(policy) is ping
    assert verdict(policy, UNREACHABLE) is unreachable


@pytest.mark.parametrize(
    ("kind", "rule", "words"),
    [
        ("CiliumNetworkPolicy", "{fromEntities: [cluster], icmps: [{fields: [{type: 8}]}]}", "ICMP type 8 from"),
        ("NetworkPolicy", "{action: Allow, protocol: ICMP, icmp: {type: 8, code: 0}}", "ICMP type 8 code 0 from"),
        ("NetworkPolicy", "{action: Allow, protocol: ICMP, notICMP: {type: 3}}", "ICMP not type 3 from"),
        ("NetworkPolicy", "{action: Allow, protocol: ICMP, icmp: {}}", "ICMP from"),
    ],
)
def test_a_rule_is_told_with_the_messages_that_it_is_about(kind: str, rule: str, words: str) -> None:
    group, selector = (
        ("cilium.io/v2", "endpointSelector: {}")
        if kind != "NetworkPolicy"
        else ("projectcalico.org/v3", "types: [Ingress]")
    )
    policy = (
        f"{{apiVersion: {group}, kind: {kind}, metadata: {{name: p, namespace: shop}}, "
        f"spec: {{{selector}, ingress: [{rule}]}}}}"
    )
    told = explain_direction(network(policy), Direction.INGRESS, 0, 1, ICMP, 0)
    assert told.verdict is ACCEPTED
    assert f"allows {words}" in told.because[0].detail


def test_no_service_has_a_port_for_messages() -> None:
    policy = """
{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop}, spec: {selector: {app: b}, ports: [{port: 80}]}}
---
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, metadata: {name: p, namespace: shop},
 spec: {selector: app == "a", types: [Egress], egress: [{action: Allow, destination: {services: {name: NAME}}}]}}
"""
    for name in ("s", "absent"):
        assert verdict(policy.replace("NAME", name)) is DENIED


@pytest.mark.parametrize(
    ("rule", "ping", "unreachable"),
    [
        ("{fromEntities: [cluster]}", ACCEPTED, ACCEPTED),
        ('{fromEntities: [cluster], toPorts: [{ports: [{port: "0"}]}]}', DENIED, DENIED),
        ("{fromEntities: [cluster], icmps: [{fields: [{type: 8}]}]}", ACCEPTED, DENIED),
        ("{icmps: [{fields: [{type: EchoRequest, family: IPv6}, {type: DestinationUnreachable}]}]}", DENIED, ACCEPTED),
    ],
)
def test_rules_of_cilium(rule: str, ping: Verdict, unreachable: Verdict) -> None:
    policy = (
        "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: p, namespace: shop}, "
        f"spec: {{endpointSelector: {{matchLabels: {{app: b}}}}, ingress: [{rule}]}}}}"
    )
    assert verdict(policy) is ping
    assert verdict(policy, UNREACHABLE) is unreachable


@pytest.mark.parametrize(
    ("protocols", "expected"), [("", DENIED), ("protocols: [{tcp: {destinationPort: {number: 80}}}]", ACCEPTED)]
)
def test_cluster_wide_rules_without_protocols_are_about_messages_too(protocols: str, expected: Verdict) -> None:
    policy = f"""
{{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {{name: p}},
 spec: {{tier: Admin, priority: 1, subject: {{namespaces: {{}}}},
        ingress: [{{action: Deny, from: [{{namespaces: {{}}}}], {protocols}}}]}}}}
"""
    assert verdict(policy) is expected


def test_the_mesh_is_not_asked() -> None:
    metadata = "metadata: {name: p, namespace: shop}"
    assert (
        verdict(f"{{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, {metadata}, spec: {{}}}}") is ACCEPTED
    )


@pytest.mark.parametrize(
    ("first", "second", "version"),
    [
        (0, 1, Family.V4),
        (2, 3, Family.V6),
        (0, 2, Family.V4),
        (0, "192.0.2.1", Family.V4),
        ("2001:db8::9", 1, Family.V6),
        (0, "api.example.com", None),
    ],
)
def test_the_ip_version_of_connections(first: int | str, second: int | str, version: Family | None) -> None:
    six = """
{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: shop}, status: {podIPs: [{ip: "2001:db8::1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: d, namespace: shop}, status: {podIPs: [{ip: "2001:db8::2"}]}}
"""
    assert network(six).version(first, second) is version
