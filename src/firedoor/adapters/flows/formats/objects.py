"""Fields of JSON objects that were decoded without a type: read by name, and malformed where the type is another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from firedoor.adapters.flows.formats.contract import MalformedLine
from firedoor.adapters.flows.formats.fields import UNSET
from firedoor.adapters.flows.formats.times import short

_DECODER = msgspec.json.Decoder()


class Fields:
    """An object and the path to it; what is absent or null reads as empty."""

    __slots__ = ("path", "values")

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self.values = values
        self.path = path

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def field(self, name: str) -> str:
        """Return the path of a field, for messages."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str) -> str:
        """Return a text as it is."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            return ""
        raise MalformedLine(f"{self.field(name)} is no text: {short(value)}")

    def known(self, name: str) -> str:
        """Return a text, empty for the signs (``-``, ``<nil>``) with which sources say that they do not know."""
        value = self.text(name)
        return "" if value in UNSET else value

    def inner(self, name: str) -> Fields:
        """Return an object in it."""
        value = self.values.get(name)
        if value is None:
            return Fields({}, self.field(name))
        if isinstance(value, dict):
            return Fields(value, self.field(name))
        raise MalformedLine(f"{self.field(name)} is no object: {short(value)}")

    def objects(self, name: str) -> Iterator[Fields]:
        """Yield the objects of a list."""
        for index in self.indices(name):
            yield self.element(name, index)

    def indices(self, name: str) -> range:
        """Return the numbers of the elements of a list."""
        return range(len(self._list(name)))

    def element(self, name: str, index: int) -> Fields:
        """Return an object of a list."""
        each = self._list(name)[index]
        if isinstance(each, dict):
            return Fields(each, f"{self.field(name)}[{index}]")
        raise MalformedLine(f"{self.field(name)}[{index}] is no object: {short(each)}")

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list."""
        found = self._list(name)
        for each in found:
            if not isinstance(each, str):
                raise MalformedLine(f"{self.field(name)} has an element that is no text: {short(each)}")
        return found

    def _list(self, name: str) -> list[Any]:
        value = self.values.get(name)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise MalformedLine(f"{self.field(name)} is no list: {short(value)}")


def read_object(line: bytes | str) -> Fields:
    """Return the object that a line is."""
    value = _DECODER.decode(line)
    if isinstance(value, dict):
        return Fields(value)
    raise MalformedLine(f"the line is JSON, and no object: {short(value)}")
