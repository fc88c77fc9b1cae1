"""The NetworkPolicies of a plan: about five a namespace, on four namespaces in five, of a dozen usual shapes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from benchmarks.scale import rules, wide
from benchmarks.scale.json_text import element
from benchmarks.scale.plan import Namespace, Plan
from benchmarks.scale.rules import Spec
from benchmarks.scale.size import Variant

_WITH_POLICIES = 0.8
_WIDE = 0.3
_ONCE = (
    ("default-deny", 0.85, rules.default_deny),
    ("allow-dns", 0.7, rules.dns),
    ("allow-same-namespace", 0.5, rules.same_namespace),
    ("allow-ingress-controller", 0.35, rules.ingress_controller),
    ("allow-monitoring", 0.35, rules.monitoring),
    ("allow-environment", 0.2, rules.environment),
)
_OFTEN = (
    ("app", 4.0, rules.app_to_app),
    ("team", 1.5, rules.cross_team),
    ("internet", 1.0, rules.internet),
    ("database", 2.0, rules.database),
    ("range", 1.0, rules.port_range),
    ("namespace", 1.5, rules.cross_namespace),
)


def network_policies(plan: Plan, *, indented: bool) -> Iterator[str]:
    """Yield the JSON of every NetworkPolicy."""
    rng = random.Random(plan.seed + 2)
    count = max(1, round(len(plan.namespaces) * _WITH_POLICIES))
    chosen = rng.sample(range(len(plan.namespaces)), count)
    weights = list(accumulate(rng.lognormvariate(0.0, 0.4) for _ in chosen))
    shares = Counter(rng.choices(chosen, cum_weights=weights, k=plan.size.policies))
    for number, share in sorted(shares.items()):
        namespace = plan.namespaces[number]
        for position, (name, spec) in enumerate(_of_namespace(namespace, share, plan, rng)):
            yield element(_manifest(namespace.name, f"{name}-{position:02d}", spec, rng), indented=indented)


def _of_namespace(namespace: Namespace, share: int, plan: Plan, rng: random.Random) -> Iterator[tuple[str, Spec]]:
    once = [(name, make) for name, chance, make in _ONCE if rng.random() < chance][:share]
    names, chances, makers = zip(*_OFTEN, strict=True)
    often = rng.choices(list(zip(names, makers, strict=True)), chances, k=share - len(once))
    for name, make in (*once, *often):
        if plan.size.variant is Variant.WIDE and rng.random() < _WIDE:
            yield "wide", wide.wide(namespace, rng)
        else:
            yield name, make(namespace, plan, rng)


def _manifest(namespace: str, name: str, spec: Spec, rng: random.Random) -> dict[str, Any]:
    text = f"{rng.getrandbits(128):032x}"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "creationTimestamp": "2026-03-01T10:00:00Z",
            "generation": 1,
            "name": name,
            "namespace": namespace,
            "resourceVersion": str(int(text[:7], 16)),
            "uid": f"{text[:8]}-{text[8:12]}-4{text[12:15]}-8{text[15:18]}-{text[18:30]}",
        },
        "spec": spec,
    }
