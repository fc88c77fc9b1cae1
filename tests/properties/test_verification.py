"""A plan of probes is what loops over all pairs of pods and all ports say it should be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import permutations

import msgspec
import pytest
from hypothesis import assume, given

from firedoor.algebra.ports import PROTOCOLS
from firedoor.engine.reach.classes import ClassIndex
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.programs import terms_of
from firedoor.engine.verification import Earlier, Planner, PlanRequest, Scope
from firedoor.engine.verification.populace import can_be_probed, can_only_begin
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Goal, GoalKind, PlannedProbe, ProbePlan
from tests.examples import some
from tests.properties.comparing import network_of
from tests.properties.worlds import World, worlds
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Options
from tests.strategies.clusters import options
from tests.strategies.mixed import mixed_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

Cell = tuple[int, int, str, int]


def inhabited(network: Network) -> Network:
    assume(network.members)
    return network


def cells(network: Network) -> Iterator[Cell]:
    """Yield a connection on each atom of ports between all pods that can be probed."""
    probed = [position for position, member in enumerate(network.members) if can_be_probed(member)]
    ports = [network.axis.traffic(1 << atom)[0] for atom in range(len(network.axis))]
    for source, destination in permutations(probed, 2):
        for protocol, first, _ in ports:
            yield source, destination, protocol, first


def cell_of(plan: ProbePlan, each: PlannedProbe) -> Cell:
    probe = each.probe
    return plan.members[probe.source], plan.members[probe.destination], probe.protocol, probe.port


def changed(network: Network, policy: NetworkPolicy, direction: Direction, number: int, **fields: object) -> Network:
    """Return the network with a rule of a policy changed, or without it where no fields are given."""
    rules = list(policy.spec.ingress if direction is Direction.INGRESS else policy.spec.egress)
    rules[number : number + 1] = [msgspec.structs.replace(rules[number], **fields)] if fields else []
    types = tuple(each.value.capitalize() for each in Direction if policy.isolates(each))
    spec = msgspec.structs.replace(policy.spec, policy_types=types, **{direction.value: tuple(rules)})
    other = msgspec.structs.replace(policy, spec=spec)
    policies = tuple(other if each is policy else each for each in network.snapshot.network_policies)
    return Network(msgspec.structs.replace(network.snapshot, network_policies=policies), network.cni)


def turned(network: Network, others: list[Network], verdict: Verdict) -> set[Cell]:
    """Return the connections of a verdict that have the opposite one in any of some other networks."""
    opposite = Verdict.DENIED if verdict is Verdict.ACCEPTED else Verdict.ACCEPTED
    return {
        each
        for each in cells(network)
        if network.verdict(*each) is verdict and any(other.verdict(*each) is opposite for other in others)
    }


@some
@given(worlds())
def test_each_rule_that_can_be_shown_is_shown(world: World) -> None:
    network = inhabited(Network(world.snapshot, world.cni))
    plan = Planner(network, PlanRequest()).plan()
    assert not plan.left_out
    for policy in network.policies:
        for direction in Direction:
            for number, rule in enumerate(policy.rules(direction)):
                path = f"spec.{direction}[{number}]"
                without = turned(network, [changed(network, policy, direction, number)], Verdict.ACCEPTED)
                assert_shown(network, plan, Goal(GoalKind.RULE, direction, policy.ref, path), without)
                if direction is Direction.INGRESS or not any(isinstance(each.port, str) for each in rule.ports):
                    wider = [changed(network, policy, direction, number, **{each: ()}) for each in ("peers", "ports")]
                    near = turned(network, wider, Verdict.DENIED)
                    assert_shown(network, plan, Goal(GoalKind.OUTSIDE, direction, policy.ref, path), near)


def assert_shown(network: Network, plan: ProbePlan, goal: Goal, wanted: set[Cell]) -> None:
    """Assert that a goal is shown by one of the connections that show it, if there are any."""
    if not wanted:
        return
    number = plan.goals.index(goal)
    shown = [cell_of(plan, each) for each in plan.probes if number in each.goals]
    atoms = {(a, b, network.axis.atom(protocol, port)) for a, b, protocol, port in wanted}
    assert shown
    assert all((a, b, network.axis.atom(protocol, port)) in atoms for a, b, protocol, port in shown)


@some
@given(worlds())
def test_each_pod_whose_isolation_can_be_shown_has_a_blocked_probe(world: World) -> None:
    network = inhabited(Network(world.snapshot, world.cni))
    planner = Planner(network, PlanRequest())
    plan = planner.plan()
    for direction in Direction:
        other = Direction.INGRESS if direction is Direction.EGRESS else Direction.EGRESS

        def denied(each: Cell, direction: Direction = direction) -> bool:
            source, destination, protocol, port = each
            ends = (source, destination) if direction is Direction.EGRESS else (destination, source)
            value = network.direction_value(direction, *ends)
            return network.judge(value, protocol, port) is Verdict.DENIED

        def accepted(each: Cell, other: Direction = other) -> bool:
            source, destination, protocol, port = each
            ends = (source, destination) if other is Direction.EGRESS else (destination, source)
            return network.judge(network.direction_value(other, *ends), protocol, port) is Verdict.ACCEPTED

        def group(each: Cell, direction: Direction = direction) -> int:
            return planner._populace.of_member[each[0] if direction is Direction.EGRESS else each[1]]

        alone = {group(each) for each in cells(network) if denied(each) and accepted(each)}
        at_all = {group(each) for each in cells(network) if denied(each)}
        probes = [cell_of(plan, each) for each in plan.probes]
        assert alone <= {group(each) for each in probes if denied(each) and accepted(each)}
        assert at_all <= {group(each) for each in probes if denied(each)}


@some
@given(worlds())
def test_expectations_are_the_verdicts_and_a_plan_is_part_of_all(world: World) -> None:
    network = inhabited(Network(world.snapshot, world.cni))
    plan, everything = (Planner(network, PlanRequest(is_all=each)).plan() for each in (False, True))
    assert len(plan.probes) <= len(everything.probes)
    assert {cell_of(plan, each) for each in plan.probes} <= {cell_of(everything, each) for each in everything.probes}
    for each in everything.probes:
        assert each.expected is network.verdict(*cell_of(everything, each))
        site = everything.sites[each.probe.destination]
        assert (each.probe.protocol, each.probe.port) in site.listening
        assert not each.probe.is_control


def decisions(network: Network, cell: Cell) -> dict[Direction, tuple[object, Verdict] | None]:
    """Return what decides about a connection at both of its ends, and what is decided; None where nothing is known."""
    source, destination, protocol, port = cell
    found: dict[Direction, tuple[object, Verdict] | None] = {}
    for direction, subject, peer in (
        (Direction.EGRESS, source, destination),
        (Direction.INGRESS, destination, source),
    ):
        if any(network.gaps_of(network.members[subject], direction)):
            found[direction] = None
            continue
        matrix = network.matrix[direction]
        row = int(matrix.program_of[network.profile_of[subject]])
        bit = 1 << network.axis.atom(protocol, port)
        column = network.column(peer)
        applying = frozenset(
            position
            for position, term in enumerate(terms_of(matrix.programs[row]))
            if term.ports & bit and column in matrix.sets.arrays[term.columns].tolist()
        )
        verdict = network.judge(network.direction_value(direction, subject, peer), protocol, port)
        found[direction] = (direction, row, PROTOCOLS.index(protocol), applying), verdict
    return found


def naive_cover(network: Network, probes: list[Cell]) -> int:
    accepting, denying, pairs = set(), set(), set()
    for probe in probes:
        found = list(decisions(network, probe).values())
        if None in found:
            continue
        said = [each[1] for each in found if each is not None]
        keys = [each[0] for each in found if each is not None]
        if set(said) == {Verdict.ACCEPTED}:
            accepting.update(keys)
        elif set(said) == {Verdict.ACCEPTED, Verdict.DENIED}:
            denying.add(keys[said.index(Verdict.DENIED)])
        elif Verdict.DENIED in said:
            pairs.add(tuple(keys))
    covered = 0
    for cell in cells(network):
        both = list(decisions(network, cell).values())
        keys = [each[0] for each in both if each is not None]
        covered += (
            (len(keys) == len(both) and (accepting.issuperset(keys) or tuple(keys) in pairs))
            or not denying.isdisjoint(keys)
        )  # fmt: skip
    return covered


def between_pods(network: Network, plan: ProbePlan) -> list[Cell]:
    """Return the connections of a plan but those from the network of a node, which count for nothing."""
    found = [cell_of(plan, each) for each in plan.probes]
    return [each for each in found if not network.members[each[0]].host_network]


def check_share(network: Network) -> None:
    plan = Planner(network, PlanRequest()).plan()
    probed = sum(map(can_be_probed, network.members))
    pods, atoms = len(network.members), len(network.axis)
    assert plan.share.inside == probed * (probed - 1) * atoms
    assert plan.share.inside + plan.share.unprobed == pods * (pods - 1) * atoms
    classes = {each.external for each in network.addresses.atoms if each.family in network.families}
    assert plan.share.outside == 2 * pods * len(classes) * atoms
    assert plan.share.covered == naive_cover(network, between_pods(network, plan))


@some
@given(worlds())
def test_the_share_is_that_of_a_plain_count(world: World) -> None:
    check_share(inhabited(Network(world.snapshot, world.cni)))


@some
@given(mixed_clusters(), options())
def test_plans_hold_for_policies_of_every_api(cluster: list[Manifest], chosen: Options) -> None:
    network = inhabited(network_of(cluster, chosen))
    check_share(network)
    plan = Planner(network, PlanRequest()).plan()
    for each in plan.probes:
        assert each.expected is network.verdict(*cell_of(plan, each))
    assert {goal for each in plan.probes for goal in each.goals} | {*plan.impossible} == {*range(len(plan.goals))}


@some
@given(worlds())
def test_each_change_is_shown_by_a_connection(world: World) -> None:
    network = inhabited(Network(world.snapshot, world.cni))
    for policy in network.policies[:2]:
        others = tuple(each for each in network.snapshot.network_policies if each is not policy)
        before = Network(msgspec.structs.replace(network.snapshot, network_policies=others), network.cni)
        earlier = Earlier(before, network)
        scope = Scope(either=earlier.touched(frozenset({policy.ref})))
        plan = Planner(network, PlanRequest(scope, earlier=earlier)).plan()
        classes = [ClassIndex(each).of_member for each in (network, before)]

        def alike(cell: Cell, classes: list[list[int]] = classes) -> tuple[object, ...]:
            return *(each[end] for each in classes for end in cell[:2]), network.verdict(*cell)

        def is_changed(cell: Cell, before: Network = before) -> bool:
            verdict = network.verdict(*cell)
            return verdict is not Verdict.UNKNOWN and verdict is not before.verdict(*cell)

        shown = {alike(each) for each in map(partial(cell_of, plan), plan.probes) if is_changed(each)}
        assert {alike(each) for each in cells(network) if is_changed(each)} <= shown


@some
@given(worlds())
def test_from_each_class_on_the_network_of_its_node_is_at_most_one_connection_of_each_verdict(world: World) -> None:
    network = inhabited(Network(world.snapshot, world.cni))
    planner = Planner(network, PlanRequest())
    plan = planner.plan()
    of_member, isolated = (
        planner._populace.of_member,
        {group for _, way, group in planner._seeker.isolated() if way is Direction.INGRESS},
    )
    ports = [network.axis.traffic(1 << atom)[0] for atom in range(len(network.axis))]
    possible = {
        (of_member[source], verdict)
        for source, begins in enumerate(map(can_only_begin, network.members))
        for destination, group in enumerate(of_member)
        if begins and group in isolated
        for protocol, first, _ in ports
        if (verdict := network.verdict(source, destination, protocol, first)) is not Verdict.UNKNOWN
    }
    cells_of_plan = [cell_of(plan, each) for each in plan.probes]
    tried = [
        (of_member[each[0]], network.verdict(*each)) for each in cells_of_plan if network.members[each[0]].host_network
    ]
    assert set(tried) <= possible
    assert len(tried) == len(set(tried))
