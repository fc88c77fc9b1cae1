"""The answers of OTLP over HTTP, in the form that the question came in."""

from __future__ import annotations

from typing import Protocol

import msgspec

from firedoor.adapters.flows.otlp import binary_form, json_form
from firedoor.adapters.flows.otlp.bodies import Group

_LONGEST = 1000


class Form(Protocol):
    """A form of requests and answers."""

    @property
    def content_type(self) -> str:
        """What HTTP calls it."""

    def groups(self, data: bytes) -> list[Group]:
        """Return the bodies in a request; raises ``NoRequest``."""

    def accepted(self, rejected: int, why: str) -> bytes:
        """Return an ``ExportLogsServiceResponse``, with the records that were rejected where there are any."""

    def refused(self, why: str) -> bytes:
        """Return a ``google.rpc.Status``."""


class JsonForm:
    """The JSON form."""

    content_type = "application/json"

    def groups(self, data: bytes) -> list[Group]:
        """Return the bodies in a request; raises ``NoRequest``."""
        return json_form.groups_of(data)

    def accepted(self, rejected: int, why: str) -> bytes:
        """Return whether all was accepted."""
        if not rejected:
            return b"{}"
        # 64-bit numbers are text in protobuf's JSON.
        partial = {"rejectedLogRecords": str(rejected), "errorMessage": why[:_LONGEST]}
        return msgspec.json.encode({"partialSuccess": partial})

    def refused(self, why: str) -> bytes:
        """Return why not."""
        return msgspec.json.encode({"message": why[:_LONGEST]})


class BinaryForm:
    """The binary form of protobuf."""

    content_type = "application/x-protobuf"

    def groups(self, data: bytes) -> list[Group]:
        """Return the bodies in a request; raises ``NoRequest``."""
        return binary_form.groups_of(data)

    def accepted(self, rejected: int, why: str) -> bytes:
        """Return whether all was accepted."""
        return _message(1, b"\x08" + _varint(rejected) + _message(2, _text(why))) if rejected else b""

    def refused(self, why: str) -> bytes:
        """Return why not."""
        return _message(2, _text(why))


FORMS: dict[str, Form] = {each.content_type: each for each in (JsonForm(), BinaryForm())}


def _text(text: str) -> bytes:
    return text[:_LONGEST].encode("utf-8", "replace")


def _message(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:  # noqa: PLR2004 - seven bits of it are in each byte
        found.append(number & 127 | 128)
        number >>= 7
    return bytes((*found, number))
