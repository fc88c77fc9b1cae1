"""The messages of OTLP, made by protobuf's library from their fields: what others encode, and how answers are read."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_MESSAGES = {
    "AnyValue": "1 string_value string|, 2 bool_value bool|, 3 int_value int64|, 4 double_value double|, "
    "5 array_value ArrayValue|, 6 kvlist_value KeyValueList|, 7 bytes_value bytes|",
    "ArrayValue": "1 values AnyValue*",
    "KeyValueList": "1 values KeyValue*",
    "KeyValue": "1 key string, 2 value AnyValue",
    "Resource": "1 attributes KeyValue*, 2 dropped_attributes_count uint32",
    "Scope": "1 name string, 2 version string",
    "LogRecord": "1 time_unix_nano fixed64, 2 severity_number int32, 3 severity_text string, 5 body AnyValue, "
    "6 attributes KeyValue*, 8 flags fixed32, 9 trace_id bytes, 11 observed_time_unix_nano fixed64",
    "ScopeLogs": "1 scope Scope, 2 log_records LogRecord*, 3 schema_url string",
    "ResourceLogs": "1 resource Resource, 2 scope_logs ScopeLogs*, 3 schema_url string",
    "Request": "1 resource_logs ResourceLogs*",
    "Partial": "1 rejected_log_records int64, 2 error_message string",
    "Response": "1 partial_success Partial",
    "Status": "1 code int32, 2 message string",
}


def _described() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="otlp.proto", package="otlp", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields.split(", "):
            number, field, kind = text.split()
            made = message.field.add(name=field, number=int(number))
            made.label = made.LABEL_REPEATED if kind.endswith("*") else made.LABEL_OPTIONAL
            if kind.endswith("|"):
                if not message.oneof_decl:
                    message.oneof_decl.add(name="value")
                made.oneof_index = 0
            kind = kind.rstrip("*|")
            if kind in _MESSAGES:
                made.type, made.type_name = made.TYPE_MESSAGE, f".otlp.{kind}"
            else:
                made.type = getattr(made, f"TYPE_{kind.upper()}")
    return file


_POOL = DescriptorPool()
_POOL.Add(_described())


def _class(name: str) -> Any:
    return GetMessageClass(_POOL.FindMessageTypeByName(f"otlp.{name}"))


AnyValue, Request, Response, Status = (_class(each) for each in ("AnyValue", "Request", "Response", "Status"))


def any_value(value: Any) -> Any:
    """Return an ``AnyValue``."""
    made = AnyValue()
    match value:
        case bool():
            made.bool_value = value
        case int():
            made.int_value = value
        case float():
            made.double_value = value
        case str():
            made.string_value = value
        case bytes():
            made.bytes_value = value
        case list():
            made.array_value.SetInParent()
            made.array_value.values.extend(any_value(each) for each in value)
        case dict():
            made.kvlist_value.SetInParent()
            for key, each in value.items():
                pair = made.kvlist_value.values.add(key=key)
                pair.value.CopyFrom(any_value(each))
    return made


def request(*groups: list[Any]) -> Any:
    """Return a request with the bodies of some groups, and around them what else is sent."""
    made = Request()
    for bodies in groups:
        logs = made.resource_logs.add(schema_url="https://opentelemetry.io/schemas/1.6.1")
        logs.resource.attributes.add(key="service.name").value.CopyFrom(any_value("agent"))
        scope = logs.scope_logs.add()
        scope.scope.name = "receiver"
        for body in bodies:
            record = scope.log_records.add(
                time_unix_nano=1 << 60, severity_number=9, flags=1, trace_id=b"0123456789abcdef"
            )
            record.attributes.add(key="log.file.name").value.CopyFrom(any_value("a.log"))
            if body is not None:
                record.body.CopyFrom(any_value(body))
    return made
