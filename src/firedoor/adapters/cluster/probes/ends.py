"""What the three ways to probe have in common, for whoever uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.interfaces import Progress
    from firedoor.model.probing import Outcome, ProbeSite, Stand


class Ends(Protocol):
    """The ends of connections: containers that they are made from, and addresses that they go to."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the objects that are made for them, services included."""

    @property
    def most_each(self) -> int:
        """How many attempts may be made from one of them at the same time."""

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> dict[int, str]:
        """Make the sites ready, and return those that cannot be used, with the reason."""

    def address(self, position: int) -> str:
        """Return the address of a site that can be used."""

    def stand(self, position: int) -> Stand:
        """Return the pod of a site that can be used."""

    def selector(self, position: int) -> dict[str, str]:
        """Return the labels that no other pod has; empty where a pod is not ours to label."""

    def attempt(self, position: int, protocol: str, host: str, port: int) -> tuple[Outcome, str]:
        """Return what is seen of a connection from a site, and the words of the program."""

    def close(self) -> None:
        """End what `Leftovers` does not find."""
