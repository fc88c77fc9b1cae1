"""Why one connection is accepted or denied: from the same compiled rules that the verdict comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.icmp import UNTOLD
from firedoor.engine.reach.near_misses import near_misses
from firedoor.engine.reach.programs import ACCEPT, DENY, PASS, decisive, terms_of
from firedoor.engine.reach.rules import terms
from firedoor.engine.reach.wording import isolation_words, rule_words
from firedoor.model.explanation import DirectionExplanation
from firedoor.model.icmp import ICMP
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.layering import Layering
    from firedoor.engine.reach.layers import Origin
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.programs import Term
    from firedoor.engine.reach.rules import AnyPolicy, CompiledPolicy, CompiledRule


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
    member = network.members[subject]
    free = _exempt(network, direction, subject, peer)
    if free:
        return _free(free)
    gaps = tuple(network.gaps_of(member, direction))
    if gaps:
        reasons = tuple(Reason(source=gap.source, detail=gap.reason) for gap in gaps)
        return DirectionExplanation(Verdict.UNKNOWN, reasons)
    layering = network.matrix[direction].layering
    profile = network.profile_of[subject]
    if not any(layering.policies(profile)):
        return _free(f"no policy isolates {member.full_name} for {direction}")
    verdict = network.judge(network.direction_value(direction, subject, peer), protocol, port)
    deciding = _deciding(network, direction, subject, peer, 1 << network.axis.atom(protocol, port))
    is_name = isinstance(peer, str) and not is_address(peer)
    near = () if is_name or protocol == ICMP else near_misses(network, direction, subject, peer, (protocol, port))
    if verdict is Verdict.ACCEPTED:
        return DirectionExplanation(verdict, tuple(_accepted(network, direction, subject, peer, deciding)))
    if verdict is Verdict.UNKNOWN:
        ends = [each for each in deciding if each.origin.rule is None and not each.term.sure]
        tail = ", if it is for the pod: part of the policy is not understood"
        reasons = (*_doubts(direction, deciding), *_isolating(network, direction, profile, ends, tail))
        note = _UNPLACED if network.lets_in(direction, subject, peer) is None else _UNSURE
        return DirectionExplanation(verdict, reasons or (Reason(detail=note),), near)
    isolating = _isolating(network, direction, profile, deciding)
    told = (_reason(each, direction) for each in _denying(deciding) if each.origin.rule is not None)
    return DirectionExplanation(verdict, (*told, *isolating), near if isolating else ())


def _denying(deciding: list[_Deciding]) -> list[_Deciding]:
    """Return what decides in the layers that deny; what the others accept does not matter."""
    actions = {(each.origin.layer.name, each.term.action) for each in deciding}
    denying = {name for name, action in actions if action == DENY and (name, ACCEPT) not in actions}
    return [each for each in deciding if each.origin.layer.name in denying] or deciding


def _isolating(
    network: Network, direction: Direction, profile: int, deciding: list[_Deciding], tail: str = ""
) -> list[Reason]:
    """Return the policies because of which a tier denies what its rules leave open."""
    tiers = {each.origin.tier.name for each in deciding if each.origin.rule is None}
    layering = network.matrix[direction].layering
    return [
        _named(policy, str(policy.policy.place), isolation_words(policy, direction, tier.name) + tail, "")
        for tier, policy in layering.placed(profile)
        if policy.isolates and tier.name in tiers
    ]


def _exempt(network: Network, direction: Direction, subject: int, peer: int | str) -> str:
    """Return why no policy is asked at all; empty when they are."""
    member = network.members[subject]
    if subject == peer:
        return "a pod can always reach itself"
    policies = network.matrix[direction].layering.policies(network.profile_of[subject])
    if not network.cni.enforced and not any(policies):
        return f"the CNI ({network.cni.name}) does not enforce network policies"
    if member.host_network:
        return f"{member.full_name} uses the node's network (hostNetwork): policies do not apply to it"
    if network.lets_in(direction, subject, peer) and not network.typed.cilium:
        return f"a node always reaches the pods that run on it ({member.node})"
    return ""


@dataclass(frozen=True, slots=True)
class _Deciding:
    """A term that may decide about the connection, and where it comes from."""

    term: Term
    origin: Origin
    is_settled: bool = True
    """Whether it decides whatever the peer turns out to be."""


def _deciding(network: Network, direction: Direction, subject: int, peer: int | str, bit: int) -> list[_Deciding]:
    """Return what decides about one port, in the order it is asked, whatever the peer turns out to be."""
    found = [
        {(_identity(each.origin), each.term.sure): each for each in _deciding_in(layering, network, subject, peer, bit)}
        for layering in network.layerings(direction, subject, peer)
    ]
    joined = {key: each for decided in found for key, each in decided.items()}
    return [_Deciding(each.term, each.origin, all(key in decided for decided in found)) for key, each in joined.items()]


def _deciding_in(layering: Layering, network: Network, subject: int, peer: int | str, bit: int) -> list[_Deciding]:
    """Return what decides in one layering; a union of rules is told as a whole."""
    program, origins = layering.traced(network.profile_of[subject])
    columns, sets = network.columns(peer), network.index.sets
    terms = list(terms_of(program))
    matched = sum(
        1 << position
        for position, term in enumerate(terms)
        if any(sets.holds(term.columns, column) for column in columns)
    )
    found = [_Deciding(term, origins[position]) for position, term in decisive(program, matched, bit)]
    found = list({(_identity(each.origin), each.term.sure): each for each in found}.values())
    unions = {(each.origin.tier.name, each.term.action) for each in found if each.origin.is_union}
    told = {_identity(each.origin) for each in found}
    for position, term in enumerate(terms):
        origin = origins[position]
        hits = matched >> position & 1 and term.ports & bit and origin.is_union
        if hits and (origin.tier.name, term.action) in unions and _identity(origin) not in told:
            found.append(_Deciding(term, origin))
            told.add(_identity(origin))
    return found


def _identity(origin: Origin) -> tuple[object, ...]:
    """Return what tells rules apart; one that was compiled case by case is one rule."""
    if origin.policy is None or origin.rule is None:
        return ("the end of a tier", origin.tier.name, origin.layer.name)
    return origin.policy.policy.ref, origin.rule.path


def _accepted(
    network: Network, direction: Direction, subject: int, peer: int | str, deciding: list[_Deciding]
) -> Iterator[Reason]:
    sure = [each for each in deciding if each.term.sure and each.origin.rule is not None]
    yield from (_reason(each, direction) for each in sure)
    if not any(each.term.action == ACCEPT for each in sure):
        name = network.members[subject].full_name
        if network.lets_in(direction, subject, peer):
            yield Reason(detail=f"{name} is reached by its own node, which no rule denies")
            return
        yield Reason(detail=f"no policy isolates {name} for {direction}, and no other rule decides this connection")


def _doubts(direction: Direction, deciding: list[_Deciding]) -> Iterator[Reason]:
    """Yield the rules that may or may not decide; of equal ones it is not defined which does."""
    for each in deciding:
        if each.origin.rule is None:
            continue
        if each.origin.rule.path == UNTOLD:
            yield _untold(each)
        elif each.term.sure and (each.origin.is_one_case or not each.is_settled):
            yield _reason(each, direction, " in some of the cases that are possible")
        elif each.term.sure:
            yield _reason(each, direction)
        elif len(each.origin.rule.peers.maybe) == each.origin.rule.peers.sets.size:
            yield _reason(each, direction, " may match: part of the rule is not evaluated")
        else:
            yield _reason(each, direction, " may match: what it asks for is not known")


def _untold(deciding: _Deciding) -> Reason:
    policy = deciding.origin.policy
    assert policy is not None  # noqa: S101 - a term with a rule has a policy
    return _named(policy, str(policy.policy.place), _OF_PLUGIN, "")


_OF_PLUGIN = "isolates the pod, and NetworkPolicy leaves it to the plugin what becomes of ICMP (--cni names the plugin)"
_UNPLACED = (
    "the source is a node, or uses its node's network: it reaches the pod if both are on one node, "
    "and it is not known where they run"
)
_UNSURE = "it is not known which of the policies apply"


def accepting_rules(
    network: Network, direction: Direction, subject: int, peer: int | str, bit: int, *, surely: bool = True
) -> Iterator[tuple[CompiledNetworkPolicy, CompiledRule]]:
    """Yield the rules that accept the port of `bit` between subject and peer; those that only may, if not `surely`."""
    column = network.column(peer)
    number = network.profile_of[subject]
    profile = network.profiles[number]
    for compiled in network.selecting(direction, number):
        for rule in compiled.rules:
            for term in terms(rule, direction, profile.ports, network.axis):
                if term.ports & bit and column in (term.peers.sure if surely else term.peers.maybe):
                    yield compiled, rule
                    break


_WORDS = {ACCEPT: "allows", DENY: "denies", PASS: "leaves to the next tier"}


def _reason(deciding: _Deciding, direction: Direction, tail: str = "") -> Reason:
    policy, rule = deciding.origin.policy, deciding.origin.rule
    assert policy is not None  # noqa: S101 - a term with a rule has a policy
    assert rule is not None  # noqa: S101 - asked for rules only
    detail = f"{_WORDS[deciding.term.action]} {rule_words(policy.policy, direction, rule.path)}{tail}"
    return _named(policy, policy.policy.place.at(rule.path), detail, rule.path)


def _named(compiled: CompiledPolicy[AnyPolicy], source: str, detail: str, path: str) -> Reason:
    ref = compiled.policy.ref
    name = f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name
    return Reason(name, path, source, detail, ref.kind)


def _free(detail: str) -> DirectionExplanation:
    return DirectionExplanation(Verdict.ACCEPTED, (Reason(detail=detail),))
