"""
Hubble's lines that repeat the text of another but for what is new in each: its time, its identifier, and its ports.

Such a line is cut into a few texts, and these are looked up: the same texts mean the same. All other lines are
left to who reads any line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from firedoor.adapters.flows.formats import LineParser, MalformedLine
from firedoor.adapters.flows.formats.times import LAST, SECOND, stamp
from firedoor.adapters.flows.hubble_kinds import (
    BEGIN,
    BETWEEN,
    DESTINATION_PORT,
    END,
    FLAGS,
    SOURCE_PORT,
    UUID,
    KindReader,
)
from firedoor.algebra.ports import LAST_PORT
from firedoor.engine.flows.columns import Kinds
from firedoor.engine.flows.sightings import Sightings

_CLOCK, _TIME = len("2026-07-31T10:41:02"), len("2026-07-31T10:41:02.202450754")
_AT = len(BEGIN)
_HEAD = _AT + _TIME + len(BETWEEN) + UUID
_TAIL = _TIME + len(END)
_PORT = len(SOURCE_PORT)
_NEAR = re.compile(rb"[1-9]\d{0,4}")
_FAR = re.compile(re.escape(DESTINATION_PORT) + rb"([1-9]\d{0,4})" + FLAGS)
_LOW = (1 << 32) - 1
_MOST_TEXT = 128 << 20
_MOST_KEYS = 1 << 20

_WINDOW, _REPEATED, _MOST_PARTS = 1 << 13, 4, 63
"""Of so many lines one in so many may be of a kind that was not seen before; else so many parts are left out."""

_Bytes = NDArray[np.uint8]
_Ints = NDArray[np.int64]


def _ends(digit: bytes, letter: bytes) -> _Bytes:
    time = b"0000-00-00T00:00:00.000000000".replace(b"0", digit)
    return np.frombuffer(b"".join((BEGIN, time, BETWEEN, letter * UUID, time, END)), np.uint8)


# The least that each byte of both ends of a line may be, and by how much it may be more.
_LEAST = _ends(b"0", b"-")
_SPAN = _ends(b"9", b"f") - _LEAST
_NO_TEXT = ord("\\")
_DECIMALS = 10 ** np.arange(8, -1, -1, dtype=np.int64)


class Left(NamedTuple):
    """A line that is left to others: its number in a block, from 0, and where it stands there."""

    number: int
    start: int
    end: int


class RepeatedLines:
    """Takes blocks of lines; what lines of known kinds tell is in the sightings once they are finished."""

    def __init__(self, parser: LineParser) -> None:
        """Keep who decodes the first line of each kind; it must keep nothing from one line to the next."""
        self._reader = KindReader(parser)
        self._rows: list[tuple[_Ints, _Ints, _Bytes]] = []
        self._worth = _Worth()
        self._begin()

    def _begin(self) -> None:
        self._kinds = Kinds()
        self._known: dict[tuple[int, int, int], int] = {}
        self._heads: dict[bytes, int] = {}
        self._rests: dict[bytes, int] = {}
        self._near: dict[bytes, int] = {}
        self._far: dict[bytes, int] = {}
        self._flags = {b"": 0}
        self._clocks: dict[bytes, int] = {}
        self._length = 0
        self._worth.begin()

    def take(self, block: bytes) -> tuple[int, Sequence[Left]]:  # noqa: C901, PLR0912, PLR0915 - the way of every line
        """Take whole lines; return how many there are, and those that are left."""
        if not self._worth.is_now:
            return _all_left(block)
        # Calls of functions would take longer than what they do, and so would names that are not local.
        find, known, clocks, heads, rests = block.find, self._known, self._clocks, self._heads, self._rests
        nears, fars = self._near, self._far
        left: list[Left] = []
        starts, rows, seconds = [], [], []
        cuts: list[bytes] = []
        number = start = 0
        while (end := find(b"\n", start)) >= 0:
            port = find(SOURCE_PORT, start + _HEAD, end)
            brace = find(b"}", port, end)
            comma = find(b",", port, brace)
            tail = end - _TAIL
            kind = -1
            if 0 <= port < comma < brace < tail:
                second = clocks.get(text := block[start + _AT : start + _AT + _CLOCK])
                if second is None:
                    second = clocks[text] = _moment(text)
                near = nears.get(text := block[port + _PORT : comma])
                if near is None:
                    near = nears[text] = _number(text)
                far = fars.get(text := block[comma:brace])
                if far is None:
                    far = fars[text] = self._read_far(text)
                ports = near << 16 | far
                head = heads.get(text := block[start + _HEAD : port])
                if head is None:
                    head = self._name(heads, text)
                rest = rests.get(text := block[brace:tail])
                if rest is None:
                    rest = self._name(rests, text)
                if second >= 0 and ports >= 0:
                    found = known.get(key := (head, rest, ports >> 32))
                    if found is None:
                        found = known[key] = self._learn(block[start + _HEAD : port], block[comma:brace], text)
                    kind = found
            if kind >= 0:
                rows.append(kind << 32 | ports & _LOW)
                starts.append(start)
                seconds.append(second)
                cuts += block[start : start + _HEAD], block[tail:end]
            else:
                left.append(Left(number, start, end + 1))
            start = end + 1
            number += 1
        if start < len(block):
            left.append(Left(number, start, len(block)))
            number += 1
        if rows:
            left += self._keep(block, starts, np.array(rows, np.int64), np.array(seconds, np.int64), b"".join(cuts))
            left.sort()
        self._worth.took(number, len(known))
        return number, left

    def finish(self, sightings: Sightings) -> None:
        """Put what was told into sightings, and begin anew."""
        if self._rows:
            rows, seconds, decimals = (np.concatenate(each) for each in zip(*self._rows, strict=True))
            times = seconds + (decimals - ord("0")).astype(np.int64) @ _DECIMALS
            sightings.told(int(times.min()), int(times.max()), len(times))
            sightings.add_columns(self._kinds.columns(rows >> 32, rows & _LOW, times))
            self._rows.clear()
        self._worth.finish()
        keys = sum(len(each) for each in (self._known, self._near, self._far, self._clocks))
        if self._length > _MOST_TEXT or keys > _MOST_KEYS or not self._worth.is_now:
            self._begin()

    def _keep(self, block: bytes, starts: list[int], rows: _Ints, seconds: _Ints, cuts: bytes) -> list[Left]:
        """Keep lines of known kinds; return those that do not begin and end as they have to."""
        ends = np.frombuffer(cuts, np.uint8).reshape(-1, _HEAD + _TAIL)
        is_usual = (ends - _LEAST <= _SPAN) & (ends != _NO_TEXT)
        is_same = ends[:, _HEAD : _HEAD + _TIME] == ends[:, _AT : _AT + _TIME]
        bad: list[int] = []
        if not (is_usual.all() and is_same.all()):
            good = is_usual.all(axis=1) & is_same.all(axis=1)
            bad = [starts[each] for each in np.flatnonzero(~good).tolist()]
            rows, seconds, ends = rows[good], seconds[good], ends[good]
        if len(rows):
            self._rows.append((rows, seconds, ends[:, _AT + _CLOCK + 1 : _AT + _TIME]))
        return [Left(block.count(b"\n", 0, start), start, block.index(b"\n", start) + 1) for start in bad]

    def _name(self, texts: dict[bytes, int], text: bytes) -> int:
        self._length += len(text)
        return texts.setdefault(text, len(texts))

    def _read_far(self, text: bytes) -> int:
        """Return a port, and which flags stand behind it; -1 for what is none of this form."""
        match = _FAR.fullmatch(text)
        port = -1 if match is None else _number(match[1])
        if match is None or port < 0:
            return -1
        return self._flags.setdefault(match[2] or b"", len(self._flags)) << 32 | port

    def _learn(self, head: bytes, far: bytes, rest: bytes) -> int:
        """Return the number of the kind of a line; -1 for one that is to be left."""
        match = _FAR.fullmatch(far)
        kind = None if match is None else self._reader.kind(head, match[2] or b"", rest)
        return -1 if kind is None else self._kinds.add(kind)


class _Worth:
    """
    Whether lines repeat others often enough: among very many pods each says something new for a long time.

    Where they do not, parts are left out, each time twice as many, until it is tried again.
    """

    def __init__(self) -> None:
        self.is_now = True
        self._parts = self._left_out = 0
        self.begin()

    def begin(self) -> None:
        """Take it that nothing is known."""
        self._lines = self._known = 0
        self._is_first = True

    def took(self, lines: int, known: int) -> None:
        """Take so many lines, with which so many kinds are known."""
        self._lines += lines
        if self._lines >= _WINDOW:
            if not self._is_first and (known - self._known) * _REPEATED > self._lines:
                self.is_now = False
                self._parts = min(2 * self._parts + 1, _MOST_PARTS)
                self._left_out = 0
            self._is_first = False
            self._lines, self._known = 0, known

    def finish(self) -> None:
        """End a part."""
        if not self.is_now:
            self.is_now = self._left_out == self._parts
            self._left_out += 1


def _all_left(block: bytes) -> tuple[int, list[Left]]:
    left: list[Left] = []
    start = 0
    while start < len(block):
        end = block.find(b"\n", start) + 1 or len(block)
        left.append(Left(len(left), start, end))
        start = end
    return len(left), left


def _number(text: bytes) -> int:
    """Return a port; -1 where it is none."""
    number = int(text) if _NEAR.fullmatch(text) else LAST_PORT + 1
    return number if number <= LAST_PORT else -1


def _moment(text: bytes) -> int:
    """Return the nanoseconds of a time as ``2026-07-31T10:41:02``; -1 where there is no such time."""
    try:
        moment = stamp(f"{text.decode()}Z", "time")
    except (MalformedLine, UnicodeDecodeError):
        return -1
    return moment if moment <= LAST - SECOND else -1
