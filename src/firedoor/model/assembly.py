"""Objects one by one into a snapshot: sorted, without duplicates, with the gaps that this shows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.model.address_gaps import address_gaps
from firedoor.model.contents import ConfigMap, TokenSecret
from firedoor.model.gateways import ControllerClass, Gateway, ReferenceGrant, VirtualService
from firedoor.model.mesh_config import MeshConfig
from firedoor.model.monitors import Monitor, Scraper
from firedoor.model.namespaces import namespace_gaps
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.policies import PolicyObject
from firedoor.model.policy_gaps import policy_gaps
from firedoor.model.population import ordinal_gaps
from firedoor.model.rbac import Role, RoleBinding, ServiceAccount
from firedoor.model.server_calls import ServerCaller
from firedoor.model.services import EndpointSlice, GatewayRoute, IngressRoute, Service
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.model.volumes import PersistentVolume, PersistentVolumeClaim
from firedoor.model.workloads import Namespace, Node, Pod, Workload
from firedoor.model.zero_trust import ZeroTrustBaseline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.decoding import ModelObject
    from firedoor.model.pod_table import PodTable

FIELDS: dict[type, str] = {
    Namespace: "namespaces",
    Node: "nodes",
    Pod: "pods",
    Workload: "workloads",
    Service: "services",
    EndpointSlice: "endpoint_slices",
    IngressRoute: "ingress_routes",
    GatewayRoute: "gateway_routes",
    Gateway: "gateways",
    ControllerClass: "controller_classes",
    VirtualService: "virtual_services",
    ReferenceGrant: "reference_grants",
    NetworkPolicy: "network_policies",
    PolicyObject: "policy_objects",
    Role: "roles",
    RoleBinding: "role_bindings",
    ServiceAccount: "service_accounts",
    PersistentVolume: "persistent_volumes",
    PersistentVolumeClaim: "persistent_volume_claims",
    ConfigMap: "config_maps",
    TokenSecret: "token_secrets",
    MeshConfig: "mesh_configs",
    Monitor: "monitors",
    Scraper: "scrapers",
    ServerCaller: "server_callers",
    ZeroTrustBaseline: "baselines",
}
"""Where in a `Snapshot` the objects of each structure are."""


_TELLING = (
    Workload,
    PolicyObject,
    Role,
    RoleBinding,
    GatewayRoute,
    ControllerClass,
    TokenSecret,
    Monitor,
    Scraper,
    ServerCaller,
)
_KINDS: dict[type, str] = {
    **{each: each.__name__ for each in FIELDS if each not in _TELLING},
    IngressRoute: "Ingress",
    MeshConfig: "ConfigMap",
}
"""The kinds that have a structure for themselves; all other structures tell their kind."""

ShelfKey = tuple[str, str, str]
_Shelf = dict[ShelfKey, dict[str, "ModelObject"]]
"""Objects by group, kind and namespace, and by name: names sort fast within a namespace."""

_NO_RUN: tuple[str | None, dict[str, ModelObject]] = (None, {})


class SnapshotBuilder:
    """Collects the objects and gaps of one or more sources."""

    def __init__(self) -> None:
        """Start empty."""
        self._shelves: dict[type, _Shelf] = {each: {} for each in FIELDS}
        self._gaps: list[Gap] = []
        self._others: Counter[str] = Counter()
        self._run = _NO_RUN
        self._table: PodTable | None = None
        """All pods, as long as none came otherwise."""

    def add_pods(self, table: PodTable) -> None:
        """Add pods that are sorted by namespace and name, and of which each has a name and is there once."""
        if self._table is None and not self._shelves[Pod]:
            self._table = table
            return
        self._spread()
        for each in table:
            self.add(each)

    def _spread(self) -> None:
        """Add the pods of the table one by one."""
        table, self._table = self._table, None
        for each in () if table is None else table:
            self.add(each)

    def add(self, each: ModelObject) -> None:
        """Add an object; one that was there already is replaced, as ``kubectl apply`` would, and a gap says so."""
        form, metadata = type(each), each.metadata
        if form is Pod and self._table is not None:
            self._spread()
        namespace = metadata.namespace
        # Pods come in long runs: the names of one namespace, one after the other.
        if form is Pod and namespace is self._run[0]:
            names = self._run[1]
        else:
            names = self._names(each, form, namespace)
            self._run = (namespace, names) if form is Pod else _NO_RUN
        name = metadata.name
        if not name:
            name = f"{metadata.generate_name}#{sum(map(len, self._shelves[form].values()))}"
        elif name in names:
            self._note_duplicate(each, names[name])
        names[name] = each

    def _names(self, each: ModelObject, form: type, namespace: str) -> dict[str, ModelObject]:
        """Return where objects of the same group, kind and namespace are, by name."""
        shelf, key = self._shelves[form], shelf_key(each, form, namespace)
        names = shelf.get(key)
        if names is None:
            names = shelf[key] = {}
        return names

    def _note_duplicate(self, each: ModelObject, previous: ModelObject) -> None:
        ref = reference(each)
        self._gaps.append(
            Gap(
                GapKind.DUPLICATE,
                str(each.place),
                f"{ref} is defined twice: first in {previous.place}; this later one is evaluated",
                "keep one of the two definitions",
                ref,
            )
        )

    def add_gap(self, gap: Gap) -> None:
        """Add a gap."""
        self._gaps.append(gap)

    def count_other(self, kind: str) -> None:
        """Count an object of a kind that does not matter here."""
        self._others[kind] += 1

    def build(self, origin: Origin) -> Snapshot:
        """Return the snapshot, everything in a stable order."""
        collected: dict[str, Sequence[ModelObject]] = {
            name: _sorted(self._shelves[form]) for form, name in FIELDS.items()
        }
        if self._table is not None:
            collected["pods"] = self._table
        others = dict(sorted(self._others.items()))
        snapshot = Snapshot(origin=origin, other_objects=others, **collected)  # type: ignore[arg-type]
        # Of a namespace that nobody defines, the first pod and the first workload of each kind tell all.
        defined = {each.metadata.name for each in snapshot.namespaces}
        pods = self._firsts(Pod) if self._table is None else self._table.firsts(defined)
        sample = replace(snapshot, pods=pods, workloads=self._firsts(Workload))
        gaps = [*self._gaps, *ordinal_gaps(snapshot), *namespace_gaps(sample), *address_gaps(snapshot)]
        gaps += policy_gaps(snapshot)
        gaps.sort(key=lambda gap: (gap.source, gap.path, gap.reason))
        return replace(snapshot, gaps=tuple(gaps))

    def _firsts(self, form: type) -> tuple[ModelObject, ...]:
        """Return the first object of every kind and namespace, in the order of the snapshot."""
        shelf = self._shelves[form]
        return tuple(shelf[key][min(shelf[key])] for key in sorted(shelf))


def shelf_key(each: ModelObject, form: type, namespace: str) -> ShelfKey:
    """Return the group, kind and namespace of an object."""
    kind, group = _KINDS.get(form) or each.kind, ""  # type: ignore[union-attr]
    if form is PolicyObject or form is Gateway:
        group = each.group  # type: ignore[union-attr]
    return group, kind, namespace


def _sorted(shelf: _Shelf) -> tuple[ModelObject, ...]:
    found: list[ModelObject] = []
    for key in sorted(shelf):
        names = shelf[key]
        found.extend([names[name] for name in sorted(names)])
    return tuple(found)


def reference(each: ModelObject) -> ObjectRef:
    """Return the kind, namespace and name of any model object."""
    return ObjectRef(_KINDS.get(type(each)) or each.kind, each.metadata.namespace, each.metadata.name)  # type: ignore[union-attr]
