"""The columns of the domain names and patterns that policies name, and last of all other names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.domains import any_matches, canonical_name, cilium_pattern, written

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OTHER_NAMES = ""
"""Stands for all domain names that no policy names."""


class NameColumns:
    """Which column a name has; there are none where no policy names domains."""

    def __init__(self, domains: Sequence[str], first: int) -> None:
        """Give `domains`, as they are compared, the columns from `first` on."""
        self._patterns = (*domains, OTHER_NAMES) if domains else ()
        self._first = first
        self._columns = {name: first + number for number, name in enumerate(self._patterns)}
        self.written = tuple(map(written, self._patterns))
        """The names and patterns as they are written."""

    def passing(self, matches: Callable[[str], bool]) -> list[int]:
        """Return the columns of the names and patterns that pass."""
        return [self._first + number for number, name in enumerate(self._patterns) if matches(name)]

    def of(self, name: str) -> tuple[int, ...]:
        """
        Return the columns of a domain name: its own, or those of the patterns that match it, narrow ones first.

        A rule means the name if it means one of them. Only the narrowest is there if it
        lies within all others; none at all for an address, and wherever no policy names
        domains.
        """
        if not self._patterns or is_address(name):
            return ()
        found = canonical_name(name)
        for own in (found, cilium_pattern(found)):
            if own in self._columns:
                return (self._columns[own],)
        held = [each for each in self._patterns if each and any_matches((each,), found)]
        if not held:
            return (self._columns[OTHER_NAMES],)
        wider = {each: sum(any_matches((other,), each) for other in held) for each in held}
        held.sort(key=lambda each: -wider[each])
        if wider[held[0]] == len(held):
            del held[1:]
        return tuple(self._columns[each] for each in held)
