"""What a risk is, and what those that are no permission are given to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac.bindings import CLUSTER_BINDING
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_risks.permission import Permission
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import Role, RoleBinding
from firedoor.model.rbac_risks import RiskFinding
from firedoor.model.snapshot import Snapshot

_OF_CLUSTER = frozenset({CLUSTER_ROLE, CLUSTER_BINDING})
Way = tuple[tuple[Permission, ...], ...]
"""Permissions that are dangerous together: one of each of these."""


def any_of(*permissions: Permission) -> tuple[Way, ...]:
    """Return the ways of a risk that any one of some permissions is enough for."""
    return ((permissions,),)


@dataclass(frozen=True, slots=True)
class Levels:
    """How bad it is cluster-wide, in kube-system, in another namespace, and for named objects or perhaps not at all."""

    cluster: Severity
    system: Severity
    namespace: Severity
    named: Severity


GRAVE = Levels(Severity.CRITICAL, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM)
SERIOUS = Levels(Severity.HIGH, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
MODERATE = Levels(Severity.MEDIUM, Severity.MEDIUM, Severity.LOW, Severity.LOW)
MILD = Levels(Severity.LOW, Severity.LOW, Severity.LOW, Severity.INFO)


@dataclass(frozen=True)
class PermissionRisk:
    """
    A permission that is dangerous for whoever holds it.

    `does` completes "... can". It is held by any of `ways`. `worst_names` are objects for
    which it is as bad as for all of them.
    """

    id: str
    title: str
    mappings: Mappings
    levels: Levels
    does: str
    why: str
    remedy: str
    ways: tuple[Way, ...]
    worst_names: tuple[str, ...] = ()

    @property
    def technique(self) -> str:
        """The technique of MITRE ATT&CK that it is."""
        return self.mappings.mitre[0]

    @property
    def severity(self) -> Severity:
        """The highest severity that it can have."""
        return self.levels.cluster

    @cached_property
    def permissions(self) -> tuple[Permission, ...]:
        """All permissions of all ways, each once."""
        return tuple(dict.fromkeys(each for way in self.ways for part in way for each in part))


@dataclass(frozen=True)
class RiskContext:
    """What risks are looked for in."""

    snapshot: Snapshot
    authorizer: Authorizer

    @property
    def version(self) -> str:
        """The version of the API server, empty where it is not known."""
        return self.snapshot.origin.server_version

    @property
    def is_whole(self) -> bool:
        """Whether all objects of a cluster were listed; files may leave out what is there."""
        return self.snapshot.origin.is_whole

    @cached_property
    def bindings(self) -> dict[ObjectRef, RoleBinding]:
        """All bindings by their names."""
        return {ref_of(each): each for each in self.snapshot.role_bindings}


@dataclass(frozen=True)
class ObjectRisk:
    """Something wrong with roles, bindings, service accounts or the pods that use them."""

    id: str
    title: str
    mappings: Mappings
    severity: Severity
    why: str
    remedy: str
    run: Callable[[RiskContext], Iterator[RiskFinding]]

    @property
    def technique(self) -> str:
        """The technique of MITRE ATT&CK that it is about."""
        return self.mappings.mitre[0]

    def finding(  # noqa: PLR0913 - a finding has this many parts
        self,
        about: ObjectRef,
        source: str,
        message: str,
        evidence: tuple[str, ...] = (),
        *,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        scope: str = "",
        namespaces: tuple[str, ...] = (),
        is_usual: bool = False,
    ) -> RiskFinding:
        """Return a finding of this risk, with its usual severity unless another is given."""
        told = Finding(
            self.id,
            severity or self.severity,
            confidence,
            about,
            source,
            message,
            self.why,
            evidence,
            Fix(self.remedy),
            mappings=self.mappings,
        )
        return RiskFinding(told, self.technique, scope, namespaces, is_usual=is_usual)


Risk = PermissionRisk | ObjectRisk


def ref_of(each: Role | RoleBinding) -> ObjectRef:
    """Return the name of a role or binding; that of a ClusterRole or ClusterRoleBinding has no namespace."""
    return ObjectRef(each.kind, "" if each.kind in _OF_CLUSTER else each.metadata.namespace, each.metadata.name)
