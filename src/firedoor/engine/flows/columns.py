"""
Connections as columns: what many lines tell of connections, taken together without an object for each.

A kind is all that a line tells but for its time and ports. Lines of one connection may be of several
kinds; they come to what `engine.flows.sightings` makes of them one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from firedoor.model.flow_reading import Connection, ConnectionColumns, Sighting
from firedoor.model.flows import FlowEnd, FlowVerdict

VERDICTS = (FlowVerdict.OTHER, FlowVerdict.ALLOWED, FlowVerdict.AUDITED, FlowVerdict.DENIED)
"""Of several of one connection the later one holds."""
PROTOCOLS = ("TCP", "UDP")
SIDES = ("", "egress", "ingress")
ROW = np.dtype(
    [
        ("source", "<u4"),
        ("destination", "<u4"),
        ("near", "<u2"),
        ("far", "<u2"),
        ("protocol", "u1"),
        ("side", "u1"),
        ("verdict", "u1"),
        ("policies", "<u4"),
        ("first", "<i8"),
        ("last", "<i8"),
    ]
)
"""`near` is the port of the end that opened the connection; ends, policies and names are numbers in sequences."""

Rows: TypeAlias = NDArray[np.void]
_Ints: TypeAlias = NDArray[np.int64]
_PORT, _LAST_PORT = 16, 0xFFFF
_LINE = 40
"""Bits for the number of a line."""
_COLUMNS = (
    "flow",
    "source",
    "destination",
    "source_unknown",
    "destination_unknown",
    "protocol",
    "side",
    "verdict",
    "policies",
    "is_turned",
)


class Kind(Struct, frozen=True, gc=False):
    """What a line tells besides time and ports; `is_turned` says that its source port is that of `destination`."""

    source: FlowEnd
    destination: FlowEnd
    protocol: str
    side: str
    verdict: FlowVerdict
    policies: tuple[str, ...]
    is_turned: bool


def rows_of(columns: ConnectionColumns) -> Rows:
    """Return the rows."""
    return np.frombuffer(columns.rows, ROW)


class Kinds:
    """Kinds by their numbers, which are given in turn."""

    def __init__(self) -> None:
        """Begin without any."""
        self._rows: list[tuple[int, ...]] = []
        self._ends: dict[FlowEnd, int] = {}
        self._policies: dict[tuple[str, ...], int] = {(): 0}
        self._flows: dict[tuple[str, str, str, str], int] = {}

    def add(self, kind: Kind) -> int:
        """Return the number of a kind that is new."""
        source, destination = kind.source, kind.destination
        flow = (kind.protocol, source.address, destination.address, kind.side)
        self._rows.append(
            (
                self._flows.setdefault(flow, len(self._flows)),
                self._ends.setdefault(source, len(self._ends)),
                self._ends.setdefault(destination, len(self._ends)),
                _unknown(source),
                _unknown(destination),
                PROTOCOLS.index(kind.protocol),
                SIDES.index(kind.side),
                VERDICTS.index(kind.verdict),
                self._policies.setdefault(kind.policies, len(self._policies)),
                kind.is_turned,
            )
        )
        return len(self._rows) - 1

    def columns(self, kind: _Ints, ports: _Ints, times: _Ints) -> ConnectionColumns:
        """
        Return the connections that lines tell of, in the order in which they were first seen.

        Each line has the number of its `kind`, the port of its source times 65536 and that of its
        destination, and its time.
        """
        used, kind = np.unique(kind, return_inverse=True)
        of_kind = dict(zip(_COLUMNS, np.array([self._rows[each] for each in used.tolist()], np.int64).T, strict=True))
        near, far = ports >> _PORT, ports & _LAST_PORT
        is_turned = of_kind["is_turned"][kind].astype(bool)
        near, far = np.where(is_turned, far, near), np.where(is_turned, near, far)
        key = (of_kind["flow"][kind] << (2 * _PORT)) | (near << _PORT) | far
        order = np.argsort(key, kind="stable")
        key = key[order]
        begin = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        kind, times, begun = kind[order], times[order], order[begin]
        rows = np.zeros(len(begin), ROW)
        rows["near"], rows["far"] = near[begun], far[begun]
        rows["first"] = np.minimum.reduceat(times, begin)
        rows["last"] = np.maximum.reduceat(times, begin)
        for name in ("verdict", "protocol", "side"):
            rows[name] = np.maximum.reduceat(of_kind[name][kind], begin)
        for name in ("source", "destination"):
            # The end that tells most, and of those the one that was told first.
            best = np.minimum.reduceat((of_kind[f"{name}_unknown"][kind] << _LINE) | np.arange(len(kind)), begin)
            rows[name] = of_kind[name][kind[best & ((1 << _LINE) - 1)]]
        rows["policies"] = self._together(of_kind["policies"][kind], begin)
        return self._compact(rows[np.argsort(begun, kind="stable")])

    def _together(self, told: _Ints, begin: _Ints) -> _Ints:
        """Return the policies that the lines of each connection name, as numbers."""
        most = np.maximum.reduceat(told, begin)
        least = np.minimum.reduceat(np.where(told, told, len(self._policies)), begin)
        known = list(self._policies)
        for number in np.flatnonzero(least < most).tolist():
            end = begin[number + 1] if number + 1 < len(begin) else len(told)
            names = {name for each in set(told[begin[number] : end].tolist()) for name in known[each]}
            most[number] = self._policies.setdefault(tuple(sorted(names)), len(self._policies))
        return most

    def _compact(self, rows: Rows) -> ConnectionColumns:
        """Return rows with those ends and policies that they name."""
        ends, numbers = np.unique(np.concatenate((rows["source"], rows["destination"])), return_inverse=True)
        rows["source"], rows["destination"] = numbers[: len(rows)], numbers[len(rows) :]
        policies, rows["policies"] = np.unique(rows["policies"], return_inverse=True)
        known, told = list(self._ends), list(self._policies)
        return ConnectionColumns(
            [known[each] for each in ends.tolist()], [told[each] for each in policies.tolist()], rows.tobytes()
        )


def taken_out(
    columns: ConnectionColumns, wanted: Iterable[Connection]
) -> tuple[ConnectionColumns, list[tuple[Connection, Sighting]]]:
    """Return the columns without some connections, and those as sightings."""
    asked = set(wanted)
    addresses = {each[1] for each in asked} | {each[3] for each in asked}
    rows = rows_of(columns)
    known = np.fromiter((each.address in addresses for each in columns.ends), bool, len(columns.ends))
    gone, found = [], []
    for number in np.flatnonzero(known[rows["source"]] & known[rows["destination"]]).tolist():
        seen = _sighting(columns, rows[number])
        source, destination = seen.source, seen.destination
        key = (seen.protocol, source.address, source.port, destination.address, destination.port, seen.side)
        if key in asked:
            gone.append(number)
            found.append((key, seen))
    return replace(columns, rows=np.delete(rows, gone).tobytes()), found


def _sighting(columns: ConnectionColumns, row: Any) -> Sighting:
    return Sighting(
        replace(columns.ends[row["source"]], port=int(row["near"])),
        replace(columns.ends[row["destination"]], port=int(row["far"])),
        PROTOCOLS[row["protocol"]],
        VERDICTS[row["verdict"]],
        SIDES[row["side"]],
        int(row["first"]),
        int(row["last"]),
        policies=columns.policies[row["policies"]],
    )


def _unknown(end: FlowEnd) -> int:
    """Return how little an end tells of who it is."""
    return 0 if end.workload else 1 if end.pod else 2
