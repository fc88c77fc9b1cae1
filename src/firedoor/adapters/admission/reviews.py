"""``AdmissionReview`` (``admission.k8s.io/v1``): what is asked, and how it is answered."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct, field

from firedoor.model.admission import Proposal
from firedoor.model.decoding import decode
from firedoor.model.places import ObjectRef, Place
from firedoor.model.untyped import without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.admission import Objection
    from firedoor.model.decoding import ModelObject

    Judge = Callable[[Proposal], tuple[tuple[Objection, ...], tuple[Objection, ...]]]

API_VERSION = "admission.k8s.io/v1"
_LONGEST_WARNING = 256
"""Characters, beyond which an API server may cut a warning off."""


class _Kind(Struct):
    kind: str = ""


class _Request(Struct, rename="camel"):
    uid: str
    kind: _Kind = field(default_factory=_Kind)
    name: str = ""
    namespace: str = ""
    object: dict[str, Any] | None = None
    old_object: dict[str, Any] | None = None


class _Review(Struct, rename="camel"):
    api_version: str
    kind: str
    request: _Request


class Answer(Struct, frozen=True):
    """The status and the content of the HTTP response."""

    status: HTTPStatus
    content: bytes


def answered(content: bytes, judge: Judge) -> Answer:
    """
    Return the answer to a question: refused with the reasons, or allowed with warnings.

    An object that cannot be read is allowed with a warning: the API server has validated it, and firedoor is what
    does not know it. What is no question gets 400.
    """
    try:
        review = msgspec.json.decode(content, type=_Review)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Answer(HTTPStatus.BAD_REQUEST, f"this is no AdmissionReview: {error}\n".encode())
    if (review.api_version, review.kind) != (API_VERSION, "AdmissionReview"):
        text = f"this is {review.kind} of {review.api_version}, not AdmissionReview of {API_VERSION}\n"
        return Answer(HTTPStatus.BAD_REQUEST, text.encode())
    request = review.request
    response: dict[str, Any] = {"uid": request.uid, "allowed": True}
    try:
        old, new = _object(request, request.old_object), _object(request, request.object)
    except (msgspec.MsgspecError, TypeError, AttributeError, ValueError) as error:
        # Kinds without a schema are taken apart as they come, and any of these says: not that form.
        response["warnings"] = [_cut(f"firedoor cannot read this {request.kind.kind}, and lets it pass: {error}")]
        return _answer(response)
    denied, warned = judge(Proposal(ObjectRef(request.kind.kind, request.namespace, request.name), old, new))
    if denied:
        response["allowed"] = False
        response["status"] = {"code": int(HTTPStatus.FORBIDDEN), "message": "; ".join(map(str, denied))}
    if warned:
        response["warnings"] = [_cut(f"firedoor: {each}") for each in warned]
    return _answer(response)


def _object(request: _Request, document: dict[str, Any] | None) -> ModelObject | None:
    if not document:
        return None
    metadata = document.get("metadata")
    if isinstance(metadata, dict) and not metadata.get("name"):
        # An object whose name the server makes has none yet.
        document = {**document, "metadata": {**metadata, "name": f"{metadata.get('generateName', '')}new"}}
    return decode(without_nulls(document), Place("the request"), request.namespace)


def _answer(response: dict[str, Any]) -> Answer:
    review = {"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response}
    return Answer(HTTPStatus.OK, msgspec.json.encode(review))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_WARNING else f"{line[: _LONGEST_WARNING - 3]}..."
