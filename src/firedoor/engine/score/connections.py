"""Connections between pods: how many are closed, and how many pods deny what nothing allows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.shares import shares
from firedoor.engine.score.denying import denies_by_default
from firedoor.engine.score.unread import RUNNING, unread
from firedoor.model.networkpolicy import Direction
from firedoor.model.score import Measure, MeasureId, Unit
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.reach.layers import Policy
    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef

_MOST_POLICIES = 4

UsedConnection = tuple[int | str, int | str, str, int]
"""A connection that was seen: source and destination as `Network` has ends, protocol and port."""


class Connections:
    """Counts the connections of a network."""

    def __init__(self, network: Network) -> None:
        """Look at a network."""
        self._network = network
        self._denying: dict[tuple[int, Direction], bool | None] = {}

    def closed(self, direction: Direction) -> Measure:
        """Return how many ordered pairs of different pods may exchange nothing, by the workload that they end at."""
        name = MeasureId.CONNECTIONS_IN if direction is Direction.INGRESS else MeasureId.CONNECTIONS_OUT
        units = [self._pairs(workload, counts, direction) for workload, counts in self._shares[direction]]
        return Measure(name, (*units, *unread(self._network.snapshot.gaps, RUNNING)))

    def default_deny(self, direction: Direction) -> Measure:
        """Return how many pods deny what no rule allows."""
        ingress = direction is Direction.INGRESS
        name = MeasureId.DEFAULT_DENY_INGRESS if ingress else MeasureId.DEFAULT_DENY_EGRESS
        units = [self._covered(workload, direction) for workload in self._places]
        return Measure(name, (*units, *unread(self._network.snapshot.gaps, RUNNING)))

    def used(self, seen: Sequence[UsedConnection] | None) -> Measure:
        """Return how many connections that were seen a rule allows, at each end that is a pod."""
        if seen is None:
            return Measure(MeasureId.USED_CONNECTIONS, reason="no connections that were used are known")
        return Measure(MeasureId.USED_CONNECTIONS, tuple(map(self._explicit, dict.fromkeys(seen))))

    @cached_property
    def _shares(self) -> dict[Direction, list[tuple[ObjectRef, tuple[int, ...]]]]:
        found = shares(self._network)
        return {
            Direction.INGRESS: [(each.workload, each.incoming) for each in found],
            Direction.EGRESS: [(each.workload, each.outgoing) for each in found],
        }

    @cached_property
    def _places(self) -> dict[ObjectRef, list[int]]:
        """The members of each workload."""
        found: dict[ObjectRef, list[int]] = {}
        for position, member in enumerate(self._network.members):
            found.setdefault(member.workload, []).append(position)
        return dict(sorted(found.items()))

    def _pairs(self, workload: ObjectRef, counts: tuple[int, ...], direction: Direction) -> Unit:
        wide, narrow, unknown = counts[Extent.ALL], counts[Extent.SOME], counts[Extent.UNKNOWN]
        total, closed = sum(counts), counts[Extent.NONE]
        if total == closed:
            return Unit(workload.namespace, workload, total, closed)
        way = "to" if direction is Direction.INGRESS else "from"
        parts = ((wide, "open on every port"), (narrow, "open on some"), (unknown, "not known"))
        told = ", ".join(f"{number} {words}" for number, words in parts if number)
        checks, why = self._cause(workload, direction)
        source = self._network.members[self._places[workload][0]].place
        what = f"of {total} connections {way} its pods: {told}; {why}"
        return Unit(workload.namespace, workload, total, closed, unknown, what, checks, str(source))

    def _covered(self, workload: ObjectRef, direction: Direction) -> Unit:
        positions = self._places[workload]
        verdicts = [self._denies(each, direction) for each in positions]
        met, unknown = verdicts.count(True), verdicts.count(None)
        if met == len(positions):
            return Unit(workload.namespace, workload, met, met)
        checks, why = self._cause(workload, direction)
        source = str(self._network.members[positions[0]].place)
        return Unit(workload.namespace, workload, len(positions), met, unknown, why, checks, source)

    def _cause(self, workload: ObjectRef, direction: Direction) -> tuple[tuple[str, ...], str]:
        """Return why connections of a workload are open in a direction, and the checks that find that."""
        positions = self._places[workload]
        if not self._network.cni.enforced:
            return ("cni-not-enforcing",), "no network plugin enforces policies"
        if any(self._network.members[each].host_network for each in positions):
            return ("pss-host-namespaces",), "its pods are on the network of their node, where no policy applies"
        if any(self._denies(each, direction) is None for each in positions):
            return (), "policies on it could not be read"
        policies = self._policies(positions, direction)
        told = _listed(policies)
        if all(self._denies(each, direction) for each in positions):
            return (), f"allowed by {told}"
        if any(each.isolates for each in policies):
            return ("rule-allows-everything",), f"what {told} allow is everything"
        other = Direction.EGRESS if direction is Direction.INGRESS else Direction.INGRESS
        if policies or self._policies(positions, other):
            return ("namespace-without-default-deny",), f"no policy on it denies by default for {direction}"
        return ("pod-unprotected", "namespace-without-default-deny"), "no policy applies to it"

    def _policies(self, positions: Iterable[int], direction: Direction) -> list[Policy]:
        layering = self._network.matrix[direction].layering
        profiles = dict.fromkeys(self._network.profile_of[each] for each in positions)
        found = {str(each.policy.ref): each for profile in profiles for each in layering.policies(profile)}
        return [found[name] for name in sorted(found)]

    def _denies(self, position: int, direction: Direction) -> bool | None:
        """Return whether a pod denies what nothing allows; None where that is not known."""
        key = self._network.profile_of[position], direction
        if key not in self._denying:
            self._denying[key] = self._judged(position, direction)
        return self._denying[key]

    def _judged(self, position: int, direction: Direction) -> bool | None:
        """Return the same, which all pods of one profile have in common."""
        network = self._network
        member = network.members[position]
        if member.host_network:
            return False
        if next(network.gaps_of(member, direction), None) is not None:
            return None
        matrix = network.matrix[direction]
        program = matrix.programs[matrix.program_of[network.profile_of[position]]]
        return denies_by_default(program, network.axis.everything)

    def _explicit(self, seen: UsedConnection) -> Unit:
        source, destination, protocol, port = seen
        network = self._network
        pods = ((Direction.EGRESS, source), (Direction.INGRESS, destination))
        denying = [self._denies(end, direction) for direction, end in pods if isinstance(end, int)]
        verdict = network.verdict(*seen)
        is_unknown = verdict is Verdict.UNKNOWN or (verdict is Verdict.ACCEPTED and None in denying)
        is_met = verdict is Verdict.ACCEPTED and all(denying)
        about = next(network.members[end].workload for _, end in reversed(pods) if isinstance(end, int))
        what = f"{self._name(source)} to {self._name(destination)} on {protocol} {port}: {verdict}"
        if verdict is Verdict.ACCEPTED and not is_met:
            what += " and no rule is needed for that"
        return Unit(about.namespace, about, 1, int(is_met), int(is_unknown and not is_met), what)

    def _name(self, end: int | str) -> str:
        return end if isinstance(end, str) else self._network.members[end].full_name


def _listed(policies: Sequence[Policy]) -> str:
    names = [str(each.policy.ref) for each in policies[:_MOST_POLICIES]]
    more = f" and {len(policies) - _MOST_POLICIES} more" if len(policies) > _MOST_POLICIES else ""
    return ", ".join(names) + more
