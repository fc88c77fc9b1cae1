"""The mapping of a table of any kind (CSV, Parquet) to records: which column is which field, and in which unit."""

from __future__ import annotations

from collections.abc import Mapping as Mappings
from typing import Any

import msgspec
from msgspec import Struct

from firedoor.adapters.flows.formats.times import SECOND
from firedoor.errors import SourceError

TEXTS = ("direction", "node")
NUMBERS = ("connections", "packets", "octets", "sampling")
END_TEXTS = ("namespace", "pod", "workload", "role")
END_LISTS = ("labels", "names")
ENDS = ("source", "destination", "translated")
UNITS = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
"""Nanoseconds in each unit of time; the unit ``text`` is RFC 3339."""

_TEXT_TIME = "text"
_TIMES = frozenset({"start", "end"})
_NEEDED = ("start", "source.address", "destination.address")
_FIELDS = frozenset(
    {"start", "end", "protocol", "verdict", "is_reply", "policies", *TEXTS, *NUMBERS}
    | {f"{end}.{field}" for end in ENDS for field in ("address", "port", *END_TEXTS, *END_LISTS)}
)


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """
    Where a field comes from: a column, or one value for all rows.

    `unit` is of times; `allowed`, `denied` and `audited` are the values of a verdict, and `replies`
    and `requests` those of ``is_reply``; `separator` is between the elements of a list.
    """

    column: str = ""
    value: str = ""
    unit: str = ""
    separator: str = ";"
    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    audited: tuple[str, ...] = ()
    replies: tuple[str, ...] = ("true", "1")
    requests: tuple[str, ...] = ("false", "0")


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping: `fields` by the field of a record (``source.address``); `header` for files that have none."""

    fields: dict[str, Column]
    delimiter: str = ","
    header: tuple[str, ...] = ()


def read_mapping(text: str, place: str) -> Mapping:
    """Return the mapping that a YAML or JSON text describes; raises `SourceError` for what it cannot be."""
    import yaml  # noqa: PLC0415 - few imports need it

    try:
        mapping = msgspec.convert(_with_columns(yaml.safe_load(text)), Mapping)
    except yaml.YAMLError as error:
        raise SourceError(f"the mapping is no YAML: {' '.join(str(error).split())}", place=place) from None
    except msgspec.ValidationError as error:
        raise SourceError(f"the mapping is not of its form: {error}", place=place) from None
    except RecursionError:
        raise SourceError("the mapping is nested too deeply", place=place) from None
    _check(mapping, place)
    return mapping


def _with_columns(found: Any) -> Any:
    """Let ``start: time`` be short for ``start: {column: time}``."""
    if not isinstance(found, dict) or not isinstance(found.get("fields"), Mappings):
        return found
    fields = {name: {"column": value} if isinstance(value, str) else value for name, value in found["fields"].items()}
    return {**found, "fields": fields}


def _check(mapping: Mapping, place: str) -> None:
    if len(mapping.delimiter) != 1 or mapping.delimiter in '"\r\n':
        raise SourceError("the mapping has a delimiter that is not one character", place=place)
    for name in _NEEDED:
        if name not in mapping.fields:
            remedy = f"name the column that holds {name}"
            raise SourceError(f"the mapping has no {name}", place=place, remedy=remedy)
    for name, column in mapping.fields.items():
        problem, remedy = _fault(name, column)
        if problem:
            raise SourceError(f"the mapping {problem}", place=place, remedy=remedy)


def _fault(name: str, column: Column) -> tuple[str, str]:
    """Return what is wrong with a field of the mapping and what to do, both empty where nothing is."""
    if name not in _FIELDS:
        return f"has a field that records have not: {name}", f"fields are {', '.join(sorted(_FIELDS))}"
    if bool(column.column) == bool(column.value):
        return f"needs one of column and value for {name}", ""
    if name in _TIMES and column.unit not in {*UNITS, _TEXT_TIME}:
        return f"has no unit of time for {name}", f"give unit: one of {', '.join(UNITS)}, text"
    if name == "verdict" and not (column.allowed or column.denied or column.audited):
        return "does not say which values of the verdict are allowed, denied or audited", ""
    return "", ""
