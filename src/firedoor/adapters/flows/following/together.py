"""Several who are followed, as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from firedoor.interfaces import FlowFollower

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from firedoor.model.flow_following import FlowPlace, FollowedPart


class Closable(FlowFollower, Protocol):
    """A follower that holds something open."""

    def close(self) -> None:
        """Close it."""


class Together:
    """Files and others who tell flows; implements ``interfaces.FlowFollower``."""

    def __init__(self, followers: Sequence[Closable]) -> None:
        """Take them over, in the order in which they are looked at."""
        self._followers = tuple(followers)

    @property
    def troubles(self) -> dict[str, str]:
        """What cannot be followed at this time, and why."""
        return {name: why for each in self._followers for name, why in each.troubles.items()}

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:
        """Go on from some places and marks."""
        for each in self._followers:
            each.begin(places, marks)

    def look(self) -> Iterator[FollowedPart]:
        """Yield what is new."""
        for each in self._followers:
            yield from each.look()

    def places(self) -> tuple[FlowPlace, ...]:
        """Return where the files were read to."""
        return tuple(place for each in self._followers for place in each.places())

    def marks(self) -> dict[str, bytes]:
        """Return how far the others were followed."""
        return {name: mark for each in self._followers for name, mark in each.marks().items()}

    def close(self) -> None:
        """Close them all."""
        for each in self._followers:
            each.close()
