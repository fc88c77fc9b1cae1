"""What the product says in different ways about one connection is one answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import msgspec
import pytest
import yaml
from hypothesis import given

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.connectivity import ConnectionLister, End, pod_ends, workload_ends
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.flip import flip
from firedoor.engine.reach.network import Network
from firedoor.model.connections import PeerConnection
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.verdicts import Verdict
from firedoor.model.verdicts import both as both_verdicts
from tests.examples import some
from tests.properties.worlds import LENIENT_VERSION, World, end_of, pairs, worlds

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def _with_dark_namespace(network: Network, namespace: str) -> Network:
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope(namespace, egress=False))
    gaps = (*network.snapshot.gaps, gap)
    return Network(msgspec.structs.replace(network.snapshot, gaps=gaps), network.cni)


def _listed(network: Network, ends: list[End]) -> dict[tuple[str, str], PeerConnection]:
    found = list(ConnectionLister(network, ends).connections())
    by_ends = {(repr(each.src), repr(each.dst)): each for each in found}
    assert len(by_ends) == len(found)
    return by_ends


@pytest.mark.parametrize("ends_of", [workload_ends, pod_ends])
@some
@given(worlds())
def test_listed_connections_are_the_union_of_the_values_of_their_pods(
    ends_of: Callable[[Network], list[End]], world: World
) -> None:
    plain = Network(world.snapshot, world.cni)
    for network in (plain, _with_dark_namespace(plain, "alpha")):
        ends = ends_of(network)
        listed = _listed(network, ends)
        for src in ends:
            for dst in ends:
                if src is dst:
                    assert (repr(src.peer), repr(dst.peer)) not in listed
                    continue
                sure = possible = 0
                for source in (each for group in src.groups for each in group.members):
                    for destination in (each for group in dst.groups for each in group.members):
                        value = network.value(source, destination)
                        sure, possible = sure | value[0], possible | value[1]
                each = listed.get((repr(src.peer), repr(dst.peer)))
                traffic = network.axis.traffic(sure), network.axis.traffic(possible & ~sure)
                assert ((each.traffic, each.unknown) if each else ((), ())) == traffic


@pytest.mark.parametrize("ends_of", [workload_ends, pod_ends])
@some
@given(worlds())
def test_connections_of_some_ends_are_those_of_all_that_have_one_of_them(
    ends_of: Callable[[Network], list[End]], world: World
) -> None:
    plain = Network(world.snapshot, world.cni)
    for network in (plain, _with_dark_namespace(plain, "alpha")):
        ends = ends_of(network)
        listed = list(ConnectionLister(network, ends).connections())
        for only in (set(), {end.peer for end in ends[::2]}, {end.peer for end in ends[:1]}):
            expected = [each for each in listed if each.src in only or each.dst in only]
            assert list(ConnectionLister(network, ends).connections(only)) == expected


@some
@given(worlds())
def test_details_of_a_workload_tell_exactly_what_its_pods_do(world: World) -> None:
    network = Network(world.snapshot, world.cni)
    named: dict[tuple[object, str], list[int]] = defaultdict(list)
    for position, member in enumerate(network.members):
        named[member.workload, member.name].append(position)
    for connection in ConnectionLister(network, workload_ends(network)).connections():
        for detail in connection.details:
            for source in detail.src_pods:
                for destination in detail.dst_pods:
                    (first,) = named[connection.src.workload, source]
                    (second,) = named[connection.dst.workload, destination]
                    sure, possible = network.value(first, second)
                    assert detail.traffic == network.axis.traffic(sure)
                    assert detail.unknown == network.axis.traffic(possible & ~sure)


@some
@given(worlds())
def test_the_explanation_of_each_end_has_the_verdict_of_the_matrix_and_says_why(world: World) -> None:
    network = Network(world.snapshot, world.cni)
    for source, destination in pairs(world):
        ends = end_of(network, source), end_of(network, destination)
        for protocol, port in world.ports:
            parts = [explain_direction(network, way, *ends, protocol, port) for way in Direction]
            verdict = network.verdict(*ends, protocol, port)
            assert both_verdicts(parts[1].verdict, parts[0].verdict) is verdict
            assert all(part.because for part in parts)
            for way, part in zip(Direction, parts, strict=True):
                subject, other = ends if way is Direction.EGRESS else ends[::-1]
                if isinstance(subject, int) and subject != other:
                    value = network.direction_value(way, subject, other)
                    assert part.verdict is network.judge(value, protocol, port)


@some
@given(worlds())
def test_a_flip_applied_as_manifests_flips_the_verdict(world: World) -> None:
    network = Network(world.snapshot, world.cni)
    protocol, port = world.ports[0]
    for source, destination in pairs(world)[:12]:
        ends = end_of(network, source), end_of(network, destination)
        before = network.verdict(*ends, protocol, port)
        change = flip(network, *ends, protocol, port)
        if change is None:
            continue
        added = load_text(yaml.safe_dump_all(change.manifests), version=LENIENT_VERSION)
        assert not added.gaps, added.gaps
        policies = {each.ref: each for each in (*network.snapshot.network_policies, *added.network_policies)}
        changed = msgspec.structs.replace(network.snapshot, network_policies=tuple(policies.values()))
        after = Network(changed, network.cni).verdict(*ends, protocol, port)
        assert {before, after} == {Verdict.ACCEPTED, Verdict.DENIED}
