"""
What was seen of the probes of a plan so far, and what that says of each of them.

That a connection does not come about says nothing as long as it might not come about anyway.
It is taken as blocked only if something listens at its destination (a connection to that port,
if only from the pod to itself, came about), its source can make attempts (any connection of
the protocol from there did) and, through a service, the service leads there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.model.probing import Outcome, Probe
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import CheckedProbe, Judgement, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.model.probing import Sighting
    from firedoor.model.verification import PlannedProbe, ProbePlan

_NOTHING_SEEN = {Outcome.CHECK_FAILED, Outcome.UNRESOLVED}
_SOURCE_LOST = "nothing connected from {site} over {protocol}, not even to itself ({outcome})"
_NOT_LISTENING = "nothing answers on {protocol}/{port} at {site}, not even {site} itself ({outcome})"
_NO_SERVICE = "the service for {protocol}/{port} at {site} leads nowhere, not even from {site} itself ({outcome})"


class Ledger:
    """Collects sightings of one plan, and judges by them."""

    def __init__(self, plan: ProbePlan, unusable: Mapping[int, str]) -> None:
        """Start without any; `unusable` are the sites that cannot be used, with the reason."""
        self._plan = plan
        self._unusable = unusable
        self._last: dict[Probe, Sighting] = {}
        self._attempts: dict[Probe, int] = {}
        self._first: dict[Probe, float] = {}
        self._agreed: dict[Probe, float] = {}
        self._differed: set[Probe] = set()
        self._connecting: set[tuple[int, str]] = set()
        self._answering: set[tuple[int, str, int, bool]] = set()

    def controls(self) -> list[Probe]:
        """Return the controls that are needed and have not passed yet, sorted."""
        wanted: set[Probe] = set()
        for each in self._plan.probes:
            probe = each.probe
            if self._is_lost(probe):
                continue
            source, destination = self._source_control(probe), _control(probe)
            if (probe.source, probe.protocol) not in self._connecting:
                wanted.add(source)
            if _answer(probe) not in self._answering:
                wanted.add(destination)
            if probe.is_through_service and _answer(replace(probe, is_through_service=False)) not in self._answering:
                wanted.add(replace(destination, is_through_service=False))
        return sorted(wanted)

    def _source_control(self, probe: Probe) -> Probe:
        ports = [port for protocol, port in self._plan.sites[probe.source].listening if protocol == probe.protocol]
        return Probe(probe.source, probe.source, probe.protocol, ports[0])

    def usable(self) -> list[Probe]:
        """Return the probes between sites that can be used."""
        return [each.probe for each in self._plan.probes if not self._is_lost(each.probe)]

    def open(self) -> list[Probe]:
        """Return the probes that may come to agree when they are tried again."""
        again = {Judgement.DIFFERS, Judgement.UNCHECKED}
        return [each.planned.probe for each in self.checked() if each.judgement in again and each.attempts]

    def take(self, sighting: Sighting, now: float) -> None:
        """Take in what was seen at a time, in seconds since any."""
        probe = sighting.probe
        self._last[probe] = sighting
        self._attempts[probe] = self._attempts.get(probe, 0) + 1
        self._first.setdefault(probe, now)
        if sighting.outcome is Outcome.CONNECTED:
            self._connecting.add((probe.source, probe.protocol))
            self._answering.add(_answer(probe))

    def settle(self, now: float) -> None:
        """Note what agrees by now, at this time, and what differs."""
        for each in self.checked():
            if each.judgement in {Judgement.AGREES, Judgement.LATE}:
                self._agreed.setdefault(each.planned.probe, now)
            elif each.judgement is Judgement.DIFFERS:
                self._differed.add(each.planned.probe)

    def checked(self) -> Iterator[CheckedProbe]:
        """Yield what is to be said of each probe of the plan by now, in its order."""
        for planned in self._plan.probes:
            yield self._judged(planned)

    def _judged(self, planned: PlannedProbe) -> CheckedProbe:
        probe = planned.probe
        sighting = self._last.get(probe)
        seen, why = self._seen(probe, sighting)
        judgement, late = _judgement(planned.expected, seen), 0.0
        if judgement is Judgement.AGREES and probe in self._differed:
            judgement, late = Judgement.LATE, self._agreed.get(probe, self._first[probe]) - self._first[probe]
        return CheckedProbe(planned, seen, judgement, sighting, why, self._attempts.get(probe, 0), late)

    def _seen(self, probe: Probe, sighting: Sighting | None) -> tuple[Seen, str]:
        """Return what the network did, and why that cannot be told."""
        if sighting is None:
            return Seen.NOT_CHECKED, self._lost_reason(probe)
        if sighting.outcome is Outcome.CONNECTED:
            return Seen.CONNECTED, ""
        if sighting.outcome in _NOTHING_SEEN:
            return Seen.NOT_CHECKED, f"{sighting.outcome}: {sighting.detail}" if sighting.detail else sighting.outcome
        why = self._doubt(probe)
        return (Seen.NOT_CHECKED, why) if why else (Seen.BLOCKED, "")

    def _doubt(self, probe: Probe) -> str:
        """Return why a connection that does not come about may be no doing of a policy; empty where it is."""
        direct = replace(probe, is_through_service=False)
        if (probe.source, probe.protocol) not in self._connecting:
            return self._said(_SOURCE_LOST, self._source_control(probe))
        if _answer(direct) not in self._answering:
            return self._said(_NOT_LISTENING, _control(direct))
        if _answer(probe) not in self._answering:
            return self._said(_NO_SERVICE, _control(probe))
        return ""

    def _said(self, text: str, control: Probe) -> str:
        sighting = self._last.get(control)
        return text.format(
            site=self._plan.sites[control.destination],
            protocol=control.protocol,
            port=control.port,
            outcome="not tried" if sighting is None else sighting.outcome,
        )

    def _is_lost(self, probe: Probe) -> bool:
        return probe.source in self._unusable or probe.destination in self._unusable

    def _lost_reason(self, probe: Probe) -> str:
        for site in (probe.source, probe.destination):
            if site in self._unusable:
                return f"{self._plan.sites[site]} cannot be used: {self._unusable[site]}"
        return "it was not tried"


def _control(probe: Probe) -> Probe:
    """Return the probe of a destination to itself."""
    return replace(probe, source=probe.destination)


def _answer(probe: Probe) -> tuple[int, str, int, bool]:
    return probe.destination, probe.protocol, probe.port, probe.is_through_service


def _judgement(expected: Verdict, seen: Seen) -> Judgement:
    if seen is Seen.NOT_CHECKED:
        return Judgement.UNCHECKED
    if expected is Verdict.UNKNOWN:
        return Judgement.UNKNOWN
    wanted = Seen.CONNECTED if expected is Verdict.ACCEPTED else Seen.BLOCKED
    return Judgement.AGREES if seen is wanted else Judgement.DIFFERS
