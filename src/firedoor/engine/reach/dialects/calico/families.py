"""
Which IP version a connection uses.

A connection with an address outside has that address's version. One between pods is
IPv4, unless both have IPv6 addresses and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.engine.reach.matches import Match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.scene import Scene


class Families:
    """The columns by the IP version that connections with them use."""

    def __init__(self, scene: Scene) -> None:
        """Tell the pods with IPv6 addresses only from all others."""
        index = scene.index
        first_v6 = scene.addresses.first_v6
        self._only_v6 = index.match(
            np.asarray(
                [bool(each.externals) and min(each.externals or ()) >= first_v6 for each in index.profiles], dtype=bool
            )
        )
        self._others = index.match(~self._only_v6.lower[: len(index.profiles)])
        self._names = np.zeros(index.size, dtype=bool)
        self._names[index.first_domain :] = True
        self._outside = {}
        for family in Family:
            mask = np.zeros(index.size, dtype=bool)
            boundary = index.first_external + first_v6
            if family is Family.V4:
                mask[index.first_external : boundary] = True
            else:
                mask[boundary : index.first_domain] = True
            # An address behind a name is of either version.
            self._outside[family] = Match(mask, mask | self._names)
        self._has_only_v6 = bool(self._only_v6.lower.any())

    def split(self, subjects: Match, peers: Match, family: Family | None) -> Iterator[tuple[Match, Match]]:
        """Yield subjects and peers whose connections use the IP version; all of them for None."""
        if family is None:
            yield subjects, peers
            return
        outside = self._outside[family]
        if family is Family.V6:
            yield subjects & self._others, peers & outside
            if self._has_only_v6:
                yield subjects & self._only_v6, peers & (outside | self._only_v6)
            return
        everyone = self._others | self._only_v6
        yield subjects & self._others, peers & (outside | everyone)
        if self._has_only_v6:
            yield subjects & self._only_v6, peers & (outside | self._others)
