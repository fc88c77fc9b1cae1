"""
The least that any program must do with a cluster's JSON: decode what the model needs of it, and nothing else.

``python -m benchmarks.measure floor FILE`` prints what it costs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct


class Owner(Struct, gc=False):
    """Who made a pod."""

    kind: str = ""
    name: str = ""
    controller: bool = False


class Metadata(Struct, gc=False, rename="camel"):
    """Name, namespace, labels and owners."""

    name: str = ""
    namespace: str = ""
    labels: dict[str, str] = {}
    owner_references: tuple[Owner, ...] = ()


class ContainerPort(Struct, gc=False, rename="camel"):
    """A declared port."""

    container_port: int = 0
    name: str = ""
    protocol: str = "TCP"


class Container(Struct, gc=False):
    """The ports of a container."""

    ports: tuple[ContainerPort, ...] = ()


class PodSpec(Struct, gc=False, rename="camel"):
    """Ports, node and network of a pod."""

    containers: tuple[Container, ...] = ()
    node_name: str = ""
    host_network: bool = False


class PodIP(Struct, gc=False):
    """One address of a pod."""

    ip: str = ""


class PodStatus(Struct, gc=False, rename="camel"):
    """Phase and addresses of a pod."""

    phase: str = ""
    pod_ips: tuple[PodIP, ...] = msgspec.field(name="podIPs", default=())


class Requirement(Struct, gc=False):
    """One requirement of a selector."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class Selector(Struct, gc=False, rename="camel"):
    """A label selector."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[Requirement, ...] = ()


class IPBlock(Struct, gc=False):
    """A CIDR less some of its parts."""

    cidr: str = ""
    excepts: tuple[str, ...] = msgspec.field(name="except", default=())


class Peer(Struct, gc=False, rename="camel"):
    """The other end of a rule."""

    pod_selector: Selector | None = None
    namespace_selector: Selector | None = None
    ip_block: IPBlock | None = None


class Port(Struct, gc=False, rename="camel"):
    """The ports of a rule."""

    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


class Rule(Struct, gc=False):
    """A rule of either direction."""

    sources: tuple[Peer, ...] = msgspec.field(name="from", default=())
    destinations: tuple[Peer, ...] = msgspec.field(name="to", default=())
    ports: tuple[Port, ...] = ()


class PolicySpec(Struct, gc=False, rename="camel"):
    """The whole specification of a NetworkPolicy."""

    pod_selector: Selector
    policy_types: tuple[str, ...] = ()
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()


class _Object(Struct, gc=False, tag_field="kind"):
    metadata: Metadata = msgspec.field(default_factory=Metadata)


class Pod(_Object, gc=False, tag_field="kind", tag="Pod"):
    """A pod."""

    spec: PodSpec = msgspec.field(default_factory=PodSpec)
    status: PodStatus = msgspec.field(default_factory=PodStatus)


class Namespace(_Object, gc=False, tag_field="kind", tag="Namespace"):
    """A namespace."""


class NetworkPolicy(_Object, gc=False, tag_field="kind", tag="NetworkPolicy"):
    """A network policy."""

    spec: PolicySpec = msgspec.field(default_factory=lambda: PolicySpec(Selector()))


class ClusterNetworkPolicy(_Object, gc=False, tag_field="kind", tag="ClusterNetworkPolicy"):
    """A cluster-wide policy, its specification untyped: there are few."""

    spec: Any = None


class Node(_Object, gc=False, tag_field="kind", tag="Node"):
    """A node, of which only the name is kept."""


class Service(_Object, gc=False, tag_field="kind", tag="Service"):
    """A service, of which only the name is kept."""


class Deployment(_Object, gc=False, tag_field="kind", tag="Deployment"):
    """An owner, of which only the name is kept."""


class ReplicaSet(_Object, gc=False, tag_field="kind", tag="ReplicaSet"):
    """An owner, of which only the name is kept."""


class StatefulSet(_Object, gc=False, tag_field="kind", tag="StatefulSet"):
    """An owner, of which only the name is kept."""


class DaemonSet(_Object, gc=False, tag_field="kind", tag="DaemonSet"):
    """An owner, of which only the name is kept."""


class Job(_Object, gc=False, tag_field="kind", tag="Job"):
    """An owner, of which only the name is kept."""


Item = (
    Pod
    | Namespace
    | NetworkPolicy
    | ClusterNetworkPolicy
    | Node
    | Service
    | Deployment
    | ReplicaSet
    | StatefulSet
    | DaemonSet
    | Job
)


class Cluster(Struct, gc=False):
    """The objects of a List."""

    items: list[Item]

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the objects of one kind."""
        return [each for each in self.items if type(each) is kind]


def read(path: Path) -> bytes:
    """Return the bytes of a file."""
    return path.read_bytes()


def decode(data: bytes) -> Cluster:
    """Return what the model needs of a List."""
    return msgspec.json.decode(data, type=Cluster)
