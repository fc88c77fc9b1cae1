"""Which connections that were used lately a change of a NetworkPolicy would cut."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice, product
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.algebra.cidrs import format_address, parse_cidr
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.engine.synth.basis_flows import basis_from_flows
from firedoor.model.flows import FlowVerdict
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.preview import Fate
from firedoor.model.verdicts import Verdict
from firedoor.usecases.preview import fates

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.admission import Proposal
    from firedoor.model.flows import FlowEdge
    from firedoor.model.generation import Need, Party
    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef
    from firedoor.model.preview import Replayed
    from firedoor.model.workloads import Workload

MOST_SHOWN = 3
"""Connections that are named."""
_MOST_TRIED = 64
"""Pairs of pods of two workloads, of which one is looked for that is denied."""
_SECOND = 10**9
_USED = {FlowVerdict.ALLOWED, FlowVerdict.AUDITED}


class UsedConnections:
    """The connections of one cluster that were seen, and which of them a change of a policy would cut."""

    def __init__(self, network: Network, edges: Iterable[FlowEdge]) -> None:
        """
        Find whom the edges are between, among the pods of a network; those of others are nobody's any more.

        Those that were allowed count, and those that a policy in audit mode would have denied.
        """
        self._snapshot = snapshot = network.snapshot
        self._cni = network.cni
        self._namespaces = network.namespaces
        used = (replace(each, verdict=FlowVerdict.ALLOWED) for each in edges if each.verdict in _USED)
        self._needs: dict[str, list[Need]] = {}
        for need in basis_from_flows(network, used).needs:
            for namespace in _namespaces(need):
                self._needs.setdefault(namespace, []).append(need)
        self._members: dict[str, list[Member]] = {}
        for member in network.members:
            self._members.setdefault(member.namespace, []).append(member)
        self._policies: dict[str, list[NetworkPolicy]] = {}
        for policy in snapshot.network_policies:
            self._policies.setdefault(policy.metadata.namespace, []).append(policy)
        self._workloads: dict[str, list[Workload]] = {}
        for workload in snapshot.workloads:
            self._workloads.setdefault(workload.metadata.namespace, []).append(workload)

    def cut_by(self, proposal: Proposal) -> str:
        """Return which connections a change of a NetworkPolicy would cut, in words; empty where it cuts none."""
        some = proposal.new if proposal.new is not None else proposal.old
        if not isinstance(some, NetworkPolicy):
            return ""
        needs = self._needs.get(some.metadata.namespace, [])
        if not needs:
            return ""
        now, then = self._networks(needs, some.ref, proposal.new if isinstance(proposal.new, NetworkPolicy) else None)
        judged = zip(needs, fates(now, then, [(need, True) for need in needs]), strict=True)
        broken = sorted(
            ((need, each) for need, each in judged if each.fate is Fate.BREAKS),
            key=lambda pair: (-pair[1].count, pair[0].sort_key),
        )
        if not broken:
            return ""
        shown = ", ".join(_told(each) for _, each in broken[:MOST_SHOWN])
        more = f" and {len(broken) - MOST_SHOWN} more" if len(broken) > MOST_SHOWN else ""
        what = "1 connection that was used" if len(broken) == 1 else f"{len(broken)} connections that were used"
        deciding = sorted({name for need, _ in broken[:MOST_SHOWN] for name in _deciding(then, need)})
        why = f"; denied by {', '.join(deciding)}" if deciding else ""
        return f"{what} would be cut: {shown}{more}{why}"

    def _networks(self, needs: Iterable[Need], ref: ObjectRef, new: NetworkPolicy | None) -> tuple[Network, Network]:
        """Return the part of the network that some connections are in, without and with a change."""
        spaces = sorted({ref.namespace, *(each for need in needs for each in _namespaces(need))})
        members = [each for space in spaces for each in self._members.get(space, ())]
        policies = [each for space in spaces for each in self._policies.get(space, ())]
        changed = [each for each in policies if each.ref != ref] + ([new] if new is not None else [])
        workloads = self._snapshot.workloads
        if not self._snapshot.policy_objects:
            # A mesh looks at all of them; otherwise those of others are of no use.
            workloads = tuple(each for space in spaces for each in self._workloads.get(space, ()))
        now, then = (
            Network(
                replace(self._snapshot, network_policies=tuple(some), workloads=workloads),
                self._cni,
                population=(members, self._namespaces),
            )
            for some in (policies, changed)
        )
        return now, then


def _namespaces(need: Need) -> set[str]:
    return {each.workload.namespace for each in (need.source, need.destination) if each.workload is not None}


def _told(each: Replayed) -> str:
    last = datetime.fromtimestamp(each.last // _SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    times = "once" if each.count == 1 else f"{each.count:,} times"
    return f"{each.source} -> {each.destination} {each.protocol}/{each.port} ({times}, last {last})"


def _deciding(network: Network, need: Need) -> Iterator[str]:
    """Yield the policies that deny a connection, those of the first pair of pods that cannot have it."""
    pairs = product(_ends(network, need.source), _ends(network, need.destination))
    for source, destination in islice(pairs, _MOST_TRIED):
        if source == destination:
            continue
        if network.verdict(source, destination, need.protocol, need.first) is not Verdict.DENIED:
            continue
        for direction in Direction:
            told = explain_direction(network, direction, source, destination, need.protocol, need.first)
            if told.verdict is Verdict.DENIED:
                yield from (f"{each.kind or 'NetworkPolicy'} {each.policy}" for each in told.because if each.policy)
        return


def _ends(network: Network, party: Party) -> list[int | str]:
    if party.workload is not None:
        return [position for position, each in enumerate(network.members) if each.workload == party.workload]
    blocks = [parse_cidr(each) for each in party.blocks]
    return [format_address(family, first) for family, first, _ in blocks]
