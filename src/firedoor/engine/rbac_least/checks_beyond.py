"""What the API server asks of some requests beyond the request itself, and an audit log does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_least.permitting import resource_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.access import AccessRequest

_WRITES = frozenset({"create", "update", "patch"})
_RBAC, _CERTIFICATES = "rbac.authorization.k8s.io", "certificates.k8s.io"
_ROLES = "writes roles, which also takes the verb escalate on them, or all the rules that they hold"
_BINDINGS = "writes bindings, which also takes the verb bind on their roles, or all the rules of these"
_BEYOND = {
    (_RBAC, "roles"): _ROLES,
    (_RBAC, "clusterroles"): _ROLES,
    (_RBAC, "rolebindings"): _BINDINGS,
    (_RBAC, "clusterrolebindings"): _BINDINGS,
    (
        _CERTIFICATES,
        "certificatesigningrequests/approval",
    ): "approves certificates, which also takes approve on signers",
    (_CERTIFICATES, "certificatesigningrequests/status"): "signs certificates, which also takes sign on signers",
}


def checks_beyond(requests: Iterable[AccessRequest]) -> Iterator[str]:
    """Yield what more is asked of those who made the requests, each once."""
    found = (_BEYOND.get((each.group, resource_of(each))) for each in requests if each.verb in _WRITES)
    yield from dict.fromkeys(each for each in found if each is not None)
