"""Intents against a network: classes of pods are asked about, and only what fails is told workload by workload."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.algebra.ports import ALL_TRAFFIC, Traffic
from firedoor.engine.assertions.ends import EndFinder
from firedoor.engine.assertions.findings import Demand, Findings
from firedoor.engine.assertions.pairs import PairFinder
from firedoor.engine.reach.explain import explain_direction
from firedoor.model.icmp import ICMP
from firedoor.model.intents import Intent, IntentKind, IntentResult, Violation
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from firedoor.engine.assertions.findings import Finding
    from firedoor.engine.reach.network import Network

MOST_VIOLATIONS = 5
"""Violations of one intent that are explained."""


class Verifier:
    """Tells of intents whether one network holds to them: on their ports or, if the network can tell, of a message."""

    def __init__(self, network: Network, most: int = MOST_VIOLATIONS) -> None:
        """Explain at most so many violations of each intent."""
        self.network = network
        self._most = most
        self._message = network.scene.icmp
        self.finder = EndFinder(network)
        self.pairs = PairFinder(network, self.finder)

    def result(self, intent: Intent) -> IntentResult:
        """Return whether the intent holds, and where not."""
        sources, destinations = self.finder.ends(intent.sources), self.finder.ends(intent.destinations)
        problems = [f"{text}: matches no pod" for text in (*sources.unmatched, *destinations.unmatched)]
        if intent.kind is IntentKind.ONLY_THESE:
            sources = self.finder.rest(sources)
        if not (problems or sources.members or destinations.members):
            problems.append("neither end is a pod")
        found = Findings(Demand.of(self.network.axis, intent, self._message))
        self.pairs.judge(sources, destinations, found)
        shown = found.sorted[: self._most]
        return IntentResult(
            intent,
            () if intent.allow_empty else tuple(problems),
            tuple(self._violation(intent, each) for each in shown),
            len(found.sorted) - len(shown),
        )

    def _violation(self, intent: Intent, found: Finding) -> Violation:
        network = self.network
        traffic, unknown = (told(network, mask, intent) for mask in (found.sure, found.unknown))
        protocol, port, _ = (traffic or unknown)[0]
        source, destination = found.pair
        egress, ingress = (
            explain_direction(network, way, source, destination, protocol, port)
            for way in (Direction.EGRESS, Direction.INGRESS)
        )
        return Violation(
            found.source,
            found.destination,
            traffic,
            unknown,
            protocol,
            port,
            network.verdict(source, destination, protocol, port),
            egress,
            ingress,
            self._message,
        )


def told(network: Network, mask: int, intent: Intent) -> Traffic:
    """Return the traffic of a mask that an intent is about; a message has no ports, and is port 0."""
    if network.scene.icmp is not None:
        return ((ICMP, 0, 0),) if mask else ()
    return _within(network.axis.traffic(mask), intent.ports)


def _within(traffic: Traffic, asked: Traffic) -> Traffic:
    """Return the part of a traffic that was asked about."""
    if asked == ALL_TRAFFIC:
        return traffic
    wanted = defaultdict(list)
    for protocol, first, last in asked:
        wanted[protocol].append((first, last))
    return tuple(
        (protocol, max(first, low), min(last, high))
        for protocol, first, last in traffic
        for low, high in wanted[protocol]
        if max(first, low) <= min(last, high)
    )
