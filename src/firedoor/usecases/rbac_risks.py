"""The dangerous permissions of a cluster, as many as were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import CATALOGUE, find_risks
from firedoor.errors import NothingInScopeError
from firedoor.model.exceptions import home_of
from firedoor.model.findings import Severity
from firedoor.model.rbac_risks import RiskReport
from firedoor.usecases.review import graded, ran_of, sift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.exceptions import Rules
    from firedoor.model.findings import Finding
    from firedoor.model.frameworks import FrameworkId
    from firedoor.model.places import Gap
    from firedoor.model.rbac_risks import RiskFinding
    from firedoor.model.snapshot import Snapshot


def rbac_risks(
    snapshot: Snapshot,
    *,
    namespace: str = "",
    severity: Severity = Severity.INFO,
    usual: bool = False,
    version: str = "",
    rules: Rules | None = None,
    framework: FrameworkId | None = None,
) -> RiskReport:
    """
    Return what is dangerous in a snapshot from a severity on.

    With `namespace` that is what concerns it: its objects and service accounts, and what is
    granted in it; with `usual` also what comes with Kubernetes. `version` is that of the
    API server where the snapshot does not know it. With `rules` findings are sifted by them and by
    the exceptions on objects. With `framework` it is what is about something in it. Raises
    ``NothingInScopeError`` where there is no role, binding, account or pod at all, or none of
    that namespace.
    """
    if not any(_namespaces(snapshot)) and not snapshot.gaps:
        raise NothingInScopeError(
            "no role, binding, service account or pod was found", remedy="check the path, or the context of the cluster"
        )
    require_namespace_of_any(snapshot, namespace)
    authorizer = Authorizer(of_version(snapshot, version))
    ran = ran_of(CATALOGUE, rules, framework)
    found = [_graded(each, rules) for each in find_risks(authorizer) if each.finding.check in ran]
    found.sort(key=lambda each: each.finding.sort_key)
    sifted = sift(found, _told, authorizer.snapshot, rules, ran)
    if namespace:
        sifted = sifted.where(lambda each: each.concerns(namespace), lambda about: home_of(about) in {"", namespace})
    plain = sifted.where_found(lambda each: usual or not each.is_usual)
    severe = plain.where_found(lambda each: each.finding.severity.rank >= severity.rank)
    left = [len(each.reported) for each in (sifted, plain, severe)]
    shown, known, review = severe.shown(rules)
    gaps = (*gaps_in(authorizer, namespace), *sifted.gaps)
    origin = authorizer.snapshot.origin
    left_out = (left[0] - left[1], left[1] - left[2])
    return RiskReport(shown, *left_out, gaps, origin.server_version, origin.captured_at, known, review, ran)


def _told(each: RiskFinding) -> Finding:
    return each.finding


def _graded(each: RiskFinding, rules: Rules | None) -> RiskFinding:
    return replace(each, finding=graded(each.finding, rules))


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
