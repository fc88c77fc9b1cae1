"""Clusters of a few objects, and the means to read one from a fake API server."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from firedoor.adapters.cluster import ClusterSource
from firedoor.interfaces import Silent
from firedoor.model.places import Gap, GapKind
from firedoor.model.snapshot import Snapshot
from tests.fake_api_server import TOKEN, FakeAPIServer, Manifest

INSTANT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def namespace(name: str, **labels: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def pod(where: str, name: str, **labels: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": where, "name": name, "labels": labels, "managedFields": [{"manager": "x"}]},
        "spec": {"containers": [{"name": "main", "image": "app:1", "ports": [{"containerPort": 80}]}]},
        "status": {"phase": "Running", "podIP": "10.0.0.1"},
    }


def policy(where: str, name: str, **spec: Any) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"namespace": where, "name": name},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], **spec},
    }


def by_namespace_label(where: str, name: str, **labels: str) -> Manifest:
    return policy(where, name, ingress=[{"from": [{"namespaceSelector": {"matchLabels": labels}}]}])


def small_cluster() -> list[Manifest]:
    return [
        namespace("shop", team="a"),
        namespace("data", team="b"),
        pod("shop", "web", app="web"),
        pod("data", "db", app="db"),
        policy("shop", "deny-all"),
        policy("data", "deny-all"),
    ]


def write_kubeconfig(
    folder: Path, server: str, user: Manifest | None = None, name: str = "config", **context: str
) -> str:
    path = folder / name
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u", **context}}],
    }
    path.write_text(yaml.safe_dump(document))
    return str(path)


@dataclass
class Patience:
    """Notes how long it was asked to sleep, and does not."""

    pauses: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)


def source(kubeconfig: str, sleep: Patience | None = None, **options: Any) -> ClusterSource:
    return ClusterSource(kubeconfig, sleep=sleep or Patience(), jitter=lambda: 0.0, clock=lambda: INSTANT, **options)


def read(server: FakeAPIServer, folder: Path, sleep: Patience | None = None, **options: Any) -> Snapshot:
    return source(write_kubeconfig(folder, server.url), sleep, **options).load(Silent())


def names(objects: Iterable[Any]) -> list[str]:
    return [f"{each.metadata.namespace}/{each.metadata.name}" for each in objects]


def gaps_of(snapshot: Snapshot, kind: GapKind) -> list[Gap]:
    return [gap for gap in snapshot.gaps if gap.kind is kind]
