"""One Lease (``coordination.k8s.io/v1``) of a server: read, made, and written over what it was read as."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.adapters.cluster.requests import NotDoneError, Requests
from firedoor.adapters.cluster.transport import PassingTrouble, Refusal, Transport
from firedoor.errors import FiredoorError, SourceError
from firedoor.model.leading import FoundLease, LeaseRecord

if TYPE_CHECKING:
    from firedoor.adapters.cluster.config import Connection

_API = "coordination.k8s.io/v1"


class _Spec(Struct, rename="camel"):
    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class ClusterLease:
    """Implements ``interfaces.LeaseStore``: every request is sent once, whoever asks tries again."""

    def __init__(self, connection: Connection, namespace: str, name: str, timeout: float) -> None:
        """`timeout` is how many seconds the server may be silent."""
        self.name = f"Lease {namespace}/{name}"
        self._namespace, self._own_name = namespace, name
        self._list = f"/apis/{_API}/namespaces/{namespace}/leases"
        self._transport = Transport(connection, timeout, _do_not_wait, lambda: 0.0)
        self._requests = Requests(connection, timeout, _do_not_wait)
        self._timeout = timeout

    def read(self) -> FoundLease | None:
        """Return the lease; None where there is none."""
        try:
            response = self._transport.open(f"{self._list}/{self._own_name}", self._timeout)
            try:
                body = response.read(decode_content=True)
            finally:
                response.release_conn()
            return _found(msgspec.json.decode(body, type=dict[str, Any]))
        except Refusal as refusal:
            if refusal.code == HTTPStatus.NOT_FOUND:
                return None
            raise self._refused("get", refusal.code, refusal.status.message) from refusal
        except PassingTrouble as trouble:
            lasting = trouble.lasting
            problem = lasting.problem if isinstance(lasting, FiredoorError) else str(lasting)
            raise SourceError(problem, place=self.name) from trouble
        except (msgspec.MsgspecError, OSError) as error:
            raise SourceError(f"the answer is not a Lease: {error}", place=self.name) from error

    def create(self, record: LeaseRecord) -> FoundLease:
        """Make it."""
        metadata = {"name": self._own_name, "namespace": self._namespace}
        document = {"apiVersion": _API, "kind": "Lease", "metadata": metadata, "spec": _spec(record)}
        return self._send("POST", self._list, "create", document)

    def update(self, found: FoundLease, record: LeaseRecord) -> FoundLease:
        """Write another record over the one that was found, and over no other (``metadata.resourceVersion``)."""
        spec = {**(found.document.get("spec") or {}), **_spec(record)}
        return self._send("PUT", f"{self._list}/{self._own_name}", "update", {**found.document, "spec": spec})

    def _send(self, method: str, path: str, verb: str, document: dict[str, Any]) -> FoundLease:
        try:
            return _found(self._requests.send(method, path, {}, document, "application/json"))
        except NotDoneError as error:
            raise self._refused(verb, error.code, error.told) from error

    def _refused(self, verb: str, code: int, message: str) -> SourceError:
        if code == HTTPStatus.FORBIDDEN:
            problem = f"the verb {verb} on leases is not granted here"
            remedy = "grant get, create and update on leases of coordination.k8s.io in this namespace"
            return SourceError(problem, place=self.name, remedy=remedy)
        return SourceError(f"the server answered {code}: {message}", place=self.name)


def _found(document: dict[str, Any]) -> FoundLease:
    try:
        spec = msgspec.convert(document.get("spec") or {}, _Spec)
    except msgspec.ValidationError as error:
        raise SourceError(f"the Lease cannot be read: {error}") from error
    record = LeaseRecord(
        spec.holder_identity or "",
        spec.lease_duration_seconds or 0,
        spec.acquire_time or "",
        spec.renew_time or "",
        spec.lease_transitions or 0,
    )
    return FoundLease(record, document)


def _spec(record: LeaseRecord) -> dict[str, Any]:
    return {
        "holderIdentity": record.holder,
        "leaseDurationSeconds": record.seconds,
        "acquireTime": record.acquired,
        "renewTime": record.renewed,
        "leaseTransitions": record.transitions,
    }


def _do_not_wait(_: float) -> None:
    raise SourceError("the server is busy")
