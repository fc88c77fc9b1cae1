"""ClusterNetworkPolicies of ``policy.networking.k8s.io/v1alpha2`` in both tiers, with all three actions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.scale.infrastructure import DNS_LABELS, PROMETHEUS_LABELS
from benchmarks.scale.json_text import element
from benchmarks.scale.plan import ENVIRONMENTS, Plan

Spec = dict[str, Any]
_TENANTS = {"matchExpressions": [{"key": "team", "operator": "Exists"}]}


def cluster_network_policies(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of every ClusterNetworkPolicy; two in three are of the Admin tier, and no priority is shared."""
    rng = random.Random(plan.seed + 3)
    for number in range(plan.size.cluster_policies):
        tier = "Baseline" if number % 3 == 2 else "Admin"  # noqa: PLR2004 - every third
        make = (_BASELINE if tier == "Baseline" else _ADMIN)[number // 3 % 4]
        spec = {"priority": number * 1000 // max(1, plan.size.cluster_policies), "tier": tier, **make(plan, rng)}
        manifest = {
            "apiVersion": "policy.networking.k8s.io/v1alpha2",
            "kind": "ClusterNetworkPolicy",
            "metadata": {
                "creationTimestamp": "2026-03-01T10:00:00Z",
                "name": f"{tier.lower()}-{number:03d}",
                "resourceVersion": str(number + 1),
                "uid": f"{number:08x}-0000-4000-8000-{rng.getrandbits(48):012x}",
            },
            "spec": spec,
        }
        yield element(manifest, indented=indented)


def _infrastructure(_plan: Plan, rng: random.Random) -> Spec:
    """Accept what the platform needs, whatever tenants write."""
    scrape = _rule("Accept", "from", [_pods("monitoring", PROMETHEUS_LABELS)], [_tcp(rng.choice((9090, 9102)))])
    resolve = _rule("Accept", "to", [_pods("kube-system", DNS_LABELS)], [{"udp": {"destinationPort": {"number": 53}}}])
    return {"egress": [resolve], "ingress": [scrape], "subject": {"namespaces": _TENANTS}}


def _environments(_plan: Plan, rng: random.Random) -> Spec:
    """Keep two environments apart, but leave one range of ports to the tenants."""
    first, second = rng.sample(ENVIRONMENTS, 2)
    peers = [{"namespaces": {"matchLabels": {"env": second}}}]
    ports = [{"tcp": {"destinationPort": {"range": {"end": 8099, "start": 8000}}}}]
    rules = [_rule("Pass", "from", peers, ports), _rule("Deny", "from", peers)]
    return {"ingress": rules, "subject": {"namespaces": {"matchLabels": {"env": first}}}}


def _addresses(_plan: Plan, rng: random.Random) -> Spec:
    """Deny networks that no tenant may call, after what may be passed on."""
    network = f"10.{rng.randrange(64, 128)}.{rng.randrange(256)}.0/24"
    rules = [
        _rule("Pass", "to", [{"networks": [network]}], [_tcp(443)]),
        _rule("Deny", "to", [{"networks": [network, "169.254.169.254/32"]}]),
    ]
    tier = rng.choice(("front", "back", "data"))
    subject = {"pods": {"namespaceSelector": _TENANTS, "podSelector": {"matchLabels": {"tier": tier}}}}
    return {"egress": rules, "subject": subject}


def _team(plan: Plan, rng: random.Random) -> Spec:
    """Guard the data of one team."""
    teams = rng.sample([f"team-{number:04d}" for number in range(plan.teams)], 2)
    own = {"matchLabels": {"team": teams[0]}}
    rules = [
        _rule("Pass", "from", [{"namespaces": own}]),
        _rule("Accept", "from", [{"namespaces": {"matchLabels": {"team": teams[1]}}}], [_tcp(5432)]),
        _rule("Deny", "from", [{"namespaces": {}}]),
    ]
    subject = {"pods": {"namespaceSelector": own, "podSelector": {"matchLabels": {"tier": "data"}}}}
    return {"ingress": rules, "subject": subject}


def _same_team(plan: Plan, rng: random.Random) -> Spec:
    own = {"matchLabels": {"team": f"team-{rng.randrange(plan.teams):04d}"}}
    rules = [_rule("Accept", "from", [{"namespaces": own}]), _rule("Deny", "from", [{"namespaces": _TENANTS}])]
    return {"ingress": rules, "subject": {"namespaces": own}}


def _closed(_plan: Plan, rng: random.Random) -> Spec:
    selector = {"matchLabels": {"env": rng.choice(ENVIRONMENTS), "exposed": "true"}}
    return {"egress": [_rule("Deny", "to", [{"networks": ["0.0.0.0/0"]}])], "subject": {"namespaces": selector}}


_ADMIN: tuple[Callable[[Plan, random.Random], Spec], ...] = (_environments, _addresses, _team, _infrastructure)
_BASELINE: tuple[Callable[[Plan, random.Random], Spec], ...] = (_same_team, _environments, _closed, _same_team)


def _rule(action: str, side: str, peers: list[Spec], protocols: list[Spec] | None = None) -> Spec:
    return {"action": action, side: peers, **({"protocols": protocols} if protocols else {})}


def _tcp(port: int) -> Spec:
    return {"tcp": {"destinationPort": {"number": port}}}


def _pods(namespace: str, labels: dict[str, str]) -> Spec:
    namespaces = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return {"pods": {"namespaceSelector": namespaces, "podSelector": {"matchLabels": dict(labels)}}}
