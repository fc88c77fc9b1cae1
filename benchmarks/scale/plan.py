"""Which namespaces and workloads a cluster has: names, labels, ports and replicas, before any JSON is written."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import accumulate

from benchmarks.scale.infrastructure import infrastructure
from benchmarks.scale.size import Size, Variant
from benchmarks.scale.workload import JOB, STATEFUL_SET, WORKLOADS, Workload

# fmt: off
SERVICES = (
    "account", "address", "audit", "basket", "billing", "booking", "campaign", "cart", "catalog", "checkout",
    "claims", "content", "coupon", "credit", "customer", "delivery", "device", "discount", "document", "event",
    "export", "feed", "feedback", "file", "form", "fraud", "gift", "identity", "import", "inventory", "invoice",
    "ledger", "loyalty", "mail", "media", "message", "offer", "order", "partner", "payment", "price", "product",
    "profile", "quote", "rating", "refund", "report", "return", "review", "reward", "route", "search", "session",
    "shipping", "stock", "store", "subscription", "survey", "tax", "ticket", "token", "tracking", "vendor",
)
# fmt: on
ROLES = ("api", "web", "worker", "cache", "db", "queue", "gateway", "auth", "sync", "indexer", "cron", "admin")
TIERS = {"web": "front", "gateway": "front", "admin": "front", "db": "data", "cache": "data", "queue": "data"}
ENVIRONMENTS = ("prod", "staging", "test", "dev")
HTTP_PORTS = (8080, 8080, 8080, 8000, 3000, 5000, 8081, 8888, 9000, 8443)
METRICS_PORTS = (9090, 9090, 9102, 8081, 2112, 9464)


@dataclass(slots=True)
class Namespace:
    """A namespace, and the values of ``app`` that its pods carry."""

    name: str
    labels: dict[str, str]
    apps: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Plan:
    """Namespaces and workloads; the replicas of all workloads add up to the pods asked for."""

    size: Size
    seed: int
    namespaces: tuple[Namespace, ...]
    workloads: tuple[Workload, ...]
    teams: int


def make_plan(size: Size, seed: int) -> Plan:
    """Return the plan of a cluster; the same size and seed give the same plan."""
    size.check()
    rng = random.Random(seed)
    teams = max(3, size.namespaces // 6)
    own, workloads = infrastructure(size, rng)
    namespaces = [Namespace(name, labels) for name, labels in own.items()][: size.namespaces]
    tenants = [_tenant(number, teams, rng) for number in range(max(1, size.namespaces - len(namespaces)))]
    workloads += _tenant_workloads(tenants, size, sum(each.replicas for each in workloads), rng)
    return Plan(size, seed, (*namespaces, *tenants), tuple(workloads), teams)


def _tenant(number: int, teams: int, rng: random.Random) -> Namespace:
    environment = rng.choices(ENVIRONMENTS, (4, 2, 2, 2))[0]
    team = rng.randrange(teams)
    name = f"{SERVICES[team % len(SERVICES)]}-{environment}-{number:05d}"
    labels = {
        "kubernetes.io/metadata.name": name,
        "env": environment,
        "team": f"team-{team:04d}",
        "cost-centre": f"cc-{team % 40:03d}",
        "pod-security.kubernetes.io/enforce": rng.choice(("baseline", "restricted")),
    }
    if rng.random() < 0.1:  # noqa: PLR2004 - the share of namespaces open to the internet
        labels["exposed"] = "true"
    return Namespace(name, labels)


def _tenant_workloads(tenants: list[Namespace], size: Size, made: int, rng: random.Random) -> list[Workload]:
    """Return workloads with the pods that are still missing, more of them in some namespaces than in others."""
    weights = list(accumulate(rng.lognormvariate(0.0, 0.8) for _ in tenants))
    names: dict[str, int] = {}
    found: list[Workload] = []
    while made < size.pods:
        namespace = rng.choices(tenants, cum_weights=weights)[0]
        kind, replicas = _kind_and_replicas(rng)
        replicas = min(size.pods - made, 1 if size.variant is Variant.ONES else replicas)
        workload = _workload(namespace, kind, replicas, names, rng)
        namespace.apps.append(workload.app)
        found.append(workload)
        made += replicas
    return found


def _kind_and_replicas(rng: random.Random) -> tuple[str, int]:
    kind = rng.choices(WORKLOADS, (82, 12, 6))[0]
    if kind == STATEFUL_SET:
        return kind, rng.choice((1, 3, 3, 3, 5, 5, 6, 9))
    if kind == JOB:
        return kind, rng.choice((1, 1, 1, 2, 5))
    return kind, max(1, round(rng.lognormvariate(1.8, 1.0)))


def _workload(namespace: Namespace, kind: str, replicas: int, names: dict[str, int], rng: random.Random) -> Workload:
    role = rng.choice(ROLES)
    app = f"{rng.choice(SERVICES)}-{role}"
    seen = names[f"{namespace.name}/{app}"] = names.get(f"{namespace.name}/{app}", 0) + 1
    name = app if seen == 1 else f"{app}-{seen}"
    labels = {
        "app": app,
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": role,
        "tier": TIERS.get(role, "back"),
        "team": namespace.labels["team"],
    }
    if kind != JOB:
        labels["app.kubernetes.io/part-of"] = namespace.name.rpartition("-")[0]
    if kind not in {JOB, STATEFUL_SET}:
        labels["app.kubernetes.io/version"] = f"{rng.randrange(1, 9)}.{rng.randrange(20)}.{rng.randrange(9)}"
    return Workload(
        kind,
        namespace.name,
        name,
        app,
        labels,
        replicas,
        (("http", rng.choice(HTTP_PORTS), "TCP"), ("metrics", rng.choice(METRICS_PORTS), "TCP")),
        seed=rng.getrandbits(64),
        containers=rng.choices((1, 2), (4, 1))[0],
    )
