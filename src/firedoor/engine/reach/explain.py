"""Why one connection is accepted or denied: from the same compiled rules that the verdict comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.near_misses import near_misses
from firedoor.engine.reach.rules import terms
from firedoor.model.explanation import DirectionExplanation
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule


def explain_direction(
    network: Network,
    direction: Direction,
    source: int | str,
    destination: int | str,
    protocol: str,
    port: int,
) -> DirectionExplanation:
    """Return the verdict of one end on a connection, what decided it, and what came close."""
    subject, peer = (destination, source) if direction is Direction.INGRESS else (source, destination)
    if not isinstance(subject, int):
        return _free(f"{subject} is outside the cluster: no policy restricts it")
    if source == destination:
        return _free("a pod can always reach itself")
    if not network.cni.enforced:
        return _free(f"the CNI ({network.cni.name}) does not enforce network policies")
    member = network.members[subject]
    if member.host_network:
        return _free(f"{member.full_name} uses the node's network (hostNetwork): policies do not apply to it")
    if direction is Direction.INGRESS and network.same_node(peer, member) is True:
        return _free(f"a node always reaches the pods that run on it ({member.node})")
    gaps = tuple(network.gaps_of(member, direction))
    if gaps:
        reasons = tuple(Reason(source=gap.source, detail=gap.reason) for gap in gaps)
        return DirectionExplanation(Verdict.UNKNOWN, reasons)
    value = network.direction_value(direction, subject, peer)
    verdict = network.judge(value, protocol, port)
    selecting = list(selecting_policies(network, direction, subject))
    if not selecting:
        return _free(f"no policy isolates {member.full_name} for {direction}")
    bit = 1 << network.axis.atom(protocol, port)
    sure, maybe = _matching(network, direction, subject, peer, bit)
    near = near_misses(network, direction, subject, peer, (protocol, port))
    if verdict is Verdict.ACCEPTED:
        return DirectionExplanation(verdict, tuple(sure))
    if verdict is Verdict.UNKNOWN:
        unplaced = direction is Direction.INGRESS and network.same_node(peer, member) is None
        notes = [Reason(detail=_UNPLACED)] if unplaced and not maybe else []
        return DirectionExplanation(verdict, (*maybe, *notes), near)
    isolating = tuple(
        Reason(each.policy.name, "", str(each.policy.place), _isolates(each, direction)) for each in selecting
    )
    return DirectionExplanation(verdict, isolating, near)


_UNPLACED = (
    "the source is a node, or uses its node's network: it reaches the pod if both are on one node, "
    "and it is not known where they run"
)


def selecting_policies(network: Network, direction: Direction, subject: int) -> Iterator[CompiledPolicy]:
    """Yield the policies that isolate a member in a direction."""
    profile = network.profile_of[subject]
    for compiled in network.compiled[direction]:
        if profile in compiled.selected:
            yield compiled


def accepting_rules(
    network: Network, direction: Direction, subject: int, peer: int | str, bit: int, *, surely: bool = True
) -> Iterator[tuple[CompiledPolicy, CompiledRule]]:
    """Yield the rules that accept the port of `bit` between subject and peer; those that only may, if not `surely`."""
    column = network.column(peer)
    profile = network.profiles[network.profile_of[subject]]
    for compiled in selecting_policies(network, direction, subject):
        for rule in compiled.rules:
            for term in terms(rule, direction, profile, network.profiles, network.axis):
                if term.ports & bit and column in (term.peers.sure if surely else term.peers.maybe):
                    yield compiled, rule
                    break


def _matching(
    network: Network, direction: Direction, subject: int, peer: int | str, bit: int
) -> tuple[list[Reason], list[Reason]]:
    """Return the rules that surely match, and those that may."""
    sure = accepting_rules(network, direction, subject, peer, bit)
    maybe = accepting_rules(network, direction, subject, peer, bit, surely=False)
    tail = " may match: the address of the peer is not known"
    return (
        [_reason(compiled, rule, direction) for compiled, rule in sure],
        [_reason(compiled, rule, direction, tail) for compiled, rule in maybe],
    )


def _reason(compiled: CompiledPolicy, rule: CompiledRule, direction: Direction, tail: str = "") -> Reason:
    policy = compiled.policy
    number = int(rule.path.rpartition("[")[2][:-1])
    spoken = policy.rules(direction)[number]
    way = "from" if direction is Direction.INGRESS else "to"
    peers = " or ".join(map(str, spoken.peers)) or "anyone"
    ports = ", ".join(map(str, spoken.ports)) or "all ports"
    return Reason(policy.name, rule.path, policy.place.at(rule.path), f"allows {ports} {way} {peers}{tail}")


def _isolates(compiled: CompiledPolicy, direction: Direction) -> str:
    rules = len(compiled.rules)
    what = (
        "lists no rule"
        if not rules
        else f"none of its {rules} rules matches"
        if rules > 1
        else "its rule does not match"
    )
    selector = compiled.policy.spec.pod_selector
    whom = "every pod of its namespace" if selector.is_empty else f"pods {selector}"
    return f"isolates {whom} for {direction}, and {what}"


def _free(detail: str) -> DirectionExplanation:
    return DirectionExplanation(Verdict.ACCEPTED, (Reason(detail=detail),))
