"""All kinds of a cluster, each as widely as the server lets us, into a snapshot under construction."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.cluster.discovery import Resource
from firedoor.adapters.cluster.gaps import (
    accounts_unknown,
    deciding_scope,
    listed_in_part,
    namespaces_unknown,
    not_listed,
    settings_unknown,
)
from firedoor.adapters.cluster.listing import decode_item, list_all
from firedoor.adapters.cluster.transport import Refusal, Transport
from firedoor.errors import SourceError
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.calico_parsing import asks_for_accounts
from firedoor.model.mesh_config import CONFIG_MAP, ROOT_NAMESPACE
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.places import Gap, Place, Scope
from firedoor.model.policies import PolicyObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.cluster.discovery import Discovery
    from firedoor.adapters.cluster.listing import Listing
    from firedoor.interfaces import Progress
    from firedoor.model.decoding import ModelObject
    from firedoor.model.mesh_config import MeshConfig
    from firedoor.model.raw_objects import RawObjects

    SettingsReader = Callable[[dict[str, Any], Place, str], MeshConfig | Gap | None]

_NAME_LABEL = "kubernetes.io/metadata.name"
_MESH = "security.istio.io"
_NOT_SERVED = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})


class Reader:
    """Reads one cluster once, and remembers which namespaces it has come across."""

    def __init__(
        self,
        transport: Transport,
        page_size: int,
        progress: Progress,
        own_namespace: str,
        raw: RawObjects | None = None,
        mesh: SettingsReader | None = None,
    ) -> None:
        """
        Prepare to read.

        `own_namespace` is the context's: the one to try when no other is known. `raw` takes
        objects as they are, `mesh` reads the settings of Istio from their ConfigMap.
        """
        self._transport = transport
        self._page_size = page_size
        self._progress = progress
        self._raw = raw
        self._mesh = mesh
        self._has_mesh_policies = False
        self._builder = SnapshotBuilder()
        self._known = {own_namespace} if own_namespace else set()
        self._all_are_known = False
        self._label_policies: list[tuple[str, Direction]] = []
        self._no_namespaces: tuple[str, Resource, Refusal] | None = None
        self._account_policies: set[str] = set()
        self._no_accounts: list[tuple[Resource, str, Refusal]] = []

    def read(self, found: Discovery, namespaces: tuple[str, ...] | None) -> SnapshotBuilder:
        """Return a builder with everything that could be read of `found`, and the gaps of the rest."""
        for gap in found.gaps:
            self._builder.add_gap(gap)
        for resource in sorted(found.resources, key=_turn):
            if namespaces is None:
                self._read_widely(resource)
            elif (resource.group, resource.kind) == ("", "Namespace"):
                self._read_named_namespaces(resource, namespaces)
            elif resource.is_namespaced:
                for namespace in sorted(set(namespaces)):
                    self._read_one(resource, namespace)
            else:
                self._read_one(resource, "")
        self._note_unknown_labels()
        self._note_unknown_accounts()
        if self._mesh is not None and self._has_mesh_policies:
            self._read_mesh_settings(self._mesh)
        return self._builder

    def _read_one(self, resource: Resource, namespace: str) -> None:
        try:
            self._take(self._list(resource, namespace))
        except Refusal as refusal:
            if refusal.code not in _NOT_SERVED:
                self._refused(resource, namespace, refusal)

    def _read_widely(self, resource: Resource) -> None:
        """Read a kind in the whole cluster or, where that is forbidden, in the namespaces known by then."""
        try:
            listing = self._list(resource, "")
        except Refusal as refusal:
            if refusal.code in _NOT_SERVED:
                return
            if resource.kind == "Namespace":
                self._no_namespaces = (resource.path(), resource, refusal)
            elif resource.is_namespaced and refusal.code == HTTPStatus.FORBIDDEN:
                self._read_by_namespace(resource, refusal)
            else:
                self._refused(resource, "", refusal)
            return
        self._take(listing)
        if resource.kind == "Namespace":
            self._all_are_known = True

    def _read_by_namespace(self, resource: Resource, refusal: Refusal) -> None:
        read: list[str] = []
        refused: list[tuple[str, Refusal]] = []
        for namespace in sorted(self._known):
            try:
                self._take(self._list(resource, namespace))
                read.append(namespace)
            except Refusal as inner:
                refused.append((namespace, inner))
        if not read:
            self._refused(resource, "", refusal)
            return
        for namespace, another in refused:
            self._refused(resource, namespace, another)
        if not self._all_are_known:
            self._builder.add_gap(listed_in_part(resource, read, refusal))

    def _refused(self, resource: Resource, namespace: str, refusal: Refusal) -> None:
        if (resource.group, resource.kind) == ("", "ServiceAccount"):
            # What hangs on them is known when all policies are.
            self._no_accounts.append((resource, namespace, refusal))
            return
        self._builder.add_gap(not_listed(resource, namespace, refusal))

    def _read_named_namespaces(self, resource: Resource, names: tuple[str, ...]) -> None:
        """Read the Namespace objects by their names, which even an account of one namespace may."""
        for name in sorted(set(names)):
            path = resource.path(name=name)
            try:
                each = decode_item(resource, "", self._transport.get(path, msgspec.Raw))
            except Refusal as refusal:
                if refusal.code == HTTPStatus.NOT_FOUND:
                    raise SourceError(
                        f"there is no namespace {name!r}",
                        place=self._transport.server,
                        remedy="`kubectl get namespaces` lists them",
                    ) from refusal
                self._no_namespaces = (path, resource, refusal)
                continue
            if each is not None:
                self._builder.add(each)

    def _list(self, resource: Resource, namespace: str) -> Listing:
        return list_all(self._transport, resource, namespace, self._page_size, self._progress, self._raw)

    def _take(self, listing: Listing) -> None:
        for each in listing.objects.values():
            self._builder.add(each)
            self._remember(each)
        for gap in listing.gaps:
            self._builder.add_gap(gap)

    def _remember(self, each: ModelObject) -> None:
        namespace = each.metadata.namespace
        if namespace:
            self._known.add(namespace)
        elif each.place.source.startswith("/api/v1/namespaces/"):
            self._known.add(each.metadata.name)
        if isinstance(each, PolicyObject):
            self._has_mesh_policies |= each.group == _MESH
            if asks_for_accounts(each):
                self._account_policies.add(namespace)
        if isinstance(each, NetworkPolicy):
            self._label_policies.extend((namespace, way) for way in Direction if _asks_for_labels(each, way))

    def _note_unknown_labels(self) -> None:
        """Add the gap of unreadable Namespace objects, as wide as the policies that ask for their labels."""
        if self._no_namespaces is None:
            return
        source, resource, refusal = self._no_namespaces
        scope = None
        if self._label_policies:
            homes = {namespace for namespace, _ in self._label_policies}
            ways = {way for _, way in self._label_policies}
            home = next(iter(homes)) if len(homes) == 1 else ""
            scope = Scope(home, Direction.INGRESS in ways, Direction.EGRESS in ways)
        self._builder.add_gap(namespaces_unknown(source, resource, scope, refusal))

    def _note_unknown_accounts(self) -> None:
        """Add the gaps of unreadable ServiceAccounts, as wide as the policies that ask for their labels."""
        for resource, namespace, refusal in self._no_accounts:
            if self._account_policies:
                home = next(iter(self._account_policies)) if len(self._account_policies) == 1 else ""
                self._builder.add_gap(accounts_unknown(resource, namespace, Scope(home), refusal))
            else:
                self._builder.add_gap(not_listed(resource, namespace, refusal))

    def _read_mesh_settings(self, settings: SettingsReader) -> None:
        """Read the settings of the mesh by the name of their ConfigMap; no other is asked for."""
        resource = Resource("", "v1", "ConfigMap", "configmaps", is_namespaced=True)
        path = resource.path(ROOT_NAMESPACE, CONFIG_MAP)
        try:
            document = self._transport.get(path, dict[str, Any])
        except Refusal as refusal:
            if refusal.code not in _NOT_SERVED:
                self._builder.add_gap(settings_unknown(path, refusal))
            return
        found = settings({**document, "apiVersion": "v1", "kind": "ConfigMap"}, Place(path), ROOT_NAMESPACE)
        if isinstance(found, Gap):
            self._builder.add_gap(found)
        elif found is not None:
            self._builder.add(found)


def _turn(resource: Resource) -> tuple[int, str, str]:
    """Return a kind's place in the order: namespaces first, policies last, when most namespaces are known."""
    if (resource.group, resource.kind) == ("", "Namespace"):
        return 0, "", ""
    return 2 if deciding_scope(resource, "") else 1, resource.group, resource.kind


def _asks_for_labels(policy: NetworkPolicy, way: Direction) -> bool:
    """Return whether a rule selects namespaces by a label other than the name, which is known anyway."""
    selectors = (peer.namespace_selector for rule in policy.rules(way) for peer in rule.peers)
    return any(
        requirement.key != _NAME_LABEL
        for selector in selectors
        if selector is not None
        for requirement in selector.requirements
    )
