"""CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy and CiliumCIDRGroup of ``cilium.io`` in one shape."""

from __future__ import annotations

from msgspec import Struct

from firedoor.algebra.ports import LAST_PORT, PROTOCOLS
from firedoor.model.cilium_peers import CiliumPeer
from firedoor.model.cilium_selector import CiliumSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import NOWHERE, ObjectRef, Place

ANY_PROTOCOL = "ANY"
"""The protocol that stands for TCP, UDP and SCTP, and for no other."""

EXTENDED_PROTOCOLS = ("VRRP", "IGMP", "GRE", "IPIP", "IPV6", "ESP", "AH")
"""Protocols without ports that the API has besides."""

NAME_OF_GROUP = "io.cilium.policy.cidrgroupname"
"""What precedes the name of a CiliumCIDRGroup in the label that tells it."""
_LABELS_OF_CILIUM = "io.cilium.k8s"


class CiliumPort(Struct, frozen=True, gc=False):
    """
    A destination port, a range of them, a named port or all ports of a protocol (``PortProtocol``).

    `protocol` is one of TCP, UDP, SCTP, `ANY_PROTOCOL` and `EXTENDED_PROTOCOLS`, as
    the API has it. No port is every port; `end_port` is there only if it is higher
    than the port. `l7` says what the entry demands beyond the port, empty for nothing.
    """

    protocol: str = ANY_PROTOCOL
    port: int | str | None = None
    end_port: int | None = None
    l7: str = ""

    @property
    def protocols(self) -> tuple[str, ...]:
        """The protocols with ports that are meant: none for those of `EXTENDED_PROTOCOLS`."""
        if self.protocol == ANY_PROTOCOL:
            return PROTOCOLS
        return (self.protocol,) if self.protocol in PROTOCOLS else ()

    def __str__(self) -> str:
        """Return ``TCP/80``, ``TCP/80-90``, ``TCP/http`` or ``TCP``, and the demands in brackets."""
        port = "" if self.port is None else f"/{self.port}"
        end = "" if self.end_port is None else f"-{self.end_port}"
        return f"{self.protocol}{port}{end}" + (f" [{self.l7}]" if self.l7 else "")


class CiliumDirectionRule(Struct, frozen=True, gc=False):
    """
    An allow or a deny rule of one direction (``IngressRule``, ``IngressDenyRule`` and those of egress).

    `peers` is None for any peer at all, inside and outside of the cluster; the rule
    ``{}`` has no peers, as Cilium reads it. `ports` is None for all traffic of all
    protocols, and no ports where the rule is about ICMP only (`icmps`, IP version and
    type of each message) or its entries name none. Services that lead to no service make
    a rule with ports match any peer.
    """

    peers: tuple[CiliumPeer, ...] | None = ()
    ports: tuple[CiliumPort, ...] | None = None
    icmps: tuple[tuple[int, int], ...] = ()
    l7: str = ""
    """What the rule demands beyond peers and ports, for people; see `CiliumPort.l7`. Empty for nothing."""
    authentication: str = ""
    """``disabled``, ``required`` (mutual TLS) or ``test-always-fail``; empty where the rule does not say."""
    unsure: bool = False
    """Whether the rule has parts whose effect is not known."""
    path: str = ""


class CiliumRule(Struct, frozen=True, gc=False):
    """
    A specification (``Rule``): endpoints or nodes, and what holds for them.

    Exactly one of the two selectors is there. Of a CiliumNetworkPolicy only
    endpoints of its own namespace are selected; the selector says so.
    """

    endpoint_selector: CiliumSelector | None = None
    node_selector: CiliumSelector | None = None
    ingress: tuple[CiliumDirectionRule, ...] = ()
    ingress_deny: tuple[CiliumDirectionRule, ...] = ()
    egress: tuple[CiliumDirectionRule, ...] = ()
    egress_deny: tuple[CiliumDirectionRule, ...] = ()
    default_deny_ingress: bool = False
    """Whether what no rule allows is denied to the selected at ingress."""
    default_deny_egress: bool = False
    unsure: bool = False
    """Whether it is not known whom the rule selects, or whether it isolates."""
    path: str = "spec"

    def default_denies(self, direction: Direction) -> bool:
        """Return whether the selected are isolated in `direction`."""
        return self.default_deny_ingress if direction is Direction.INGRESS else self.default_deny_egress

    def allows(self, direction: Direction) -> tuple[CiliumDirectionRule, ...]:
        """Return the allow rules of `direction`."""
        return self.ingress if direction is Direction.INGRESS else self.egress

    def denies(self, direction: Direction) -> tuple[CiliumDirectionRule, ...]:
        """Return the deny rules of `direction`, which stand above every allow rule."""
        return self.ingress_deny if direction is Direction.INGRESS else self.egress_deny


class CiliumPolicy(Struct, frozen=True, gc=False):
    """A CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy: the rules of ``spec`` and ``specs``."""

    kind: str
    metadata: ObjectMeta
    rules: tuple[CiliumRule, ...] = ()
    options: tuple[str, ...] = ()
    """The agent's options that must be on; where one is off, Cilium refuses the whole policy."""
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)


class CidrGroup(Struct, frozen=True, gc=False):
    """Address blocks outside of the cluster under one name (``CiliumCIDRGroup``, ``spec.externalCIDRs``)."""

    metadata: ObjectMeta
    cidrs: tuple[str, ...] = ()
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind and name."""
        return ObjectRef("CiliumCIDRGroup", "", self.metadata.name)

    @property
    def marks(self) -> dict[str, str]:
        """The labels that Cilium gives to the addresses of the group: its own, and one that tells its name."""
        kept = {key: value for key, value in self.metadata.labels.items() if not key.startswith(_LABELS_OF_CILIUM)}
        return {**kept, f"{NAME_OF_GROUP}/{self.metadata.name}": ""}


def port_range(first: int, last: int) -> tuple[int | None, int | None]:
    """Return port and end port as Cilium takes them: 0 stands for all ports, an end that is not higher for none."""
    if first == 0 and last in {0, LAST_PORT}:
        return None, None
    return (max(first, 1), last if last > max(first, 1) else None)
