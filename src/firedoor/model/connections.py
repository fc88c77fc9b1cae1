"""The connectivity of a cluster: who can reach whom, with which traffic."""

from __future__ import annotations

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.places import Gap, ObjectRef


class PeerEnd(Struct, frozen=True, order=True, gc=False):
    """
    One end of a connection: a workload, one of its pods, a range of addresses, or a domain name.

    `workload` is None for what is outside; `pod` is the pod's name at pod level; `ips` is
    ``first-last`` of addresses that belong to no pod; `domain` a name that policies name.
    """

    workload: ObjectRef | None = None
    pod: str = ""
    ips: str = ""
    domain: str = ""

    @property
    def sort_key(self) -> tuple[str, str, str, str]:
        """Addresses first, then domain names, then by namespace, name, kind and pod."""
        if self.workload is None:
            return ("", self.domain, "", self.ips)
        return (self.workload.namespace, self.workload.name, self.workload.kind, self.pod)

    def __str__(self) -> str:
        """Return ``namespace/name``, ``first-last`` or the domain name."""
        if self.workload is None:
            return self.ips or self.domain
        return f"{self.workload.namespace}/{self.pod or self.workload.name}"


class PodDetail(Struct, frozen=True, gc=False):
    """Traffic between some of the pods of two workloads, where the pods differ."""

    src_pods: tuple[str, ...]
    dst_pods: tuple[str, ...]
    traffic: Traffic
    unknown: Traffic = ()


class RequestDemand(Struct, frozen=True, gc=False):
    """What requests inside of some of the accepted traffic must be besides (HTTP methods, DNS names, ...), in words."""

    traffic: Traffic
    requests: str


class PeerConnection(Struct, frozen=True, gc=False):
    """
    What can pass from `src` to `dst`.

    `traffic` is surely accepted; `unknown` is what cannot be decided. At workload
    level both are the union over the pods, and `details` tells pods apart that differ.
    `demands` are what rules ask of requests: several for one port are alternatives,
    or come from both ends.
    """

    src: PeerEnd
    dst: PeerEnd
    traffic: Traffic
    unknown: Traffic = ()
    details: tuple[PodDetail, ...] = ()
    demands: tuple[RequestDemand, ...] = ()


class Connectivity(Struct, frozen=True, gc=False):
    """All connections, sorted by source and destination, and what is missing from the picture."""

    connections: tuple[PeerConnection, ...]
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
    notes: tuple[str, ...] = ()
