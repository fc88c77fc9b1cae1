"""
What may be the matter with a network, each as something that predicts what is seen of every probe.

Policies that are left out, read otherwise, or judged as another network plugin does, are put
into a network of their own, which is asked. Others look at the probe alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.engine.verification.off_hosts import off_hosts
from firedoor.engine.verification.readings import READINGS, read_otherwise
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.policies import DECIDING_KINDS, PolicyObject
from firedoor.model.verdicts import Verdict, both
from firedoor.model.verification import PlannedProbe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.probing import Probe, ProbeSite
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.verification import ProbePlan

MOST_TIMES = 12
"""So many of the newest times at which policies were made are looked at."""

MOST_EXPLAINED = 200
"""So many probes that differ are looked at for the policies that decide about them."""

_LISTED = 3
_PLAIN = ("networking.k8s.io", "NetworkPolicy")
_Policy: TypeAlias = NetworkPolicy | PolicyObject
Predict = Callable[[PlannedProbe], Verdict]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Something that would explain what is seen: `predict` returns what it makes of a probe."""

    id: str
    title: str
    predict: Predict
    remedy: str = ""


class Hypotheses:
    """All hypotheses about one network, which was planned for."""

    def __init__(
        self, network: Network, plan: ProbePlan, differing: Sequence[PlannedProbe], live: Network | None = None
    ) -> None:
        """`live` is the network of the policies that the cluster has, where other ones are expected."""
        self._network = network
        self._plan = plan
        self._differing = differing
        self._live = live
        self._known: dict[Probe, tuple[Verdict, Verdict]] = {}

    def all(self) -> Iterator[Hypothesis]:
        """Yield the hypotheses, those first that are the likeliest of equally good ones."""
        off = self._under(replace(self._network.cni, enforced=False))
        yield Hypothesis(
            "not-enforced",
            "nothing enforces the policies",
            off,
            "see whether the network plugin supports network policies, and whether its agent runs on every node; "
            "where it has stopped, older pods may still be protected, which --mode exec tells",
        )
        yield from self._kinds()
        if self._live is not None:
            yield Hypothesis(
                "not-applied",
                "the network does what the policies say that the cluster has, which are not those expected",
                self._asking(self._live),
                "apply the policies; `firedoor diff` shows what they change",
            )
        yield from self._times()
        yield from self._readings()
        yield from self._profiles()
        yield from self._services()
        yield from self._protocols()
        yield from self._nodes()
        yield from self._hosts()
        yield from self._ways()
        yield from self._idle()

    @cached_property
    def profiles(self) -> tuple[tuple[tuple[str, ...], Predict], ...]:
        """The names of the CNI profiles that predict the same, and what they do."""
        alike: dict[CniProfile, list[str]] = {}
        for profile in PROFILES.values():
            alike.setdefault(replace(profile, name="", summary="", icmp_as_written=False), []).append(profile.name)
        return tuple((tuple(names), self._under(replace(profile, name=names[0]))) for profile, names in alike.items())

    def _asking(self, network: Network) -> Predict:
        members = self._plan.members

        def predict(each: PlannedProbe) -> Verdict:
            probe = each.probe
            return network.verdict(members[probe.source], members[probe.destination], probe.protocol, probe.port)

        return predict

    @property
    def _policies(self) -> tuple[_Policy, ...]:
        snapshot = self._network.snapshot
        return *snapshot.network_policies, *snapshot.policy_objects

    def _keeping(self, is_kept: Callable[[_Policy], bool]) -> Predict:
        """Return the prediction of a network that has some of the policies alone."""
        snapshot = self._network.snapshot
        return self._with(
            msgspec.structs.replace(
                snapshot,
                network_policies=tuple(filter(is_kept, snapshot.network_policies)),
                policy_objects=tuple(filter(is_kept, snapshot.policy_objects)),
            )
        )

    def _under(self, cni: CniProfile) -> Predict:
        return self._asking(Network(self._network.snapshot, cni))

    def _with(self, snapshot: Snapshot) -> Predict:
        return self._asking(Network(snapshot, self._network.cni))

    def _kinds(self) -> Iterator[Hypothesis]:
        kinds = {_kind(each) for each in self._policies}
        kinds &= {*DECIDING_KINDS, _PLAIN}
        for group, kind in sorted(kinds) if len(kinds) > 1 else ():
            yield Hypothesis(
                "kind-not-enforced",
                f"policies of kind {kind} ({group}) are not enforced",
                self._keeping(partial(_is_of_another, (group, kind))),
                f"see whether the network plugin supports {kind} of {group}",
            )

    def _times(self) -> Iterator[Hypothesis]:
        times = sorted({each.metadata.creation_timestamp or "" for each in self._policies} - {""}, reverse=True)
        for time in times[: min(MOST_TIMES, len(times) - 1)]:
            yield Hypothesis(
                "stopped",
                f"policies that were made at {time} or later have no effect, as if what enforces them had stopped",
                self._keeping(partial(_is_older, time)),
                "see whether the agent of the network plugin runs, and what it logs; old rules stay when it ends",
            )

    def _readings(self) -> Iterator[Hypothesis]:
        snapshot = self._network.snapshot
        for name, title, remedy, read in READINGS:
            changed = tuple(read_otherwise(each, read) for each in snapshot.network_policies)
            if changed != snapshot.network_policies:
                other = msgspec.structs.replace(snapshot, network_policies=changed)
                yield Hypothesis(name, title, self._with(other), remedy)

    def _profiles(self) -> Iterator[Hypothesis]:
        for names, predict in self.profiles:
            if self._network.cni.name not in names and PROFILES[names[0]].enforced:
                own = self._network.cni
                what = "treats ipBlock" if own.enforced else "enforces the policies"
                yield Hypothesis(
                    "other-profile",
                    f"the network plugin {what} as the profile {names[0]} does, not as {own.name}",
                    predict,
                    f"judge with --cni {names[0]}",
                )

    def _services(self) -> Iterator[Hypothesis]:
        for blocks, title in (
            (False, "policies do not act on connections that come through a service"),
            (True, "connections through a service are blocked that pass directly: the address is translated too early"),
        ):
            if any(each.probe.is_through_service for each in self._plan.probes):
                yield Hypothesis(
                    "service",
                    title,
                    _only(lambda each: each.probe.is_through_service, blocks=blocks),
                    "see how the network plugin and the service proxy work together",
                )

    def _protocols(self) -> Iterator[Hypothesis]:
        protocols = {each.probe.protocol for each in self._plan.probes}
        for protocol in sorted(protocols) if len(protocols) > 1 else ():
            for blocks, title in (
                (False, f"policies do not act on {protocol}"),
                (True, f"{protocol} never passes between pods"),
            ):
                yield Hypothesis(
                    "protocol",
                    title,
                    _only(partial(_is_over, protocol), blocks=blocks),
                    f"see whether the network plugin supports {protocol}",
                )

    def _nodes(self) -> Iterator[Hypothesis]:
        nodes = {site.node for site in self._plan.sites} - {""}
        for node in sorted(nodes) if len(nodes) > 1 else ():
            yield Hypothesis(
                "node",
                f"nothing enforces the policies on node {node}",
                self._without_denying(partial(self._is_on, node)),
                f"see whether the agent of the network plugin runs on {node}",
            )

    def _hosts(self) -> Iterator[Hypothesis]:
        """Yield what may become of connections from pods on the network of their node, if any was tried."""
        sites = self._plan.sites
        if not any(sites[each.probe.source].host_network for each in self._plan.probes):
            return
        from_host = partial(_is_from_host, sites)
        for predict, title, remedy in (
            (
                _only(from_host, blocks=False),
                "policies do not act on connections from pods on the network of a node",
                "do not rely on policies against such pods, or see how the network plugin treats traffic of nodes",
            ),
            (
                _only(from_host, blocks=True),
                "connections from pods on the network of a node are blocked even where rules let addresses of nodes in",
                "allow nodes as the network plugin wants them named",
            ),
            (
                self._with(off_hosts(self._network.snapshot)),
                "rules choose pods on the network of a node by their labels, as if they were on the network of pods",
                "do not rely on selectors for such pods: the API leaves what they choose undefined",
            ),
        ):
            yield Hypothesis("host-network", title, predict, remedy)

    def _ways(self) -> Iterator[Hypothesis]:
        for way in Direction:
            yield Hypothesis(
                "direction",
                f"{way} rules are not enforced",
                self._without_denying(partial(_is_way, way)),
                f"see whether the network plugin supports {way} policies",
            )

    def _idle(self) -> Iterator[Hypothesis]:
        """Yield that the policies which decide about the probes that differ do nothing, if there are others."""
        network, members = self._network, self._plan.members
        names: set[tuple[str, str]] = set()
        for each in self._differing[:MOST_EXPLAINED]:
            probe = each.probe
            for way in Direction:
                ends = members[probe.source], members[probe.destination]
                told = explain_direction(network, way, *ends, probe.protocol, probe.port)
                if told.verdict is each.expected:
                    names |= {(reason.kind, reason.policy) for reason in told.because if reason.policy}
        all_names = {_name(each) for each in self._policies}
        if names and not all_names <= names:
            listed = ", ".join(f"{kind} {name}" for kind, name in sorted(names)[:_LISTED])
            more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
            yield Hypothesis(
                "policies-idle",
                f"{listed}{more} {'has' if len(names) == 1 else 'have'} no effect, and all other policies do",
                self._keeping(partial(_is_unlike, names)),
                "see whether the cluster has them as they are expected, and what the network plugin says of them",
            )

    def _is_on(self, node: str, _: Direction, site: int) -> bool:
        return self._plan.sites[site].node == node

    def _without_denying(self, is_idle: Callable[[Direction, int], bool]) -> Predict:
        """Return the prediction if policies of some directions at some sites denied nothing."""

        def predict(each: PlannedProbe) -> Verdict:
            egress, ingress = self._halves(each.probe)
            return both(
                Verdict.ACCEPTED if is_idle(Direction.EGRESS, each.probe.source) else egress,
                Verdict.ACCEPTED if is_idle(Direction.INGRESS, each.probe.destination) else ingress,
            )

        return predict

    def _halves(self, probe: Probe) -> tuple[Verdict, Verdict]:
        """Return what the policies on the source and on the destination say of a connection."""
        found = self._known.get(probe)
        if found is None:
            network, members = self._network, self._plan.members
            source, destination = members[probe.source], members[probe.destination]
            outgoing = network.direction_value(Direction.EGRESS, source, destination)
            incoming = network.direction_value(Direction.INGRESS, destination, source)
            egress, ingress = (network.judge(each, probe.protocol, probe.port) for each in (outgoing, incoming))
            found = self._known[probe] = egress, ingress
        return found


