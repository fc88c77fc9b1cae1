"""
Ports of the three transport protocols as one axis of atoms, and sets of them as bit masks.

The axis cuts each protocol's ports 1-65535 at every boundary that any rule
names; a set of (protocol, port) pairs is then one Python integer, and union and
intersection are single machine operations.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from firedoor.algebra.intervals import Interval, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PROTOCOLS = ("TCP", "UDP", "SCTP")
"""The protocols that Kubernetes services and policies name, in the order used everywhere."""

FIRST_PORT = 1
LAST_PORT = 65535

Traffic = tuple[tuple[str, int, int], ...]
"""Sorted, merged ``(protocol, from, to)`` ranges."""


class PortAxis:
    """The cut of every protocol's port range into atoms that no rule tells apart further."""

    def __init__(self, ranges: Iterable[tuple[str, int, int]], portless: tuple[str, ...] = ()) -> None:
        """
        Cut at the boundaries of all `ranges` (protocol, first, last).

        `portless` protocols are one atom each, which holds every port and port 0.
        """
        self._protocols = (*PROTOCOLS, *portless)
        starts: dict[str, set[int]] = {protocol: {FIRST_PORT} for protocol in PROTOCOLS}
        starts |= {protocol: {0} for protocol in portless}
        for protocol, first, last in ranges:
            starts[protocol].add(first)
            if last < LAST_PORT:
                starts[protocol].add(last + 1)
        self._starts = {protocol: sorted(starts[protocol]) for protocol in self._protocols}
        self._offset: dict[str, int] = {}
        self._atoms: list[tuple[str, int, int]] = []
        for protocol in self._protocols:
            self._offset[protocol] = len(self._atoms)
            cuts = self._starts[protocol]
            for position, start in enumerate(cuts):
                end = cuts[position + 1] - 1 if position + 1 < len(cuts) else LAST_PORT
                self._atoms.append((protocol, start, end))
        self.everything = (1 << len(self._atoms)) - 1

    def __len__(self) -> int:
        """Return the number of atoms."""
        return len(self._atoms)

    @property
    def atoms(self) -> tuple[tuple[str, int, int], ...]:
        """The protocol and the first and last port of every atom, in their order."""
        return tuple(self._atoms)

    def atom(self, protocol: str, port: int) -> int:
        """Return the index of the atom that holds the port."""
        return self._offset[protocol] + bisect_right(self._starts[protocol], port) - 1

    def knows(self, protocol: str, first: int, last: int) -> bool:
        """Return whether the axis is cut at the boundaries of a range."""
        starts = self._starts[protocol]
        return all(cut > LAST_PORT or starts[bisect_right(starts, cut) - 1] == cut for cut in (first, last + 1))

    def mask(self, protocol: str, first: int = FIRST_PORT, last: int = LAST_PORT) -> int:
        """Return the mask of a range whose boundaries were given to the constructor."""
        low, high = self.atom(protocol, first), self.atom(protocol, last)
        return (1 << (high + 1)) - (1 << low)

    def inside(self, protocol: str, first: int, last: int) -> int:
        """Return the mask of the atoms that lie wholly in a range, whose boundaries may be any."""
        low, high = self.atom(protocol, first), self.atom(protocol, last)
        low += self._atoms[low][1] < first
        high -= self._atoms[high][2] > last
        return (1 << (high + 1)) - (1 << low) if low <= high else 0

    def traffic(self, mask: int) -> Traffic:
        """Return the ranges of a mask, merged per protocol, in the order of `PROTOCOLS`."""
        ranges: dict[str, list[Interval]] = {protocol: [] for protocol in self._protocols}
        while mask:
            low = mask & -mask
            protocol, first, last = self._atoms[low.bit_length() - 1]
            ranges[protocol].append((first, last))
            mask ^= low
        return tuple(
            (protocol, first, last) for protocol in self._protocols for first, last in canonical(ranges[protocol])
        )


def merge(traffics: Iterable[Traffic]) -> Traffic:
    """Return the union of several traffics."""
    ranges: Mapping[str, list[Interval]] = {protocol: [] for protocol in PROTOCOLS}
    for traffic in traffics:
        for protocol, first, last in traffic:
            ranges[protocol].append((first, last))
    return tuple((protocol, first, last) for protocol in PROTOCOLS for first, last in canonical(ranges[protocol]))


ALL_TRAFFIC: Traffic = tuple((protocol, FIRST_PORT, LAST_PORT) for protocol in PROTOCOLS)
"""Every port of every protocol."""
