"""AuthorizationPolicy and PeerAuthentication of ``security.istio.io``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

DRY_RUN_ANNOTATION = "istio.io/dry-run"
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_HTTP_KEYS = ("request.headers", "request.auth.")


class Action(StrEnum):
    """
    What a policy does with a connection or request that one of its rules matches (``action``).

    They are checked in the order CUSTOM, DENY, ALLOW. A workload with an ALLOW
    policy denies what none of them matches. AUDIT decides nothing.
    """

    ALLOW = "ALLOW"
    DENY = "DENY"
    AUDIT = "AUDIT"
    CUSTOM = "CUSTOM"


class Mode(StrEnum):
    """Whether a workload takes mutual TLS, plain text or both (``mtls.mode``); UNSET is inherited."""

    UNSET = "UNSET"
    DISABLE = "DISABLE"
    PERMISSIVE = "PERMISSIVE"
    STRICT = "STRICT"


class TargetRef(Struct, frozen=True, gc=False):
    """A gateway, gateway class, service or service entry that a policy is for (``targetRefs``)."""

    group: str
    kind: str
    name: str

    def __str__(self) -> str:
        """Return ``Kind name``."""
        return f"{self.kind} {self.name}"


class Source(Struct, frozen=True, gc=False):
    """
    Where a request comes from (``Source``): every list that is not empty must match, no ``not`` list may.

    Service accounts are ``namespace/name``. Other texts are exact, or have a ``*`` at
    one end, or are ``*`` for anything that is not empty; namespaces have it anywhere.
    """

    principals: tuple[str, ...] = ()
    not_principals: tuple[str, ...] = ()
    request_principals: tuple[str, ...] = ()
    not_request_principals: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    not_namespaces: tuple[str, ...] = ()
    service_accounts: tuple[str, ...] = ()
    not_service_accounts: tuple[str, ...] = ()
    ip_blocks: tuple[str, ...] = ()
    not_ip_blocks: tuple[str, ...] = ()
    remote_ip_blocks: tuple[str, ...] = ()
    not_remote_ip_blocks: tuple[str, ...] = ()
    trust_domains: tuple[str, ...] = ()
    not_trust_domains: tuple[str, ...] = ()

    @property
    def http(self) -> tuple[str, ...]:
        """The fields in use that have a meaning for HTTP only."""
        return tuple(api_name(each) for each in ("request_principals", "not_request_principals") if getattr(self, each))


class Operation(Struct, frozen=True, gc=False):
    """What a request wants (``Operation``): as in a `Source`. Ports are those of the workload."""

    ports: tuple[int, ...] = ()
    not_ports: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    not_hosts: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    not_methods: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    not_paths: tuple[str, ...] = ()

    @property
    def http(self) -> tuple[str, ...]:
        """The fields in use that have a meaning for HTTP only."""
        fields = (each for each in self.__struct_fields__ if not each.endswith("ports"))
        return tuple(api_name(each) for each in fields if getattr(self, each))


class Condition(Struct, frozen=True, gc=False):
    """A condition on an attribute (``Condition``): one of the values, if there are any, and none of the others."""

    key: str
    values: tuple[str, ...] = ()
    not_values: tuple[str, ...] = ()

    @property
    def http(self) -> tuple[str, ...]:
        """The key, if it has a meaning for HTTP only."""
        return (self.key,) if self.key.startswith(_HTTP_KEYS) else ()

    def __str__(self) -> str:
        """Return the condition in words."""
        parts = [f"one of {', '.join(self.values)}"] if self.values else []
        parts += [f"none of {', '.join(self.not_values)}"] if self.not_values else []
        return f"{self.key} is {' and '.join(parts)}"


class AuthorizationRule(Struct, frozen=True, gc=False):
    """
    A rule (``Rule``): one of the sources, one of the operations and all conditions must match.

    No sources are any source, no operations any operation. On a port that is not
    HTTP, a rule with fields for HTTP only matches nothing in an ALLOW policy,
    and in every other one as if these fields were not there.
    """

    sources: tuple[Source, ...] = ()
    operations: tuple[Operation, ...] = ()
    conditions: tuple[Condition, ...] = ()
    unsure: bool = False
    """Whether the rule has parts whose effect is not known."""
    path: str = ""

    @property
    def requests(self) -> str:
        """What HTTP requests must be to match, in words; empty where there are some of which nothing is asked."""
        parts: list[str] = []
        for alternatives in (self.operations, self.sources):
            spoken = [" ".join(_spoken(each)) for each in alternatives]
            parts.append(" or ".join(spoken) if all(spoken) else "")
        parts += [str(each) for each in self.conditions if each.http]
        found = " and ".join(dict.fromkeys(filter(None, parts)))
        return f"HTTP {found}" if found else ""


class AuthorizationPolicy(Struct, frozen=True, gc=False):
    """
    A policy that allows, denies, audits or hands over what its rules match (``AuthorizationPolicy``).

    No selector and no target are all workloads of the namespace, or of the mesh where
    the namespace is the mesh's root. A policy without rules matches nothing: one that
    allows then denies everything.
    """

    metadata: ObjectMeta
    action: Action = Action.ALLOW
    selector: dict[str, str] | None = None
    target_refs: tuple[TargetRef, ...] = ()
    rules: tuple[AuthorizationRule, ...] | None = None
    provider: str = ""
    """The external authorizer that a CUSTOM policy asks."""
    unsure: bool = False
    """Whether it is not known whom the policy is for, or what it does."""
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef("AuthorizationPolicy", self.metadata.namespace, self.metadata.name)

    @property
    def is_dry_run(self) -> bool:
        """Whether the policy is only tried out, and enforced by nobody."""
        return self.metadata.annotations.get(DRY_RUN_ANNOTATION) in _TRUE


class PeerAuthentication(Struct, frozen=True, gc=False):
    """
    Which connections workloads take: with mutual TLS, in plain text or both (``PeerAuthentication``).

    `mode` is UNSET where the policy names none; `port_modes` are by port of the workload.
    """

    metadata: ObjectMeta
    selector: dict[str, str] | None = None
    mode: Mode = Mode.UNSET
    port_modes: dict[int, Mode] = {}
    unsure: bool = False
    """Whether it is not known whom the policy is for, or what it demands."""
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef("PeerAuthentication", self.metadata.namespace, self.metadata.name)

    def mode_of(self, port: int) -> Mode:
        """Return the mode of a port: its own if it sets one, else that of the policy; UNSET where both inherit."""
        own = self.port_modes.get(port, Mode.UNSET)
        return self.mode if own is Mode.UNSET else own


def _spoken(part: Source | Operation) -> Iterator[str]:
    """Yield the fields in use that have a meaning for HTTP only, with their values."""
    for name in part.__struct_fields__:
        values = getattr(part, name)
        if values and api_name(name) in part.http:
            yield f"{api_name(name)} {', '.join(values)}"


def api_name(field: str) -> str:
    """Return the name that a field has in the API: ``notIpBlocks`` for ``not_ip_blocks``."""
    first, *others = field.split("_")
    return first + "".join(map(str.capitalize, others))
