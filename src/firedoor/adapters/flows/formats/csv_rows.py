"""Rows of tables into records, by a mapping; and CSV as a format of lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from collections.abc import Mapping as Mappings
from typing import Any

from firedoor.adapters.flows.formats.contract import Format, MalformedLine, Told
from firedoor.adapters.flows.formats.csv_mapping import END_TEXTS, UNITS, Column, Mapping
from firedoor.adapters.flows.formats.fields import UNSET, address, of_family, port, protocol, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.times import short, since_epoch, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_DIRECTIONS = frozenset({"ingress", "egress"})
_ROLES = frozenset({"pod", "node", "external", "service"})


def record_of(mapping: Mapping, row: Mappings[str, Any]) -> FlowRecord:
    """Return the record of a row, whose values are texts (CSV) or numbers and lists (Parquet)."""
    reader = _Row(mapping, row)
    start = reader.time("start")
    destination = reader.end("destination")
    translated = reader.end("translated")
    return FlowRecord(
        start=start,
        end=reader.time("end") if "end" in mapping.fields else start,
        source=reader.end("source"),
        destination=destination,
        protocol=of_family(protocol(reader.known("protocol"), "protocol"), destination.address),
        verdict=reader.verdict(),
        direction=reader.one_of("direction", _DIRECTIONS),
        is_reply=reader.is_reply(),
        translated=translated if translated.address or translated.pod else None,
        node=reader.text("node"),
        connections=reader.number("connections") or 1,
        packets=reader.number("packets"),
        octets=reader.number("octets"),
        sampling=reader.number("sampling") or 1,
        policies=reader.list("policies"),
    )


class _Row:
    """One row, read by the names of the fields of records."""

    def __init__(self, mapping: Mapping, row: Mappings[str, Any]) -> None:
        self._fields = mapping.fields
        self._row = row

    def known(self, name: str) -> Any:
        """Return the value of a field, None where it has none."""
        column = self._fields.get(name)
        if column is None:
            return None
        value = column.value or self._row.get(column.column)
        return None if isinstance(value, str) and value.lower() in UNSET else value

    def text(self, name: str) -> str:
        value = self.known(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int:
        return whole(self.known(name), name)

    def list(self, name: str) -> tuple[str, ...]:
        value = self.known(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return tuple(each for part in value.split(self._fields[name].separator) if (each := part.strip()))
        if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
            return tuple(value)
        raise MalformedLine(f"{name} is no list of texts: {short(value)}")

    def one_of(self, name: str, known: frozenset[str]) -> str:
        value = self.text(name).lower()
        if value and value not in known:
            raise MalformedLine(f"{name} is none of {', '.join(sorted(known))}: {short(value)}")
        return value

    def time(self, name: str) -> int:
        column = self._fields[name]
        value = self.known(name)
        if value is None:
            raise MalformedLine(f"{name} is missing")
        return stamp(str(value), name) if column.unit == "text" else since_epoch(value, UNITS[column.unit], name)

    def end(self, name: str) -> FlowEnd:
        texts = {each: self.text(f"{name}.{each}") for each in END_TEXTS[:-1]}
        return FlowEnd(
            address=address(self.text(f"{name}.address"), f"{name}.address"),
            port=port(self.known(f"{name}.port"), f"{name}.port"),
            namespace=texts["namespace"],
            pod=texts["pod"],
            workload=texts["workload"],
            labels=self.list(f"{name}.labels"),
            names=self.list(f"{name}.names"),
            role=self.one_of(f"{name}.role", _ROLES),
        )

    def verdict(self) -> FlowVerdict:
        column = self._fields.get("verdict", Column())
        value = self.text("verdict")
        for values, verdict in (
            (column.allowed, FlowVerdict.ALLOWED),
            (column.denied, FlowVerdict.DENIED),
            (column.audited, FlowVerdict.AUDITED),
        ):
            if value in values:
                return verdict
        return FlowVerdict.OTHER

    def is_reply(self) -> bool | None:
        value = self.known("is_reply")
        if value is None:
            return None
        column, text = self._fields["is_reply"], str(value).lower()
        if text in column.replies:
            return True
        if text in column.requests:
            return False
        raise MalformedLine(f"is_reply is none of the values of replies and requests: {short(text)}")


class _Csv:
    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._header = list(mapping.header)

    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the protocol of parsers
        text = line.decode()
        if not text.strip():
            return ()
        try:
            (row,) = csv.reader([text], delimiter=self._mapping.delimiter, strict=True)
        except csv.Error as error:
            raise MalformedLine(f"no row of CSV: {error}") from None
        if not self._header:
            return self._first(row)
        if len(row) != len(self._header):
            raise MalformedLine(f"{len(row)} columns where the header has {len(self._header)}")
        return (record_of(self._mapping, dict(zip(self._header, row, strict=True))),)

    def finish(self) -> Iterable[Told]:
        return ()

    def _first(self, header: list[str]) -> Iterable[Told]:
        missing = {each.column for each in self._mapping.fields.values() if each.column} - set(header)
        if missing:
            raise MalformedLine(f"the header has no column {', '.join(sorted(missing))}")
        self._header = header
        return ()


def csv_format(mapping: Mapping) -> Format:
    """Return the format of CSV files with that mapping; it recognises no file by itself."""
    return guarded("csv", "CSV with a mapping", lambda _: False, lambda: _Csv(mapping))
