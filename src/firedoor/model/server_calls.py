"""What the API server connects to: webhooks, and the servers of aggregated APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place
from firedoor.model.shapes import mapping, mappings, number

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADMISSION = "admissionregistration.k8s.io"
SERVER_CALL_KINDS = frozenset(
    {
        (_ADMISSION, "ValidatingWebhookConfiguration"),
        (_ADMISSION, "MutatingWebhookConfiguration"),
        ("apiregistration.k8s.io", "APIService"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    }
)
"""``(group, kind)`` of what is read here; none of them lives in a namespace."""

FROM_MANIFESTS_ONLY = ("apiextensions.k8s.io", "CustomResourceDefinition")
"""A kind whose list is too long, in a cluster, for the few that convert by a webhook."""

_HTTPS = 443
"""``port`` of a reference to a Service, where it is not set."""


class ServerCall(Struct, frozen=True, gc=False):
    """A port of a Service that the API server connects to; `what` names the part of the object that says so."""

    namespace: str
    service: str
    port: int = _HTTPS
    what: str = ""


class ServerCaller(Struct, frozen=True, gc=False):
    """An object that makes the API server connect to Services inside the cluster."""

    kind: str
    metadata: ObjectMeta
    calls: tuple[ServerCall, ...]
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)


def server_caller(kind: str, document: dict[str, Any], metadata: ObjectMeta, place: Place) -> ServerCaller | None:
    """Return an object of `SERVER_CALL_KINDS`; None where the API server calls no Service for it (a URL, or itself)."""
    calls = tuple(_calls(kind, document))
    return ServerCaller(kind, metadata, calls, place) if calls else None


def _calls(kind: str, document: dict[str, Any]) -> Iterator[ServerCall]:
    spec = mapping(document.get("spec"))
    match kind:
        case "APIService":
            yield from _call(spec.get("service"), "")
        case "CustomResourceDefinition":
            conversion = mapping(spec.get("conversion"))
            # `webhookClientConfig` is that of v1beta1.
            config = mapping(conversion.get("webhook")).get("clientConfig") or conversion.get("webhookClientConfig")
            if conversion.get("strategy") == "Webhook":
                yield from _call(mapping(config).get("service"), "conversion")
        case _:
            for webhook in mappings(document.get("webhooks")):
                service = mapping(webhook.get("clientConfig")).get("service")
                yield from _call(service, f"webhook {webhook.get('name', '')}")


def _call(reference: object, what: str) -> Iterator[ServerCall]:
    service = mapping(reference)
    if service.get("name"):
        port = number(service.get("port")) or _HTTPS
        yield ServerCall(str(service.get("namespace") or ""), str(service["name"]), port, what)
