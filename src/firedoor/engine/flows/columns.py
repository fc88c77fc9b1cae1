"""
Connections as columns: what many lines tell of connections, taken together without an object for each.

A line has two ends and a frame, which is all that it tells besides these, its time and its ports. Lines of one
connection may have several; they come to what `engine.flows.sightings` makes of them one by one.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
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
_PORT = 16
_COLUMNS = ("protocol", "side", "verdict", "policies", "is_turned")
_OTHERS = {"source": "destination", "destination": "source", "near": "far", "far": "near"}


class Frame(Struct, frozen=True, gc=False):
    """What a line tells besides its time, ends and ports; `is_turned` says that its destination opened."""

    protocol: str
    side: str
    verdict: FlowVerdict
    policies: tuple[str, ...]
    is_turned: bool


def rows_of(columns: ConnectionColumns) -> Rows:
    """Return the rows."""
    return np.frombuffer(columns.rows, ROW)


class Frames:
    """Ends and frames of lines by their numbers, which are given in turn, and what the lines come to."""

    def __init__(self) -> None:
        """Begin without any."""
        self._ends: dict[FlowEnd, int] = {}
        self._addresses: dict[str, int] = {}
        self._end_of, self._address_of = array("q"), array("q")
        self._policies: dict[tuple[str, ...], int] = {(): 0}
        self._frames = array("q")

    def add_end(self, end: FlowEnd) -> None:
        """Give an end, without a port, the next number; several numbers may be of the same one."""
        self._end_of.append(self._ends.setdefault(end, len(self._ends)))
        self._address_of.append(self._addresses.setdefault(end.address, len(self._addresses)))

    def add_frame(self, frame: Frame) -> None:
        """Give a frame the next number."""
        self._frames.extend(
            (
                PROTOCOLS.index(frame.protocol),
                SIDES.index(frame.side),
                VERDICTS.index(frame.verdict),
                self._policies.setdefault(frame.policies, len(self._policies)),
                frame.is_turned,
            )
        )

    def columns(self, lines: Rows) -> ConnectionColumns:
        """
        Return the connections that lines tell of, in the order in which they were first seen.

        Of each line there are the numbers of its `source`, `destination` and `frame`, the ports `near` of its source
        and `far` of its destination, and its `time`.
        """
        frames = np.array(self._frames, np.int64).reshape(-1, len(_COLUMNS))
        of_frame = dict(zip(_COLUMNS, frames[lines["frame"]].T, strict=True))
        is_turned = of_frame["is_turned"].astype(bool)
        told = {
            name: np.where(is_turned, lines[other], lines[name]).astype(np.int64) for name, other in _OTHERS.items()
        }
        key = self._connections(told, of_frame)
        order = np.argsort(key, kind="stable")
        key, times = key[order], lines["time"][order]
        begin = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
        begun = order[begin]
        rows = np.zeros(len(begin), ROW)
        for name in ("near", "far"):
            rows[name] = told[name][begun]
        rows["first"] = np.minimum.reduceat(times, begin)
        rows["last"] = np.maximum.reduceat(times, begin)
        for name in ("verdict", "protocol", "side"):
            rows[name] = np.maximum.reduceat(of_frame[name][order], begin)
        numbers = np.array(self._end_of, np.int64)
        for name in ("source", "destination"):
            rows[name] = self._best(numbers[told[name]][order], begin)
        rows["policies"] = self._together(of_frame["policies"][order], begin)
        return self._compact(rows[np.argsort(begun, kind="stable")])

    def ends(self, lines: Rows) -> list[FlowEnd]:
        """Return the ends that lines tell of."""
        numbers = np.array(self._end_of, np.int64)[np.concatenate((lines["source"], lines["destination"]))]
        known = list(self._ends)
        return [known[each] for each in np.unique(numbers).tolist()]

    def _connections(self, told: dict[str, _Ints], of_frame: dict[str, _Ints]) -> _Ints:
        """Return for each line a number of its connection."""
        address = np.array(self._address_of, np.int64)
        between = address[told["source"]] * len(self._addresses) + address[told["destination"]]
        flows = (between * len(PROTOCOLS) + of_frame["protocol"]) * len(SIDES) + of_frame["side"]
        _, flow = np.unique(flows, return_inverse=True)
        numbers: _Ints = (flow << (2 * _PORT)) | (told["near"] << _PORT) | told["far"]
        return numbers

    def _best(self, told: _Ints, begin: _Ints) -> _Ints:
        """Return the end that tells most of those that the lines of each connection name."""
        found = told[begin]
        known = list(self._ends)
        for number, ends in _mixed(told, begin):
            found[number] = min(ends, key=lambda each: standing(known[each]))
        return found

    def _together(self, told: _Ints, begin: _Ints) -> _Ints:
        """Return the policies that the lines of each connection name, as numbers."""
        # Most lines of a connection name none, and the others the same ones.
        most = np.maximum.reduceat(told, begin)
        known = list(self._policies)
        for number, policies in _mixed(np.where(told, told, np.repeat(most, np.diff(begin, append=len(told)))), begin):
            names = {name for each in policies for name in known[each]}
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


def standing(end: FlowEnd) -> tuple[object, ...]:
    """Return what tells which of several ends at one address tells most: the least, and of equals always the same."""
    unknown = 0 if end.workload else 1 if end.pod else 2
    return unknown, not end.names, end.namespace, end.pod, end.workload, end.names, end.role


def _mixed(told: _Ints, begin: _Ints) -> Iterator[tuple[int, set[int]]]:
    """Yield those connections whose lines tell several things, and these; the lines of each begin somewhere."""
    least, most = np.minimum.reduceat(told, begin), np.maximum.reduceat(told, begin)
    ends = np.append(begin[1:], len(told))
    for number in np.flatnonzero(least < most).tolist():
        yield number, set(told[begin[number] : ends[number]].tolist())
