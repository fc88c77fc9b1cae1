"""Lines of audit logs decoded: the event itself (``audit.k8s.io/v1``) and what providers wrap it in."""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

Text = str | None


class UserInfo(Struct, gc=False):
    """Who asked (``authentication.k8s.io/v1`` UserInfo)."""

    username: Text = ""
    uid: Text = ""
    groups: list[str] | None = None
    extra: dict[str, list[str] | None] | None = None


class ObjectReference(Struct, gc=False, rename="camel"):
    """What was asked for (``audit.k8s.io/v1`` ObjectReference)."""

    resource: Text = ""
    namespace: Text = ""
    name: Text = ""
    api_group: Text = ""
    subresource: Text = ""


class ResponseStatus(Struct, gc=False):
    """The answer (``meta/v1`` Status)."""

    code: int | None = 0


class AuthenticationMetadata(Struct, gc=False, rename="camel"):
    """How an impersonation was authorized."""

    impersonation_constraint: Text = ""


class Event(Struct, gc=False, rename="camel"):
    """``audit.k8s.io/v1`` Event."""

    verb: Text = ""
    stage: Text = ""
    audit_id: Text = field(name="auditID", default="")
    request_uri: Text = field(name="requestURI", default="")
    user: UserInfo | None = None
    impersonated_user: UserInfo | None = None
    authentication_metadata: AuthenticationMetadata | None = None
    object_ref: ObjectReference | None = None
    response_status: ResponseStatus | None = None
    request_received_timestamp: Text = ""
    annotations: dict[str, str] | None = None


class Principal(Struct, gc=False, rename="camel"):
    """``google.cloud.audit`` AuthenticationInfo."""

    principal_email: Text = ""


class Authorization(Struct, gc=False):
    """``google.cloud.audit`` AuthorizationInfo."""

    granted: bool | None = False


class CloudPayload(Struct, gc=False, rename="camel"):
    """``google.cloud.audit`` AuditLog."""

    method_name: Text = ""
    resource_name: Text = ""
    authentication_info: Principal | None = None
    authorization_info: list[Authorization] | None = None


class CloudEntry(Struct, gc=False, rename="camel"):
    """``google.logging`` LogEntry."""

    proto_payload: CloudPayload
    timestamp: Text = ""
    insert_id: Text = ""
    labels: dict[str, str] | None = None


class Properties(Struct, gc=False):
    """Where Azure has the line."""

    log: str = ""


class Record(Struct, gc=False, rename="camel"):
    """One JSON object of a log, before it is known what it is."""

    kind: msgspec.Raw = msgspec.Raw()
    api_version: msgspec.Raw = msgspec.Raw()
    items: msgspec.Raw = msgspec.Raw()
    proto_payload: msgspec.Raw = msgspec.Raw()
    events: msgspec.Raw = msgspec.Raw()
    log_events: msgspec.Raw = msgspec.Raw()
    records: msgspec.Raw = msgspec.Raw()
    properties: msgspec.Raw = msgspec.Raw()
    message: msgspec.Raw = msgspec.Raw()
    at_message: msgspec.Raw = field(name="@message", default=msgspec.Raw())
    log: msgspec.Raw = msgspec.Raw()
    log_s: msgspec.Raw = field(name="log_s", default=msgspec.Raw())
