"""The dangerous permissions of a cluster, as many as were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.errors import NothingInScopeError
from firedoor.model.findings import Severity
from firedoor.model.rbac_risks import RiskReport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.places import Gap
    from firedoor.model.snapshot import Snapshot


def rbac_risks(
    snapshot: Snapshot,
    *,
    namespace: str = "",
    severity: Severity = Severity.INFO,
    usual: bool = False,
    version: str = "",
) -> RiskReport:
    """
    Return what is dangerous in a snapshot from a severity on.

    With `namespace` that is what concerns it: its objects and service accounts, and what is
    granted in it; with `usual` also what comes with Kubernetes. `version` is that of the
    API server where the snapshot does not know it. Raises ``NothingInScopeError`` where
    there is no role, binding, account or pod at all, or none of that namespace.
    """
    if not any(_namespaces(snapshot)) and not snapshot.gaps:
        raise NothingInScopeError(
            "no role, binding, service account or pod was found", remedy="check the path, or the context of the cluster"
        )
    require_namespace_of_any(snapshot, namespace)
    authorizer = Authorizer(of_version(snapshot, version))
    found = find_risks(authorizer)
    gaps = gaps_in(authorizer, namespace)
    if namespace:
        found = tuple(each for each in found if each.concerns(namespace))
    origin = authorizer.snapshot.origin
    shown = tuple(each for each in found if usual or not each.is_usual)
    severe = tuple(each for each in shown if each.finding.severity.rank >= severity.rank)
    left_out = (len(found) - len(shown), len(shown) - len(severe))
    return RiskReport(severe, *left_out, gaps, origin.server_version, origin.captured_at)


def require_namespace_of_any(snapshot: Snapshot, namespace: str) -> None:
    """Raise ``NothingInScopeError`` where a namespace is given and nothing that RBAC is about is in it."""
    if namespace and namespace not in set(_namespaces(snapshot)):
        raise NothingInScopeError(
            f"nothing was found in namespace {namespace}", remedy="check the name with `kubectl get namespaces`"
        )


def of_version(snapshot: Snapshot, version: str) -> Snapshot:
    """Return a snapshot as that of an API server of this version, where it does not know its own."""
    if not version or snapshot.origin.server_version:
        return snapshot
    return replace(snapshot, origin=replace(snapshot.origin, server_version=version))


def gaps_in(authorizer: Authorizer, namespace: str) -> tuple[Gap, ...]:
    """Return what is not known, in one namespace and of the cluster, or (`namespace` empty) everywhere."""
    gaps = dict.fromkeys((*authorizer.snapshot.gaps, *_missing_roles(authorizer)))
    return tuple(gap for gap in gaps if not namespace or gap.object is None or gap.object.namespace in {"", namespace})


def _missing_roles(authorizer: Authorizer) -> Iterator[Gap]:
    """Yield what is not known because files have a binding and not its role."""
    for binding in authorizer.dangling:
        yield from authorizer.unread.leaves_open(binding.metadata.namespace, (binding,))


def _namespaces(snapshot: Snapshot) -> Iterator[str]:
    """Yield the namespace of everything that risks may be about, a star for what has none."""
    for each in snapshot.namespaces:
        yield each.metadata.name
    groups = (snapshot.roles, snapshot.role_bindings, snapshot.service_accounts, snapshot.pods, snapshot.workloads)
    for objects in groups:
        for found in objects:
            yield found.metadata.namespace or "*"
