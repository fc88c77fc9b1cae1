"""Policies of Calico (``projectcalico.org/v3``) and what they refer to, with the API's defaults filled in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.calico_selectors import All, Selector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.places import NOWHERE, ObjectRef, Place

if TYPE_CHECKING:
    from firedoor.model.icmp import IcmpMessage

DEFAULT_TIER = "default"
"""The tier of policies that name none, and of the NetworkPolicies of Kubernetes."""


class PortMatch(Struct, frozen=True, gc=False):
    """A range of ports, or the ports that pods give a name to (``numorstring.Port``)."""

    first: int = 0
    last: int = 0
    name: str = ""
    """The name of a port; empty for a range."""

    def __str__(self) -> str:
        """Return ``http``, ``80`` or ``80:90``, as the API writes it."""
        return self.name or (str(self.first) if self.first == self.last else f"{self.first}:{self.last}")


class ServiceAccountMatch(Struct, frozen=True, gc=False):
    """Service accounts by name and by label, both of which must hold where given (``ServiceAccountMatch``)."""

    names: tuple[str, ...] = ()
    selector: Selector | None = None


class ServiceMatch(Struct, frozen=True, gc=False):
    """The endpoints of a service, each at the ports that it serves (``ServiceMatch``)."""

    name: str
    namespace: str
    """The service's namespace: the policy's own where the policy names none."""


class EntityRule(Struct, frozen=True, gc=False):
    """
    What a rule asks of one end of a connection; all of it must hold (``EntityRule``).

    A selector looks at pods, host endpoints and network sets, and lets no other
    address match. ``not_selector`` excludes what it selects and lets any other
    address match. As soon as a namespaced policy uses a selector of any kind, and
    no namespace selector, it means its own namespace only.
    """

    nets: tuple[str, ...] = ()
    not_nets: tuple[str, ...] = ()
    selector: Selector | None = None
    not_selector: Selector | None = None
    namespace_selector: Selector | None = None
    ports: tuple[PortMatch, ...] = ()
    not_ports: tuple[PortMatch, ...] = ()
    service_accounts: ServiceAccountMatch | None = None
    services: ServiceMatch | None = None
    domains: tuple[str, ...] = ()
    """Domain names of Calico Enterprise and Calico Cloud; a rule that has some is unsure."""

    @property
    def selects_endpoints(self) -> bool:
        """
        Whether the end must be something with labels, in the policy's own namespace where it has one.

        In a global policy ``not_selector`` by itself does not ask for that.
        """
        accounts = self.service_accounts
        return (
            self.selector is not None
            or self.not_selector is not None
            or self.namespace_selector is not None
            or (accounts is not None and bool(accounts.names or accounts.selector is not None))
        )


ANY_END = EntityRule()
"""The end of a connection of which a rule asks nothing."""


class ICMPMatch(Struct, frozen=True, gc=False):
    """A type of ICMP messages and a code of that type; None means all (``ICMPFields``)."""

    type: int | None = None
    code: int | None = None

    def matches(self, message: IcmpMessage) -> bool:
        """Return whether a message is of the type, and of the code if there is one."""
        return self.type == message.type and self.code in {None, message.code}

    def __str__(self) -> str:
        """Return ``type 8 code 0``, without what is not asked for."""
        parts = (("type", self.type), ("code", self.code))
        return " ".join(f"{name} {number}" for name, number in parts if number is not None)


class HTTPPath(Struct, frozen=True, gc=False):
    """A path of HTTP requests, or how the path begins (``HTTPPath``)."""

    exact: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        """Return ``/path``, or ``/path*`` for a prefix."""
        return self.exact or f"{self.prefix}*"


class HTTPMatch(Struct, frozen=True, gc=False):
    """The requests that a rule allows; an empty list allows all methods or paths (``HTTPMatch``)."""

    methods: tuple[str, ...] = ()
    paths: tuple[HTTPPath, ...] = ()

    def __str__(self) -> str:
        """Return ``HTTP GET or HEAD /path or /prefix*``."""
        methods, paths = " or ".join(self.methods), " or ".join(map(str, self.paths))
        return " ".join(filter(None, ("HTTP", methods, paths)))


class CalicoRule(Struct, frozen=True, gc=False):
    """What is done with the connections that match; rules are asked in their order (``Rule``)."""

    action: str
    """``Allow``, ``Deny``, ``Pass`` (to the next tier) or ``Log`` (the next rule is asked)."""
    protocol: str | None = None
    """``TCP``, ``UDP``, ``SCTP``, ``ICMP``, ``ICMPv6``, ``UDPLite`` or a number; None means any."""
    not_protocol: str | None = None
    ip_version: int | None = None
    icmp: ICMPMatch | None = None
    not_icmp: ICMPMatch | None = None
    source: EntityRule = ANY_END
    destination: EntityRule = ANY_END
    http: HTTPMatch | None = None
    unsure: bool = False
    """Whether the rule asks for something that firedoor does not evaluate: it may match, or not."""
    path: str = ""
    """Where the rule stands in its policy, as in ``spec.ingress[0]``."""

    @property
    def has_icmp(self) -> bool:
        """Whether the rule looks at the type of ICMP messages."""
        return self.icmp is not None or self.not_icmp is not None


class CalicoPolicy(Struct, frozen=True, gc=False):
    """
    A NetworkPolicy or GlobalNetworkPolicy of Calico, enforced or staged.

    ``doNotTrack`` and ``preDNAT`` policies concern host endpoints only, never pods.
    """

    kind: str
    metadata: ObjectMeta
    place: Place = NOWHERE
    tier: str = DEFAULT_TIER
    order: float | None = None
    """The place within the tier; None comes last."""
    selector: Selector = All()
    namespace_selector: Selector | None = None
    service_account_selector: Selector | None = None
    decides_ingress: bool = True
    decides_egress: bool = False
    ingress: tuple[CalicoRule, ...] = ()
    egress: tuple[CalicoRule, ...] = ()
    do_not_track: bool = False
    pre_dnat: bool = False
    apply_on_forward: bool = False
    staged: bool = False
    """Whether the policy is never enforced, and only previewed."""
    staged_action: str = ""
    """``Set``, ``Delete``, ``Learn`` or ``Ignore`` of a staged policy; empty for an enforced one."""
    unsure: bool = False
    """Whether the policy has a field that firedoor does not evaluate: it may apply, or not."""

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)

    @property
    def name(self) -> str:
        """``namespace/name``, or the name of a global policy."""
        return f"{self.metadata.namespace}/{self.metadata.name}" if self.metadata.namespace else self.metadata.name

    @property
    def hosts_only(self) -> bool:
        """Whether the policy concerns host endpoints and no pods."""
        return self.do_not_track or self.pre_dnat

    @property
    def rank(self) -> tuple[float, str]:
        """What policies of one tier are sorted by: the order, then name, namespace and kind."""
        metadata = self.metadata
        return _position(self.order), f"{metadata.name}/{metadata.namespace}/{self.kind}"

    def decides(self, direction: Direction) -> bool:
        """Return whether the policy has a say in `direction` (``types``)."""
        return self.decides_ingress if direction is Direction.INGRESS else self.decides_egress

    def rules(self, direction: Direction) -> tuple[CalicoRule, ...]:
        """Return the rules that count in `direction`; none where the policy has no say in it."""
        if not self.decides(direction):
            return ()
        return self.ingress if direction is Direction.INGRESS else self.egress


class Tier(Struct, frozen=True, gc=False):
    """
    Policies that are asked together (``Tier``).

    The default action meets a connection of an endpoint that some policy of the tier
    selects, and none of whose rules matches. A tier that selects an endpoint by no
    policy is skipped.
    """

    name: str
    order: float | None = None
    """The place among the tiers; None comes last."""
    default_action: str = "Deny"
    """``Deny`` or ``Pass``."""
    place: Place = NOWHERE
    unsure: bool = False

    @property
    def rank(self) -> tuple[float, str]:
        """What tiers are sorted by: the order, then the name."""
        return _position(self.order), self.name


KUBE_ADMIN = Tier("kube-admin", 1_000.0, "Pass")
"""The tier of ClusterNetworkPolicies of the Admin tier."""

DEFAULT = Tier(DEFAULT_TIER, 1_000_000.0, "Deny")
"""The tier of NetworkPolicies, and of Calico policies that name no tier."""

KUBE_BASELINE = Tier("kube-baseline", 10_000_000.0, "Pass")
"""The tier of ClusterNetworkPolicies of the Baseline tier."""

BUILT_IN_TIERS = (KUBE_ADMIN, DEFAULT, KUBE_BASELINE)
"""The tiers that Calico makes in every cluster; their order and default action are fixed."""


class NetworkSet(Struct, frozen=True, gc=False):
    """Addresses under a name and labels, for selectors to select (``NetworkSet``, ``GlobalNetworkSet``)."""

    metadata: ObjectMeta
    place: Place = NOWHERE
    nets: tuple[str, ...] = ()
    allowed_egress_domains: tuple[str, ...] = ()
    """Domain names of Calico Enterprise and Calico Cloud; a set that has some is unsure."""
    unsure: bool = False
    """Whether the set may hold more addresses than its nets."""

    @property
    def namespace(self) -> str:
        """The namespace; empty for a global set."""
        return self.metadata.namespace

    @property
    def labels(self) -> dict[str, str]:
        """The labels that selectors look at."""
        return self.metadata.labels


class HostEndpoint(Struct, frozen=True, gc=False):
    """An interface of a node that policies may select (``HostEndpoint``)."""

    metadata: ObjectMeta
    place: Place = NOWHERE
    node: str = ""
    interface_name: str = ""
    """The name of the interface; ``*`` means all of the node's."""
    expected_ips: tuple[str, ...] = ()
    unsure: bool = False


class StagedKubernetesPolicy(Struct, frozen=True, gc=False):
    """A NetworkPolicy of Kubernetes that is not enforced (``StagedKubernetesNetworkPolicy``)."""

    metadata: ObjectMeta
    place: Place = NOWHERE
    staged_action: str = "Set"
    policy: NetworkPolicy = NetworkPolicy()
    """The policy that it previews."""
    unsure: bool = False
    """Whether part of that policy is not understood."""


CalicoObject = CalicoPolicy | Tier | NetworkSet | HostEndpoint | StagedKubernetesPolicy
"""What an object of Calico's API becomes."""


def _position(order: float | None) -> float:
    return math.inf if order is None else order
