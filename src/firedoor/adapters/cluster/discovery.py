"""What the server is, and under which version and name it serves each kind that matters here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec import Struct, field

from firedoor.adapters.cluster.gaps import undiscovered
from firedoor.adapters.cluster.transport import Refusal, Transport
from firedoor.errors import SourceError
from firedoor.model.decoding import DECODERS, api_group
from firedoor.model.gateway_parsing import GATEWAY_KINDS
from firedoor.model.monitors import MONITOR_KINDS
from firedoor.model.places import Gap, GapKind
from firedoor.model.policies import DECIDING_KINDS, SUPPORTING_KINDS
from firedoor.model.routes import ROUTE_KINDS
from firedoor.model.server_calls import FROM_MANIFESTS_ONLY, SERVER_CALL_KINDS
from firedoor.model.zero_trust import BASELINE, GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.custom_checks import KindPattern

WANTED = frozenset(
    {
        *DECODERS,
        ("networking.k8s.io", "Ingress"),
        *ROUTE_KINDS,
        *GATEWAY_KINDS,
        *DECIDING_KINDS,
        *SUPPORTING_KINDS,
        *MONITOR_KINDS,
        *(SERVER_CALL_KINDS - {FROM_MANIFESTS_ONLY}),
        (GROUP, BASELINE),
    }
)
"""``(group, kind)`` of everything that a snapshot holds. Secrets are not among them."""

_CALICO, _CALICO_STORAGE = "projectcalico.org", "crd.projectcalico.org"


class Resource(Struct, frozen=True):
    """A kind as this server serves it: its version, and the plural that its paths use."""

    group: str
    version: str
    kind: str
    plural: str
    is_namespaced: bool

    @property
    def api_version(self) -> str:
        """``group/version``, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of the list, in one namespace or in all, or of one object."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        within = f"/namespaces/{namespace}" if namespace and self.is_namespaced else ""
        return f"{root}{within}/{self.plural}" + (f"/{name}" if name else "")


class _Version(Struct, rename="camel"):
    git_version: str = ""


class _GroupVersion(Struct, rename="camel"):
    version: str = ""


class _Group(Struct, rename="camel"):
    name: str = ""
    versions: list[_GroupVersion] = []
    preferred_version: _GroupVersion = field(default_factory=_GroupVersion)


class _Groups(Struct):
    groups: list[_Group] | None = None


class Served(Struct):
    """One resource or subresource of a group's version (``metav1.APIResource``)."""

    name: str = ""
    kind: str = ""
    namespaced: bool = False
    verbs: list[str] | None = None


class ServedList(Struct):
    """All that a group's version serves (``metav1.APIResourceList``)."""

    resources: list[Served] | None = None


class Discovery(Struct):
    """What was found: the resources in a stable order, and the parts that could not be seen."""

    server_version: str
    resources: list[Resource]
    gaps: list[Gap]


def discover(transport: Transport) -> Discovery:
    """
    Ask ``/version``, ``/apis`` and the resource lists of the groups that matter.

    Raises ``SourceError`` when the server is not a Kubernetes API server.
    """
    found = Discovery(_server_version(transport), [], [])
    for group in [_Group("", [_GroupVersion("v1")]), *_groups(transport, found)]:
        wanted = {kind for of, kind in WANTED if of == group.name}
        for version in _versions(group):
            if wanted:
                resources = _served(transport, group.name, version, wanted, found)
                found.resources.extend(resources)
                wanted -= {each.kind for each in resources}
    found.resources = _without_storage_twins(found.resources)
    found.resources.sort(key=lambda each: (each.group, each.kind))
    return found


def unread(kinds: Iterable[KindPattern], server: str) -> Iterator[Gap]:
    """Yield a gap for each of the kinds that is not among those that are read from a cluster."""
    for each in kinds:
        group = None if each.api_version == "*" else api_group(each.api_version)
        if not any(kind == each.kind and group in {None, of} for of, kind in WANTED):
            yield Gap(
                GapKind.INCOMPLETE,
                server,
                f"objects {each} are not read from a live cluster: custom checks do not see them",
                "give them as manifests: `kubectl get ... -A -o yaml | firedoor diagnose -`",
            )


def _server_version(transport: Transport) -> str:
    try:
        return transport.get("/version", _Version).git_version
    except Refusal as refusal:
        if refusal.code == HTTPStatus.FORBIDDEN:
            return ""
        said = f": {refusal.status.message}" if refusal.status.message else ""
        raise SourceError(
            f"this is not a working Kubernetes API server: /version answered {refusal.code}{said}",
            place=transport.server,
            remedy="check the server of the kubeconfig",
        ) from refusal


def _groups(transport: Transport, found: Discovery) -> list[_Group]:
    """Return the served groups that have kinds that matter; the built-in ones when the list is forbidden."""
    matter = {group for group, _ in WANTED}
    try:
        groups = transport.get("/apis", _Groups).groups or []
    except Refusal as refusal:
        found.gaps.append(undiscovered("/apis", "", refusal))
        return [_Group(name, [_GroupVersion("v1")]) for name in sorted({of for of, _ in DECODERS if of})]
    return sorted((each for each in groups if each.name in matter and each.name), key=lambda each: each.name)


def _versions(group: _Group) -> list[str]:
    """Return the versions of a group, the preferred one first."""
    preferred = [group.preferred_version.version] if group.preferred_version.version else []
    return list(dict.fromkeys([*preferred, *(each.version for each in group.versions)]))


def _served(transport: Transport, group: str, version: str, wanted: set[str], found: Discovery) -> list[Resource]:
    path = f"/apis/{group}/{version}" if group else f"/api/{version}"
    try:
        served = transport.get(path, ServedList).resources or []
    except Refusal as refusal:
        if refusal.code == HTTPStatus.NOT_FOUND:
            return []
        found.gaps.append(undiscovered(path, group, refusal))
        # Built-in kinds have known names: they are asked for even though the list of them is not to be had.
        return [_built_in(group, version, kind) for of, kind in DECODERS if of == group and kind in wanted]
    return [
        Resource(group, version, each.kind, each.name, each.namespaced)
        for each in served
        if each.kind in wanted and "/" not in each.name and "list" in (each.verbs or ())
    ]


def _built_in(group: str, version: str, kind: str) -> Resource:
    plural = "networkpolicies" if kind == "NetworkPolicy" else f"{kind.lower()}s"
    return Resource(group, version, kind, plural, DECODERS[group, kind].is_namespaced)


def _without_storage_twins(resources: list[Resource]) -> list[Resource]:
    """Leave out the stored form of Calico's objects where Calico's own API serves the same objects."""
    own = {each.kind for each in resources if each.group == _CALICO}
    return [each for each in resources if not (each.group == _CALICO_STORAGE and each.kind in own)]
