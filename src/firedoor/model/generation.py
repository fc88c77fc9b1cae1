"""Generated network policies: the connections they are made for, the policies, and the proof of them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.places import Gap, ObjectRef


class PolicyKind(StrEnum):
    """The APIs that policies are generated for."""

    NETWORKPOLICY = "networkpolicy"
    CLUSTERNETWORKPOLICY = "clusternetworkpolicy"
    CALICO = "calico"
    CALICO_STAGED = "calico-staged"
    CILIUM = "cilium"
    ISTIO = "istio"


class Evidence(Struct, frozen=True, gc=False, order=True):
    """
    Why a connection is needed: flows that were seen, or a text and the place (``file:line``) that it stands at.

    `first` and `last` are nanoseconds since 1970 in UTC.
    """

    text: str
    place: str = ""
    count: int = 0
    first: int = 0
    last: int = 0


class Party(Struct, frozen=True, gc=False):
    """
    An end of a needed connection: a workload, or what is outside.

    What is outside has `blocks` (CIDRs) and, where it is known by one, the DNS name `domain`; of a node
    `node` is the name; `server` says that it is the API server.
    """

    workload: ObjectRef | None = None
    blocks: tuple[str, ...] = ()
    domain: str = ""
    node: str = ""
    server: bool = False

    @property
    def sort_key(self) -> tuple[str, ...]:
        """Workloads by namespace, name and kind; then names, nodes and addresses."""
        if self.workload is not None:
            return ("0", self.workload.namespace, self.workload.name, self.workload.kind)
        return ("1", self.domain, self.node, *self.blocks)

    def __str__(self) -> str:
        """Return the end in words."""
        if self.workload is not None:
            return str(self.workload)
        if self.node:
            return f"node {self.node}"
        if self.server:
            return f"API server ({', '.join(each.partition('/')[0] for each in self.blocks)})"
        return self.domain or ", ".join(self.blocks)


class Need(Struct, frozen=True, gc=False):
    """A connection that has to be possible: `first` to `last` are ports on the destination itself."""

    source: Party
    destination: Party
    protocol: str
    first: int
    last: int
    evidence: tuple[Evidence, ...] = ()

    @property
    def sort_key(self) -> tuple[object, ...]:
        """By source, destination, protocol and ports."""
        return (self.source.sort_key, self.destination.sort_key, self.protocol, self.first, self.last)

    def __str__(self) -> str:
        """Return the connection in words."""
        ports = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.source} -> {self.destination} {self.protocol}/{ports}"


class LeftOut(Struct, frozen=True, gc=False):
    """Connections that were seen or written and that no policy is generated for, and why."""

    what: str
    why: str
    count: int = 0
    first: int = 0
    last: int = 0


class Basis(Struct, frozen=True, gc=False):
    """All needed connections, sorted, with what could not be attributed and what should be known of both."""

    needs: tuple[Need, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


class GeneratedPolicy(Struct, frozen=True, gc=False):
    """
    A policy as a document, and the comments that stand in it: `head` above it, `comments` above parts by path.

    `workloads` are those that it is for, none of a default that denies. `order` says when it is applied: what
    allows comes before what denies by default.
    """

    name: str
    namespace: str
    order: int
    document: dict[str, object]
    workloads: tuple[ObjectRef, ...] = ()
    head: tuple[str, ...] = ()
    comments: dict[str, tuple[str, ...]] = {}

    @property
    def is_default(self) -> bool:
        """Whether it denies what no other policy allows."""
        return not self.workloads


class OpenPair(Struct, frozen=True, gc=False, order=True):
    """Connections that are possible and that nothing has been seen or said to need."""

    source: str
    destination: str
    traffic: Traffic


class Proof(Struct, frozen=True, gc=False):
    """
    What the engine says of the policies, after they were read back.

    `needed` connections are asked for; `denied` of them are not accepted. `opened` is accepted by the generated
    policies and not needed. `parts` are single peers with single ports; `removable` can be left out. `refused`
    are policies that the API server would not take.
    """

    needed: int
    denied: tuple[str, ...] = ()
    opened: tuple[OpenPair, ...] = ()
    parts: int = 0
    removable: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything needed is possible, nothing else, and no part is too much."""
        return not (self.denied or self.opened or self.removable or self.refused)


class OverPermission(Struct, frozen=True, gc=False):
    """
    What is open between workloads, and from and to the outside, beyond what is needed.

    `before` and `after` count pairs of ends that have anything open that is not needed; `pairs` lists those after.
    """

    before: int
    after: int
    pairs: tuple[OpenPair, ...] = ()


class Generation(Struct, frozen=True, gc=False):
    """Generated policies, in the order they are to be applied, with their basis and their proof."""

    kind: PolicyKind
    policies: tuple[GeneratedPolicy, ...]
    needs: tuple[Need, ...]
    proof: Proof
    overpermission: OverPermission
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
