"""What was read of a cluster and what was refused, into a snapshot: as often as it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.adapters.cluster.gaps import accounts_unknown, namespaces_unknown, not_listed
from firedoor.adapters.cluster.listing import Listing
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.calico_parsing import asks_for_accounts
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.places import Gap, Scope
from firedoor.model.policies import PolicyObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.cluster.discovery import Resource
    from firedoor.adapters.cluster.transport import Refusal
    from firedoor.model.decoding import ModelObject

_NAME_LABEL = "kubernetes.io/metadata.name"
MESH_GROUP = "security.istio.io"


class Held(Struct, frozen=True):
    """One list, and what it is a list of; `namespace` is empty for that of the whole cluster."""

    resource: Resource
    namespace: str
    listing: Listing


class Readout(Struct):
    """
    Everything that was read of a cluster.

    `single` are objects that were asked for by their names, `no_namespaces` and
    `no_accounts` the refusals whose weight hangs on what policies ask for.
    """

    held: list[Held] = []
    single: list[ModelObject] = []
    gaps: list[Gap] = []
    settings: ModelObject | Gap | None = None
    no_namespaces: tuple[str, Resource, Refusal] | None = None
    no_accounts: list[tuple[Resource, str, Refusal]] = []

    @property
    def has_mesh_policies(self) -> bool:
        """Whether there are policies that the settings of a mesh bear on."""
        return any(each.listing.objects for each in self.held if each.resource.group == MESH_GROUP)

    def builder(self) -> SnapshotBuilder:
        """Return a builder with everything that could be read, and the gaps of the rest."""
        builder = SnapshotBuilder()
        self.fill(builder)
        for gap in self.all_gaps():
            builder.add_gap(gap)
        return builder

    def fill(self, builder: SnapshotBuilder) -> None:
        """Add everything that could be read."""
        for each in self.single:
            builder.add(each)
        for held in self.held:
            for each in held.listing.objects.values():
                builder.add(each)
        if self.settings is not None and not isinstance(self.settings, Gap):
            builder.add(self.settings)

    def all_gaps(self) -> Iterator[Gap]:
        """Yield the gaps of what could not be read."""
        yield from self.gaps
        for held in self.held:
            yield from held.listing.gaps.values()
        if self.no_namespaces is not None:
            yield self._unknown_labels(*self.no_namespaces)
        if self.no_accounts:
            yield from self._unknown_accounts()
        if isinstance(self.settings, Gap):
            yield self.settings

    def _unknown_labels(self, source: str, resource: Resource, refusal: Refusal) -> Gap:
        """Return the gap of unreadable Namespace objects, as wide as the policies that ask for their labels."""
        asking = [
            (each.metadata.namespace, way)
            for each in self._objects("NetworkPolicy")
            if isinstance(each, NetworkPolicy)
            for way in Direction
            if _asks_for_labels(each, way)
        ]
        scope = None
        if asking:
            ways = {way for _, way in asking}
            scope = Scope(_home({each for each, _ in asking}), Direction.INGRESS in ways, Direction.EGRESS in ways)
        return namespaces_unknown(source, resource, scope, refusal)

    def _unknown_accounts(self) -> Iterator[Gap]:
        """Yield the gaps of unreadable ServiceAccounts, as wide as the policies that ask for their labels."""
        policies = (each for held in self.held for each in held.listing.objects.values())
        asking = {
            each.metadata.namespace for each in policies if isinstance(each, PolicyObject) and asks_for_accounts(each)
        }
        for resource, namespace, refusal in self.no_accounts:
            if asking:
                yield accounts_unknown(resource, namespace, Scope(_home(asking)), refusal)
            else:
                yield not_listed(resource, namespace, refusal)

    def _objects(self, kind: str) -> Iterator[ModelObject]:
        for held in self.held:
            if held.resource.kind == kind:
                yield from held.listing.objects.values()


def _home(namespaces: set[str]) -> str:
    """Return the one namespace, or empty for all where there are several."""
    return next(iter(namespaces)) if len(namespaces) == 1 else ""


def _asks_for_labels(policy: NetworkPolicy, way: Direction) -> bool:
    """Return whether a rule selects namespaces by a label other than the name, which is known anyway."""
    selectors = (peer.namespace_selector for rule in policy.rules(way) for peer in rule.peers)
    return any(
        requirement.key != _NAME_LABEL
        for selector in selectors
        if selector is not None
        for requirement in selector.requirements
    )
