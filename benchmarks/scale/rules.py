"""The usual shapes of NetworkPolicies, each for a namespace of a plan."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.scale.infrastructure import DNS_LABELS, INGRESS_LABELS, PROMETHEUS_LABELS
from benchmarks.scale.plan import SERVICES, Namespace, Plan

Spec = dict[str, Any]
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
SERVICE_PORTS = (8080, 8000, 3000, 5000, 8081, 8888, 9000, 8443, 443, 6379, 5672, 9092)
DATABASE_PORTS = (5432, 3306, 27017, 6379, 9042, 1433)
RANGES = ((8000, 8099), (9000, 9199), (30000, 32767), (50000, 51000), (3000, 3010), (5000, 5099))
_NAME = "kubernetes.io/metadata.name"


def default_deny(_namespace: Namespace, _plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that isolates the whole namespace, often in both directions."""
    return {"podSelector": {}, "policyTypes": rng.choice((["Ingress"], ["Ingress", "Egress"], ["Ingress", "Egress"]))}


def dns(_namespace: Namespace, _plan: Plan, _rng: random.Random) -> Spec:
    """Return a policy that allows name resolution."""
    ports = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    return _egress({}, [{"ports": ports, "to": [_pods_of("kube-system", DNS_LABELS)]}])


def same_namespace(_namespace: Namespace, _plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that allows everything inside the namespace."""
    peers: list[Spec] = [{"podSelector": {}}]
    if rng.random() < 0.5:  # noqa: PLR2004 - one of two
        return _ingress({}, [{"from": peers}])
    return {
        "egress": [{"to": peers}],
        "ingress": [{"from": peers}],
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }


def ingress_controller(namespace: Namespace, _plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that lets the ingress controller in, by the name of the port."""
    selector = _app(namespace, rng) if rng.random() < 0.7 else {"matchLabels": {"tier": "front"}}  # noqa: PLR2004
    return _ingress(selector, [{"from": [_pods_of("ingress-nginx", INGRESS_LABELS)], "ports": [_port("http")]}])


def monitoring(_namespace: Namespace, _plan: Plan, _rng: random.Random) -> Spec:
    """Return a policy that lets Prometheus in, by the name of the port."""
    return _ingress({}, [{"from": [_pods_of("monitoring", PROMETHEUS_LABELS)], "ports": [_port("metrics")]}])


def environment(namespace: Namespace, _plan: Plan, _rng: random.Random) -> Spec:
    """Return a policy that lets tenants of the same kind of environment in."""
    others = ["dev", "test"] if namespace.labels["env"] in {"prod", "staging"} else ["prod", "staging"]
    expressions = [
        {"key": "env", "operator": "NotIn", "values": others},
        {"key": "team", "operator": "Exists"},
    ]
    peers = [{"namespaceSelector": {"matchExpressions": expressions}}]
    return _ingress({"matchLabels": {"tier": "front"}}, [{"from": peers, "ports": [_port(8080), _port(8443)]}])


def app_to_app(namespace: Namespace, _plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that lets one app of the namespace call another."""
    rule = {"ports": [_port(rng.choice(SERVICE_PORTS))]}
    peers = [{"podSelector": _app(namespace, rng)}]
    if rng.random() < 0.7:  # noqa: PLR2004 - most are written where the call arrives
        return _ingress(_app(namespace, rng), [{**rule, "from": peers}])
    return _egress(_app(namespace, rng), [{**rule, "to": peers}])


def cross_team(namespace: Namespace, plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that lets some teams in, whatever their namespaces are called."""
    teams = sorted({f"team-{rng.randrange(plan.teams):04d}" for _ in range(rng.randrange(1, 4))})
    peer: dict[str, Any] = {
        "namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": teams}]}
    }
    if rng.random() < 0.6:  # noqa: PLR2004 - most name the pods too
        tiers = rng.choice((["front"], ["back"], ["back", "front"]))
        peer["podSelector"] = {"matchExpressions": [{"key": "tier", "operator": "In", "values": tiers}]}
    return _ingress(_app(namespace, rng), [{"from": [peer], "ports": [_port(rng.choice(SERVICE_PORTS))]}])


def internet(namespace: Namespace, _plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that allows the internet and no private address."""
    block = {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}}
    return _egress(_app(namespace, rng), [{"ports": [_port(443)], "to": [block]}])


def database(namespace: Namespace, plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that allows databases outside the cluster, by their addresses."""
    pool = max(8, plan.size.policies // 25)
    blocks = [{"ipBlock": {"cidr": _database(rng.randrange(pool))}} for _ in range(rng.randrange(1, 4))]
    return _egress(_app(namespace, rng), [{"ports": [_port(rng.choice(DATABASE_PORTS))], "to": blocks}])


def port_range(namespace: Namespace, _plan: Plan, rng: random.Random) -> Spec:
    """Return a policy that allows a range of ports inside the namespace."""
    first, last = rng.choice(RANGES)
    ports = [{"endPort": last, "port": first, "protocol": rng.choice(("TCP", "TCP", "UDP"))}]
    return _ingress(_app(namespace, rng), [{"from": [{"podSelector": {}}], "ports": ports}])


def cross_namespace(namespace: Namespace, plan: Plan, rng: random.Random) -> Spec:
    """Return a policy between an app of the namespace and one of another."""
    other = rng.choice(plan.namespaces)
    peer = _pods_of(other.name, _app(other, rng)["matchLabels"])
    rule = {"ports": [_port(rng.choice(SERVICE_PORTS))]}
    if rng.random() < 0.5:  # noqa: PLR2004 - one of two
        return _ingress(_app(namespace, rng), [{**rule, "from": [peer]}])
    return _egress(_app(namespace, rng), [{**rule, "to": [peer]}])


def _database(number: int) -> str:
    """Return the range of a database: a network, a small subnet or one address, some inside others."""
    third, low = divmod(number, 16)
    if low == 0:
        return f"10.64.{third % 256}.0/24"
    if low < 6:  # noqa: PLR2004 - five in sixteen are subnets
        return f"10.64.{third % 256}.{low * 16}/28"
    return f"192.168.{third % 256}.{low}/32"


def _app(namespace: Namespace, rng: random.Random) -> dict[str, Any]:
    app = rng.choice(namespace.apps) if namespace.apps else f"{rng.choice(SERVICES)}-api"
    return {"matchLabels": {"app": app}}


def _pods_of(namespace: str, labels: dict[str, str]) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {_NAME: namespace}}, "podSelector": {"matchLabels": dict(labels)}}


def _port(port: int | str) -> dict[str, Any]:
    return {"port": port, "protocol": "TCP"}


def _ingress(selector: dict[str, Any], rule_list: list[dict[str, Any]]) -> Spec:
    return {"ingress": rule_list, "podSelector": selector, "policyTypes": ["Ingress"]}


def _egress(selector: dict[str, Any], rule_list: list[dict[str, Any]]) -> Spec:
    return {"egress": rule_list, "podSelector": selector, "policyTypes": ["Egress"]}