def _only(is_meant: Callable[[PlannedProbe], bool], *, blocks: bool) -> Predict:
    """Return the prediction that some probes are all blocked, or all connect, and the others are as expected."""
    verdict = Verdict.DENIED if blocks else Verdict.ACCEPTED
    return lambda each: verdict if is_meant(each) else each.expected


def _name(policy: _Policy) -> tuple[str, str]:
    ref = policy.ref
    return ref.kind, f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name


def _kind(policy: _Policy) -> tuple[str, str]:
    return (policy.group, policy.kind) if isinstance(policy, PolicyObject) else _PLAIN


def _is_of_another(kind: tuple[str, str], policy: _Policy) -> bool:
    return _kind(policy) != kind


def _is_older(time: str, policy: _Policy) -> bool:
    return (policy.metadata.creation_timestamp or "") < time


def _is_unlike(names: set[tuple[str, str]], policy: _Policy) -> bool:
    return _name(policy) not in names


def _is_over(protocol: str, each: PlannedProbe) -> bool:
    return each.probe.protocol == protocol


def _is_from_host(sites: Sequence[ProbeSite], each: PlannedProbe) -> bool:
    return sites[each.probe.source].host_network


def _is_way(wanted: Direction, direction: Direction, _: int) -> bool:
    return direction is wanted
