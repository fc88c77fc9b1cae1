"""Laws that hold for any set of policies, whatever the verdicts are."""

from __future__ import annotations

from itertools import product
from random import Random

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from firedoor.engine.reach.network import Network
from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    EgressRule,
    IngressRule,
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.snapshot import Snapshot
from firedoor.model.verdicts import Verdict
from tests.examples import some
from tests.properties.worlds import World, worlds
from tests.strategies.selectors import NAMESPACES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

RANK = {Verdict.DENIED: 0, Verdict.UNKNOWN: 1, Verdict.ACCEPTED: 2}
PEERS = st.sampled_from(
    (
        (),
        (NetworkPolicyPeer(pod_selector=LabelSelector({"app": "web"})),),
        (NetworkPolicyPeer(namespace_selector=LabelSelector()),),
        (NetworkPolicyPeer(ip_block=IPBlock("10.0.0.0/8", ("10.1.0.4/32",))),),
    )
)
PORTS = st.sampled_from(((), (NetworkPolicyPort("TCP", 80),), (NetworkPolicyPort("TCP", "http"),)))


def _verdicts(snapshot: Snapshot, world: World) -> list[Verdict]:
    network = Network(snapshot, world.cni)
    inside: list[int | str] = list(range(len(network.members)))
    ends = [*product(inside, inside), *product(inside, world.outside), *product(world.outside, inside)]
    return [network.verdict(*pair, *port) for pair in ends for port in world.ports]


def _with_policies(snapshot: Snapshot, policies: tuple[NetworkPolicy, ...]) -> Snapshot:
    return msgspec.structs.replace(snapshot, network_policies=policies)


def _is_no_less(left: list[Verdict], right: list[Verdict]) -> bool:
    return all(RANK[a] >= RANK[b] for a, b in zip(left, right, strict=True))


@some
@given(worlds(), PEERS, PORTS, st.sampled_from(("ingress", "egress")))
def test_one_more_rule_in_an_isolating_policy_only_accepts_more(
    world: World,
    peers: tuple[NetworkPolicyPeer, ...],
    ports: tuple[NetworkPolicyPort, ...],
    direction: str,
) -> None:
    snapshot = world.snapshot
    assume(snapshot.network_policies)
    first, *others = snapshot.network_policies
    # With both types written out, the new rule cannot be what makes the policy isolate.
    both_ways = msgspec.structs.replace(first.spec, policy_types=("Ingress", "Egress"))
    rule: IngressRule | EgressRule = (IngressRule if direction == "ingress" else EgressRule)(peers, ports)
    rules = (*getattr(both_ways, direction), rule)
    wider = msgspec.structs.replace(both_ways, **{direction: rules})
    before, after = (
        _verdicts(_with_policies(snapshot, (msgspec.structs.replace(first, spec=spec), *others)), world)
        for spec in (both_ways, wider)
    )
    assert _is_no_less(after, before)


@some
@given(worlds(), st.sampled_from(NAMESPACES))
def test_a_policy_without_rules_over_pods_that_nothing_isolated_only_accepts_less(world: World, namespace: str) -> None:
    snapshot = world.snapshot
    spec = NetworkPolicySpec(policy_types=("Ingress", "Egress"))
    denying = NetworkPolicy(ObjectMeta("deny-all", namespace), spec)
    closed = _with_policies(snapshot, (*snapshot.network_policies, denying))
    assert _is_no_less(_verdicts(snapshot, world), _verdicts(closed, world))


@some
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_policies_does_not_matter(world: World, random: Random) -> None:
    snapshot = world.snapshot
    shuffled = list(snapshot.network_policies)
    random.shuffle(shuffled)
    again = _with_policies(snapshot, tuple(shuffled))
    assert _verdicts(again, world) == _verdicts(snapshot, world)


@some
@given(worlds(), st.builds(Scope, st.sampled_from(("", *NAMESPACES)), st.booleans(), st.booleans()))
def test_a_gap_turns_nothing_that_was_denied_or_unknown_into_accepted(world: World, scope: Scope) -> None:
    snapshot = world.snapshot
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=scope)
    dark = msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap))
    for before, after in zip(_verdicts(snapshot, world), _verdicts(dark, world), strict=True):
        assert before is Verdict.ACCEPTED or after is not Verdict.ACCEPTED


@some
@given(worlds(), st.sampled_from(NAMESPACES))
def test_a_gap_leaves_connections_between_pods_of_other_namespaces_alone(world: World, namespace: str) -> None:
    snapshot = world.snapshot
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope(namespace))
    clear = Network(snapshot, world.cni)
    dark = Network(msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, gap)), world.cni)
    others = [n for n, member in enumerate(clear.members) if member.namespace != namespace]
    for source, destination in product(others, others):
        assert dark.value(source, destination) == clear.value(source, destination)
