"""Entries of Google's Cloud Audit Logs, into requests: GKE writes them instead of the API server's events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.adapters.audit.events import named_request
from firedoor.model.access import AccessRequest, user_named
from firedoor.model.audit import AuditEvent, AuditOutcome, AuditSkip, SkipKind

if TYPE_CHECKING:
    from firedoor.adapters.audit.records import CloudEntry, CloudPayload

_DECISION = "authorization.k8s.io/decision"
_METHOD = "io.k8s."
_CORE = "core"
_NAMESPACES = "namespaces"


def read_entry(entry: CloudEntry, place: str) -> AuditEvent | AuditSkip:
    """Return the request of an entry; the groups of the user are not in it, other than those its name implies."""
    payload = entry.proto_payload
    name = (payload.authentication_info and payload.authentication_info.principal_email) or ""
    if not name:
        return AuditSkip(SkipKind.UNREADABLE, place, "protoPayload.authenticationInfo.principalEmail is missing")
    request = _request(payload.method_name or "", payload.resource_name or "")
    if request is None:
        return AuditSkip(
            SkipKind.UNREADABLE, place, "protoPayload.methodName and resourceName are no request for a resource"
        )
    return AuditEvent(user_named(name), request, _outcome(entry, payload), entry.timestamp or "", entry.insert_id or "")


def _request(method: str, resource_name: str) -> AccessRequest | None:
    """Read ``io.k8s.core.v1.pods.exec.create`` and ``core/v1/namespaces/shop/pods/web-0/exec``."""
    parts = resource_name.split("/")
    verb = method.rpartition(".")[2]
    least = 3  # group, version and resource
    if not method.startswith(_METHOD) or len(parts) < least or not all(parts):
        return None
    group, rest = parts[0] if parts[0] != _CORE else "", parts[2:]
    namespace = ""
    if rest[0] == _NAMESPACES and len(rest) > 1:
        namespace = rest[1]
        # What follows a namespace is a resource in it, other than its own subresources.
        if len(rest) > 2 and rest[2] not in {"status", "finalize"}:  # noqa: PLR2004 - namespaces, name, resource
            rest = rest[2:]
    resource, name, subresource = (*rest, "", "")[:3]
    return named_request(AccessRequest(verb, resource, subresource, group, name, namespace))


def _outcome(entry: CloudEntry, payload: CloudPayload) -> AuditOutcome:
    noted = (entry.labels or {}).get(_DECISION, "")
    if noted:
        return AuditOutcome.ALLOWED if noted == "allow" else AuditOutcome.DENIED
    if not payload.authorization_info:
        return AuditOutcome.UNDECIDED
    return AuditOutcome.ALLOWED if all(each.granted for each in payload.authorization_info) else AuditOutcome.DENIED
