"""What tells the kinds and versions of cluster-wide policies apart when they are read."""

from __future__ import annotations

import re

from msgspec import Struct

from firedoor.model.clusterpolicy import Action

INGRESS_PEERS = ("namespaces", "pods")
_SIMPLE = {"Deny": Action.DENY, "Pass": Action.PASS}


def _domain_name(letters: str) -> re.Pattern[str]:
    label = rf"{letters}([-a-zA-Z0-9_]*[a-zA-Z0-9])?"
    return re.compile(rf"(\*\.)?({label}\.)+{label}\.?")


class Dialect(Struct, frozen=True, gc=False):
    """How one kind writes what all of them mean."""

    actions: dict[str, Action]
    most: int
    """The highest number of rules in a direction, of peers in a rule and of ports in a rule."""
    ports: str
    """The field of a rule that narrows it to ports."""
    egress_peers: tuple[str, ...]
    has_tier: bool = False
    has_priority: bool = True
    demands_namespace_selector: bool = False
    demands_masked_networks: bool = False
    demands_ascending_ranges: bool = False
    only_name: str = ""
    """The only name that an object of the kind may have."""
    domain_name: re.Pattern[str] = _domain_name("[a-zA-Z0-9]")

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the specification."""
        tier = ("tier",) if self.has_tier else ()
        priority = ("priority",) if self.has_priority else ()
        return (*tier, *priority, "subject", "ingress", "egress")


ADMIN = Dialect(
    actions={"Allow": Action.ACCEPT, **_SIMPLE},
    most=100,
    ports="ports",
    egress_peers=(*INGRESS_PEERS, "nodes", "networks", "domainNames"),
    demands_namespace_selector=True,
    domain_name=_domain_name("[a-zA-z0-9]"),  # the pattern of v1alpha1 has this wider range, and the server uses it
)
BASELINE_ADMIN = Dialect(
    actions={"Allow": Action.ACCEPT, "Deny": Action.DENY},
    most=100,
    ports="ports",
    egress_peers=(*INGRESS_PEERS, "nodes", "networks"),
    has_priority=False,
    demands_namespace_selector=True,
    only_name="default",
)
CLUSTER = Dialect(
    actions={"Accept": Action.ACCEPT, **_SIMPLE},
    most=25,
    ports="protocols",
    egress_peers=(*INGRESS_PEERS, "nodes", "networks", "domainNames"),
    has_tier=True,
    demands_ascending_ranges=True,
)
CLUSTER_BETA = Dialect(
    actions=CLUSTER.actions,
    most=CLUSTER.most,
    ports=CLUSTER.ports,
    egress_peers=CLUSTER.egress_peers,
    has_tier=True,
    demands_masked_networks=True,
    demands_ascending_ranges=True,
)

DIALECTS: dict[str, dict[str, Dialect]] = {
    "ClusterNetworkPolicy": {"v1alpha2": CLUSTER, "v1beta1": CLUSTER_BETA},
    "AdminNetworkPolicy": {"v1alpha1": ADMIN},
    "BaselineAdminNetworkPolicy": {"v1alpha1": BASELINE_ADMIN},
}
"""The dialects by kind and version, the oldest version first."""
