"""The other ends of the rules of Cilium policies, one structure per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.cilium_selector import CiliumSelector
from firedoor.model.labels import LabelSelector

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTITIES = (
    "all",
    "world",
    "cluster",
    "cluster-mesh",
    "host",
    "init",
    "ingress",
    "unmanaged",
    "remote-node",
    "health",
    "none",
    "kube-apiserver",
)
"""The entities that the API has, in its order."""


class EndpointPeer(Struct, frozen=True, gc=False):
    """Endpoints by their labels (``fromEndpoints``, ``toEndpoints``)."""

    selector: CiliumSelector = CiliumSelector()

    def __str__(self) -> str:
        """Return the peer in words."""
        return f"endpoints {self.selector}"


class EntityPeer(Struct, frozen=True, gc=False):
    """A class of peers by its name, one of `ENTITIES` (``fromEntities``, ``toEntities``)."""

    name: str

    def __str__(self) -> str:
        """Return the peer in words."""
        return f"entity {self.name}"


class CidrPeer(Struct, frozen=True, gc=False):
    """Addresses outside of the cluster (``fromCIDR``, ``toCIDR``, ``fromCIDRSet``, ``toCIDRSet``)."""

    cidr: str
    excepts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return ``cidr`` or ``cidr except a, b``."""
        return _less(self.cidr, self.excepts)


class CidrGroupPeer(Struct, frozen=True, gc=False):
    """
    The addresses of a CiliumCIDRGroup by its name (``cidrGroupRef``), or addresses by labels (``cidrGroupSelector``).

    Cilium gives the labels of a group to its addresses, under the source ``cidrgroup``,
    and that is what a key without a source is about. An address has the labels of
    every group that holds it, and one that is in no group has none.
    """

    name: str = ""
    selector: LabelSelector | None = None
    excepts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the peer in words."""
        group = f"CIDR group {self.name}" if self.selector is None else f"CIDR groups {self.selector}"
        return _less(group, self.excepts)


class ServicePeer(Struct, frozen=True, gc=False):
    """
    The backends of services, by name or labels (``toServices``).

    A service with a selector stands for the pods that it selects, one without for
    the addresses of its endpoints. An empty namespace is any namespace.
    """

    namespace: str = ""
    name: str = ""
    selector: LabelSelector | None = None

    def selects(self, namespace: str, name: str, labels: Mapping[str, str]) -> bool:
        """Return whether a service is meant; no name and no selector mean none."""
        is_named = self.name == name if self.selector is None else self.selector.matches(labels)
        return is_named and self.namespace in {"", namespace}

    def __str__(self) -> str:
        """Return the peer in words."""
        where = f" of namespace {self.namespace}" if self.namespace else " of all namespaces"
        if self.selector is None and not self.name:
            return "no service"
        return (f"service {self.name}" if self.selector is None else f"services {self.selector}") + where


class FqdnPeer(Struct, frozen=True, gc=False):
    """
    The addresses that DNS names lead to at run time, outside of the cluster (``toFQDNs``).

    Either a name or a pattern, in which ``*`` does not cross a dot, and ``**.`` at
    the beginning stands for one or more labels.
    """

    match_name: str = ""
    match_pattern: str = ""

    def __str__(self) -> str:
        """Return the peer in words."""
        return f"DNS name {self.match_name}" if self.match_name else f"DNS names {self.match_pattern}"


class NodePeer(Struct, frozen=True, gc=False):
    """
    Nodes other than the endpoint's own by their labels (``fromNodes``, ``toNodes``).

    Cilium refuses the policy where the agent's ``enable-node-selector-labels`` is off.
    """

    selector: CiliumSelector = CiliumSelector()

    def __str__(self) -> str:
        """Return the peer in words."""
        return f"other nodes {self.selector}"


class GroupPeer(Struct, frozen=True, gc=False):
    """Addresses that a cloud knows, not known from the objects (``fromGroups``, ``toGroups``)."""

    description: str = ""

    def __str__(self) -> str:
        """Return the peer in words."""
        return f"external group {self.description}".rstrip()


CiliumPeer = EndpointPeer | EntityPeer | CidrPeer | CidrGroupPeer | ServicePeer | FqdnPeer | NodePeer | GroupPeer


def _less(text: str, excepts: tuple[str, ...]) -> str:
    return f"{text} except {', '.join(excepts)}" if excepts else text
