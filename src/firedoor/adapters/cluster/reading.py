"""All kinds of a cluster, each as widely as the server lets us."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.cluster.discovery import Resource
from firedoor.adapters.cluster.gaps import deciding_scope, listed_in_part, not_listed, settings_unknown
from firedoor.adapters.cluster.listing import decode_item, list_all
from firedoor.adapters.cluster.readout import Held, Readout
from firedoor.adapters.cluster.transport import Refusal, Transport
from firedoor.errors import SourceError
from firedoor.model.mesh_config import CONFIG_MAP, ROOT_NAMESPACE
from firedoor.model.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.cluster.discovery import Discovery
    from firedoor.adapters.cluster.listing import Listing
    from firedoor.interfaces import Progress
    from firedoor.model.mesh_config import MeshConfig
    from firedoor.model.places import Gap
    from firedoor.model.raw_objects import RawObjects

    SettingsReader = Callable[[dict[str, Any], Place, str], MeshConfig | Gap | None]

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
        found: Readout | None = None,
    ) -> None:
        """
        Prepare to read.

        `own_namespace` is the context's: the one to try when no other is known. `raw` takes
        objects as they are, `mesh` reads the settings of Istio from their ConfigMap. `found`
        is what there is already.
        """
        self._transport = transport
        self._page_size = page_size
        self._progress = progress
        self._raw = raw
        self._mesh = mesh
        self._found = found or Readout()
        self._known = {own_namespace} if own_namespace else set()
        self._all_are_known = False

    def read(self, found: Discovery, namespaces: tuple[str, ...] | None) -> Readout:
        """Return everything that could be read of `found`, and the gaps of the rest."""
        self._found.gaps += found.gaps
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
        self.read_settings()
        return self._found

    def read_settings(self) -> None:
        """Read the settings of the mesh by the name of their ConfigMap, where policies need them; no other is read."""
        if self._mesh is None or not self._found.has_mesh_policies:
            return
        resource = Resource("", "v1", "ConfigMap", "configmaps", is_namespaced=True)
        path = resource.path(ROOT_NAMESPACE, CONFIG_MAP)
        try:
            document = self._transport.get(path, dict[str, Any])
        except Refusal as refusal:
            self._found.settings = None if refusal.code in _NOT_SERVED else settings_unknown(path, refusal)
            return
        document |= {"apiVersion": "v1", "kind": "ConfigMap"}
        self._found.settings = self._mesh(document, Place(path), ROOT_NAMESPACE)

    def _read_one(self, resource: Resource, namespace: str) -> None:
        try:
            self._take(resource, namespace)
        except Refusal as refusal:
            if refusal.code not in _NOT_SERVED:
                self._refused(resource, namespace, refusal)

    def _read_widely(self, resource: Resource) -> None:
        """Read a kind in the whole cluster or, where that is forbidden, in the namespaces known by then."""
        try:
            self._take(resource, "")
        except Refusal as refusal:
            if refusal.code in _NOT_SERVED:
                return
            if resource.kind == "Namespace":
                self._found.no_namespaces = (resource.path(), resource, refusal)
            elif resource.is_namespaced and refusal.code == HTTPStatus.FORBIDDEN:
                self._read_by_namespace(resource, refusal)
            else:
                self._refused(resource, "", refusal)
            return
        if resource.kind == "Namespace":
            self._all_are_known = True

    def _read_by_namespace(self, resource: Resource, refusal: Refusal) -> None:
        read: list[str] = []
        refused: list[tuple[str, Refusal]] = []
        for namespace in sorted(self._known):
            try:
                self._take(resource, namespace)
                read.append(namespace)
            except Refusal as inner:
                refused.append((namespace, inner))
        if not read:
            self._refused(resource, "", refusal)
            return
        for namespace, another in refused:
            self._refused(resource, namespace, another)
        if not self._all_are_known:
            self._found.gaps.append(listed_in_part(resource, read, refusal))

    def _refused(self, resource: Resource, namespace: str, refusal: Refusal) -> None:
        if (resource.group, resource.kind) == ("", "ServiceAccount"):
            # What hangs on them is known when all policies are.
            self._found.no_accounts.append((resource, namespace, refusal))
            return
        self._found.gaps.append(not_listed(resource, namespace, refusal))

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
                self._found.no_namespaces = (path, resource, refusal)
                continue
            if each is not None:
                self._found.single.append(each)

    def _take(self, resource: Resource, namespace: str) -> None:
        listing = list_all(self._transport, resource, namespace, self._page_size, self._progress, self._raw)
        self._found.held.append(Held(resource, namespace, listing))
        self._known |= namespaces_of(listing)


def namespaces_of(listing: Listing) -> set[str]:
    """Return the namespaces that objects are in, or that they are."""
    found = set()
    for each in listing.objects.values():
        if each.metadata.namespace:
            found.add(each.metadata.namespace)
        elif each.place.source.startswith("/api/v1/namespaces/"):
            found.add(each.metadata.name)
    return found


def _turn(resource: Resource) -> tuple[int, str, str]:
    """Return a kind's place in the order: namespaces first, policies last, when most namespaces are known."""
    if (resource.group, resource.kind) == ("", "Namespace"):
        return 0, "", ""
    return 2 if deciding_scope(resource, "") else 1, resource.group, resource.kind
