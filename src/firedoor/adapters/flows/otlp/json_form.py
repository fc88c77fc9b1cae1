"""
Requests in the JSON form of OTLP.

Names are in camel case, 64-bit numbers are text or numbers, fields that are not known are left out, as the
specification has it.
"""

from __future__ import annotations

import binascii
from base64 import b64decode

import msgspec
from msgspec import Struct

from firedoor.adapters.flows.otlp.bodies import Group, NoRequest, Value


class _Pair(Struct, gc=False):
    key: str = ""
    value: _Any | None = None


class _Pairs(Struct, gc=False):
    values: list[_Pair] | None = None


class _Values(Struct, gc=False):
    values: list[_Any | None] | None = None


class _Any(Struct, rename="camel", gc=False):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: _Values | None = None
    kvlist_value: _Pairs | None = None
    bytes_value: str | None = None


class _Record(Struct, gc=False):
    body: _Any | None = None


class _Scope(Struct, rename="camel", gc=False):
    log_records: list[_Record] | None = None


class _Resource(Struct, rename="camel", gc=False):
    scope_logs: list[_Scope] | None = None


class _Request(Struct, rename="camel", gc=False):
    resource_logs: list[_Resource] | None = None


_DECODER = msgspec.json.Decoder(_Request)


def groups_of(data: bytes) -> list[Group]:
    """Return the bodies in an ``ExportLogsServiceRequest``; raises ``NoRequest``."""
    try:
        request = _DECODER.decode(data)
        return [
            [_value(record.body) for record in scope.log_records or ()]
            for resource in request.resource_logs or ()
            for scope in resource.scope_logs or ()
        ]
    except (msgspec.MsgspecError, UnicodeError, binascii.Error) as error:
        raise NoRequest(str(error)) from error
    except RecursionError as error:
        raise NoRequest("it is nested too deeply") from error


def _value(each: _Any | None) -> Value:
    if each is None:
        return None
    if each.kvlist_value is not None:
        return {pair.key: _value(pair.value) for pair in each.kvlist_value.values or ()}
    if each.array_value is not None:
        return [_value(one) for one in each.array_value.values or ()]
    if each.bytes_value is not None:
        return b64decode(each.bytes_value, validate=True)
    if each.int_value is not None:
        try:
            return int(each.int_value)
        except ValueError as error:
            raise NoRequest(f"intValue is {each.int_value!r}, which is no number") from error
    found = (each.string_value, each.bool_value, each.double_value)
    return next((one for one in found if one is not None), None)
