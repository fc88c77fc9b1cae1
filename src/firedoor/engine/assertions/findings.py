"""What an intent demands of a value, and what was found that is otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.model.icmp import ICMP
from firedoor.model.intents import Intent, IntentKind

if TYPE_CHECKING:
    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.values import Value
    from firedoor.model.icmp import IcmpMessage

Pair = tuple[int | str, int | str]
"""Two ends as the network takes them."""


@dataclass(frozen=True, slots=True)
class Demand:
    """That all ports of a mask are accepted, or that all are denied."""

    ports: int
    is_allow: bool

    @staticmethod
    def of(axis: PortAxis, intent: Intent, message: IcmpMessage | None) -> Demand:
        """Return what an intent demands, on the ports of a network, or of the message that it can tell of."""
        ports = 0 if message is None else axis.mask(ICMP)
        for protocol, first, last in intent.ports if message is None else ():
            ports |= axis.mask(protocol, first, last)
        return Demand(ports, intent.kind is IntentKind.MUST_ALLOW)

    def broken_by(self, value: Value) -> tuple[int, int]:
        """Return the ports whose verdict is surely another one, and those whose verdict is unknown."""
        unknown = self.ports & value[1] & ~value[0]
        return self.ports & (~value[1] if self.is_allow else value[0]), unknown


@dataclass(slots=True)
class Finding:
    """Connections of two workloads, or of one with addresses, that are not as demanded, and one pair of them."""

    source: str
    destination: str
    pair: Pair
    sure: int = 0
    unknown: int = 0


class Findings:
    """Collects findings, one for each pair of names."""

    def __init__(self, demand: Demand) -> None:
        """Collect what is not as demanded."""
        self.demand = demand
        self._found: dict[tuple[str, str], Finding] = {}

    def add(self, source: str, destination: str, pair: Pair, value: Value) -> None:
        """Take in the value of one pair, which stands for all that bear the names and behave alike."""
        sure, unknown = self.demand.broken_by(value)
        if not (sure or unknown):
            return
        found = self._found.get((source, destination))
        if found is None:
            found = self._found[source, destination] = Finding(source, destination, pair)
        if sure and not found.sure:
            found.pair = pair
        found.sure |= sure
        found.unknown |= unknown

    @property
    def sorted(self) -> list[Finding]:
        """All findings: those that are sure first, then by name."""
        return sorted(self._found.values(), key=lambda each: (not each.sure, each.source, each.destination))
