"""Policies whose peer selector reaches across the whole cluster and is hardly ever written twice."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.scale.plan import ENVIRONMENTS, ROLES, SERVICES, Namespace


def wide(namespace: Namespace, rng: random.Random) -> dict[str, Any]:
    """Return the specification of a policy that matches between a tenth and six tenths of all pods."""
    # Half of them leave out one environment, so that their share is smaller.
    roles = rng.sample(ROLES, rng.randrange(3, 9))
    apps = [f"{rng.choice(SERVICES)}-{role}" for role in rng.sample(roles, 3)]
    pods = {
        "matchExpressions": [
            {"key": "app.kubernetes.io/component", "operator": "In", "values": sorted(roles)},
            {"key": "app", "operator": "NotIn", "values": sorted(apps)},
        ]
    }
    namespaces: dict[str, Any] = {}
    if rng.random() < 0.5:  # noqa: PLR2004 - one of two
        left_out = rng.choice(ENVIRONMENTS)
        namespaces = {"matchExpressions": [{"key": "env", "operator": "NotIn", "values": [left_out]}]}
    peers = [{"namespaceSelector": namespaces, "podSelector": pods}]
    selector = {"matchLabels": {"app": rng.choice(namespace.apps)}} if namespace.apps else {}
    ports = [{"port": rng.choice((8080, 8000, 3000, 5000)), "protocol": "TCP"}]
    if rng.random() < 0.5:  # noqa: PLR2004 - one of two
        return {"ingress": [{"from": peers, "ports": ports}], "podSelector": selector, "policyTypes": ["Ingress"]}
    return {"egress": [{"ports": ports, "to": peers}], "podSelector": selector, "policyTypes": ["Egress"]}
