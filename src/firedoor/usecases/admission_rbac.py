"""The catalogue of dangerous permissions as CEL over roles, and bindings to ``cluster-admin``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.catalogue import PERMISSION_RISKS
from firedoor.engine.rbac_risks.permissions.everything import EVERYTHING
from firedoor.engine.rbac_risks.subjects import CLUSTER_ADMIN
from firedoor.model.admission_export import Check, Expressed, Extent, Resource
from firedoor.usecases.admission_cel import every, quoted, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.rbac_risks.permission import Permission
    from firedoor.engine.rbac_risks.risk import PermissionRisk
    from firedoor.model.findings import Severity

_GROUP, _VERSION = "rbac.authorization.k8s.io", "v1"
_WRITERS = ("system:apiserver", "system:serviceaccount:kube-system:clusterrole-aggregation-controller")
_SERVER = (
    "not-by-the-control-plane",
    f"!has(request.userInfo.username) || !(request.userInfo.username in {json.dumps(_WRITERS)})",
)
"""
An API server that starts writes the roles that it comes with; the controller gathers rules of others.

An API server always says who asks. Kyverno's command line does not unless told, and policies would end in an error.
"""
_UNSEEN = (
    "who is given a role, and whether anybody is",
    "what a binding to another role than cluster-admin gives",
    "whether it was given before",
)


def risky(severity: Severity, *, is_warning: bool) -> tuple[list[Check], Expressed]:
    """Return what refuses roles that hold a permission at least so severe, and bindings to ``cluster-admin``."""
    left: list[str] = []
    checks = [
        Check(
            f"firedoor-risky-{name}",
            Resource(_GROUP, _VERSION, (name,)),
            tuple(_validations(severity, left, is_clustered=name == "clusterroles")),
            None,
            (_SERVER,),
            is_warning,
        )
        for name in ("clusterroles", "roles")
    ]
    to_admin = f'object.roleRef.kind == "ClusterRole" && object.roleRef.name == {quoted(CLUSTER_ADMIN)}'
    message = f"it gives {CLUSTER_ADMIN}, which may do everything; give a role that lists what is used"
    bindings = Resource(_GROUP, _VERSION, ("clusterrolebindings", "rolebindings"))
    bound = Check("firedoor-risky-bindings", bindings, ((f"!({to_admin})", message),), None, (_SERVER,), is_warning)
    checks = [*(each for each in checks if each.validations), bound]
    looser = ["rules for objects by their names"]
    if left:
        looser.append(f"what hangs on names of objects, URLs or releases: {', '.join(sorted(set(left)))}")
    names = tuple(each.name for each in checks)
    return checks, Expressed("risky", "rule", Extent.LOOSER, names, (), tuple(looser), _UNSEEN)


def _validations(severity: Severity, left: list[str], *, is_clustered: bool) -> Iterator[tuple[str, str]]:
    """Yield what must be true of the rules of a role, for each risk; those that cannot be said are added to `left`."""
    for risk in (EVERYTHING, *PERMISSION_RISKS):
        level = risk.levels.cluster if is_clustered else risk.levels.namespace
        if level.rank < severity.rank:
            continue
        told = said(risk, is_clustered=is_clustered)
        if not all(map(is_plain, risk.permissions)):
            left.append(risk.id)
        if told:
            yield f"!(has(object.rules) && ({told}))", f"{risk.id} ({level}): it lets {risk.does}; {risk.remedy}"


def said(risk: PermissionRisk, *, is_clustered: bool) -> str:
    """Return whether the rules of a role hold a risk by themselves; empty where that cannot be said."""
    ways = []
    for way in risk.ways:
        parts = [
            [_held(each) for each in part if is_plain(each) and (is_clustered or not each.is_clustered)] for part in way
        ]
        if all(parts):
            ways.append(every(some(part) for part in parts))
    return some(ways) if ways else ""


def is_plain(permission: Permission) -> bool:
    """Return whether a permission is verbs on resources and nothing else."""
    return not (
        permission.names
        or permission.home
        or permission.beginning
        or permission.since
        or permission.until
        or permission.platform
        or any(each.startswith("/") or each.endswith("?") for each in permission.resources)
    )


def _held(permission: Permission) -> str:
    """Return whether one rule permits any of the verbs on any of the resources, for objects of all names."""
    resources = ["*", *permission.resources]
    resources += [f"*/{each.partition('/')[2]}" for each in permission.resources if "/" in each]
    return (
        "object.rules.exists(r, (!has(r.resourceNames) || size(r.resourceNames) == 0) && "
        f"r.verbs.exists(v, v in {_listed(['*', *permission.verbs])}) && "
        f"has(r.apiGroups) && r.apiGroups.exists(g, g in {_listed(['*', permission.group])}) && "
        f"has(r.resources) && r.resources.exists(s, s in {_listed(resources)}))"
    )


def _listed(texts: list[str]) -> str:
    return "[" + ", ".join(map(quoted, dict.fromkeys(texts))) + "]"
