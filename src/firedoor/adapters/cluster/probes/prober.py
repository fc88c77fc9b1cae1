"""The prober of a live cluster: which attempts, how many at the same time, and that nothing stays behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from firedoor.adapters.cluster.probes.pacing import Pace, at_once_by
from firedoor.errors import SourceError
from firedoor.model.probing import Outcome, Sighting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.adapters.cluster.probes.anchors import Anchors
    from firedoor.adapters.cluster.probes.ends import Ends
    from firedoor.adapters.cluster.probes.leftovers import Leftovers
    from firedoor.adapters.cluster.probes.services import Services
    from firedoor.adapters.cluster.probes.settings import ProbeSettings, Run
    from firedoor.interfaces import Progress
    from firedoor.model.probing import Probe, ProbeSite, Stand

CLOSING_PATIENCE = 60.0
_OTHER_ADDRESS = "the answer of a node may come from another of its addresses, and is not taken then"


class LiveProber:
    """
    Tries connections between pods of a live cluster; implements ``interfaces.PlacedProber``.

    `has_told` says that it could not remove all that it made, and has said so.
    """

    def __init__(
        self,
        settings: ProbeSettings,
        run: Run,
        ends: Ends,
        services: Services,
        anchors: Anchors,
        leftovers: Leftovers,
    ) -> None:
        """Put the parts together; nothing is sent yet."""
        self._settings = settings
        self._run = run
        self._ends = ends
        self._services = services
        self._anchors = anchors
        self._leftovers = leftovers
        self._sites: Sequence[ProbeSite] = ()
        self._unusable: dict[int, str] = {}
        self._pace = Pace(settings.rate)
        self.has_told = False

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> Mapping[int, str]:
        """Make the sites ready, and return those that cannot be used, with the reason."""
        self._sites = sites
        self._unusable = self._ends.prepare(sites, progress)
        return dict(self._unusable)

    def stands(self) -> Mapping[int, Stand]:
        """Return the pod that stands for each usable site, by position."""
        return {each: self._ends.stand(each) for each in range(len(self._sites)) if each not in self._unusable}

    def run(self, probes: Iterable[Probe]) -> Iterator[Sighting]:
        """Yield what is seen of each probe, in the order in which they end."""
        most, most_each = self._settings.concurrency, self._ends.most_each
        return at_once_by(lambda each: each.source, self._seen, probes, most, most_each)

    def close(self) -> None:
        """Remove all that was made; raises ``SourceError``, which says what is left, where that fails."""
        self._ends.close()
        namespaces = set(self._anchors.namespaces)
        if namespaces:
            try:
                self._leftovers.remove(self._run.selector, namespaces, CLOSING_PATIENCE, self._ends.kinds)
            except SourceError:
                self.has_told = True
                raise
            self._anchors.namespaces.difference_update(namespaces)

    def _seen(self, probe: Probe) -> Sighting:
        fault = self._unusable.get(probe.source) or self._unusable.get(probe.destination)
        if fault:
            return Sighting(probe, Outcome.CHECK_FAILED, fault)
        host = self._ends.address(probe.destination)
        if probe.is_through_service:
            host, fault = self._services.address(probe.destination, self._sites[probe.destination])
            if fault:
                return Sighting(probe, Outcome.CHECK_FAILED, fault)
        self._pace.wait()
        begin = time.monotonic()
        outcome, detail = self._ends.attempt(probe.source, probe.protocol, host, probe.port)
        seconds = time.monotonic() - begin
        is_on_node = self._sites[probe.destination].host_network
        if outcome is Outcome.TIMED_OUT and probe.protocol == "UDP" and is_on_node and not probe.is_control:
            return Sighting(probe, Outcome.CHECK_FAILED, f"{detail}; {_OTHER_ADDRESS}", seconds)
        return Sighting(probe, outcome, detail, seconds)
