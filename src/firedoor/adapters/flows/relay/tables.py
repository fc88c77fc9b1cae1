"""Messages of protobuf, made from tables of their fields when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import descriptor_pb2, timestamp_pb2, wrappers_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

TIME = "google.protobuf.Timestamp"


class Messages:
    """
    The messages of a package.

    Each field of `messages` is a number, a name and a type; `*` is many of it, `|` one of several of which at most one
    is set. Each value of `enums` is a number and a name, or a name alone where the number is the next one.
    """

    def __init__(self, package: str, messages: Mapping[str, str], enums: Mapping[str, str]) -> None:
        """Make them in a pool of their own: another program may have the same in the common one."""
        self._package = package
        self._messages = messages
        self._enums = enums
        self._pool = DescriptorPool()
        for each in (timestamp_pb2.DESCRIPTOR.serialized_pb, wrappers_pb2.DESCRIPTOR.serialized_pb):
            self._pool.AddSerializedFile(each)
        self._pool.Add(self._described())

    def type(self, name: str) -> Any:
        """Return the class of a message."""
        return GetMessageClass(self._pool.FindMessageTypeByName(f"{self._package}.{name}"))

    def _described(self) -> descriptor_pb2.FileDescriptorProto:
        package = self._package
        file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
        file.dependency.extend((timestamp_pb2.DESCRIPTOR.name, wrappers_pb2.DESCRIPTOR.name))
        for name, values in self._enums.items():
            enum, number = file.enum_type.add(name=name), 0
            for each in values.split():
                if each.isdigit():
                    number = int(each)
                else:
                    enum.value.add(name=each, number=number)
                    number += 1
        for name, fields in self._messages.items():
            message = file.message_type.add(name=name)
            for text in filter(str.strip, fields.split(",")):
                self._field(message, text)
        return file

    def _field(self, message: descriptor_pb2.DescriptorProto, text: str) -> None:
        number, name, kind = text.split()
        made = message.field.add(name=name, number=int(number))
        made.label = made.LABEL_REPEATED if kind.endswith("*") else made.LABEL_OPTIONAL
        if kind.endswith("|"):
            if not message.oneof_decl:
                message.oneof_decl.add(name="kind")
            made.oneof_index = 0
        kind = kind.rstrip("*|")
        if kind in self._enums:
            made.type, made.type_name = made.TYPE_ENUM, f".{self._package}.{kind}"
        elif kind in self._messages or "." in kind:
            made.type = made.TYPE_MESSAGE
            made.type_name = f".{kind}" if "." in kind else f".{self._package}.{kind}"
        else:
            made.type = getattr(made, f"TYPE_{kind.upper()}")
