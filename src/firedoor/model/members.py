"""Pods as the network sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from firedoor.model.pod_table import PodAt
from firedoor.model.workloads import Pod, PodIP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.declaring import Listening, Named
    from firedoor.model.places import ObjectRef, Place
    from firedoor.model.workloads import PodSpec


class Kin(Struct, frozen=True, gc=False):
    """
    What replicas have in common.

    `workload` is the topmost owner (the pod itself when it has none). `ports` are
    ``(name, protocol, number)`` of declared named ports, `listening` is
    ``(protocol, number)`` of all declared ones. `host_network` says that they are on the
    network of their node.
    """

    workload: ObjectRef
    labels: dict[str, str]
    ports: Named
    listening: Listening
    host_network: bool


class Member(Struct, frozen=True, gc=False):
    """A pod as the network sees it, or where it is held; `is_template` marks one that a workload would make."""

    kin: Kin
    held: Pod | PodAt
    is_template: bool = False

    @property
    def pod(self) -> Pod:
        """The pod itself."""
        held = self.held
        return held if isinstance(held, Pod) else held.pod

    @property
    def namespace(self) -> str:
        """The namespace."""
        return self.kin.workload.namespace

    @property
    def name(self) -> str:
        """The name; that of the workload, where all its pods are alike and none of them is there."""
        return self.pod.metadata.name

    @property
    def full_name(self) -> str:
        """``namespace/name``."""
        return f"{self.namespace}/{self.name}"

    @property
    def workload(self) -> ObjectRef:
        """The topmost owner."""
        return self.kin.workload

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the pod, or of the template."""
        return self.kin.labels

    @property
    def annotations(self) -> dict[str, str]:
        """The annotations of the pod, or of the template."""
        return self.pod.metadata.annotations

    @property
    def ports(self) -> Named:
        """The named ports that it declares."""
        return self.kin.ports

    @property
    def listening(self) -> Listening:
        """All ports that it declares."""
        return self.kin.listening

    @property
    def host_network(self) -> bool:
        """Whether it is on the network of its node."""
        return self.kin.host_network

    @property
    def node(self) -> str:
        """The node that it runs on; empty where that is not known."""
        held = self.held
        return held.spec.node_name if isinstance(held, Pod) else held.node

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses; none where they are not known."""
        return self.held.status.addresses

    def elsewhere(self, addresses: Iterable[str]) -> Member:
        """Return the same pod on another network, where it has other addresses and its node has no place."""
        spec = replace(self.pod.spec, node_name="")
        return Member(self.kin, with_addresses(replace(self.pod, spec=spec), tuple(addresses)), self.is_template)

    @property
    def spec(self) -> PodSpec:
        """Its specification."""
        return self.pod.spec

    @property
    def place(self) -> Place:
        """Where the pod was read, or the workload that would make it."""
        return self.pod.place


def with_addresses(pod: Pod, addresses: tuple[str, ...]) -> Pod:
    """Return a pod with other addresses."""
    status = replace(pod.status, pod_ip="", pod_ips=tuple(map(PodIP, addresses)))
    return replace(pod, status=status)
