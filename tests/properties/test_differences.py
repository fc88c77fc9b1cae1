"""A difference between two clusters is what asking both of them, one connection after the other, would find."""

from __future__ import annotations

from itertools import product

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.algebra.cidrs import parse_address
from firedoor.algebra.ports import Traffic
from firedoor.engine.difference import differences
from firedoor.engine.difference.joining import joint_workloads
from firedoor.engine.reach.network import Network
from firedoor.model.connections import PeerEnd
from firedoor.model.difference import ChangeKind, ConnectionChange, Presence, TrafficChange
from firedoor.model.verdicts import Verdict
from tests.examples import some
from tests.properties.worlds import LENIENT_VERSION, World, worlds
from tests.reference.manifests import Manifest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

OPPOSITE = {
    ChangeKind.ADDED: ChangeKind.REMOVED,
    ChangeKind.WIDENED: ChangeKind.NARROWED,
    ChangeKind.CHANGED: ChangeKind.CHANGED,
    ChangeKind.NARROWED: ChangeKind.WIDENED,
    ChangeKind.REMOVED: ChangeKind.ADDED,
    ChangeKind.UNKNOWN: ChangeKind.KNOWN,
    ChangeKind.KNOWN: ChangeKind.UNKNOWN,
}


def network_of(cluster: list[Manifest], world: World) -> Network:
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    return Network(load_text(text, version=LENIENT_VERSION), world.cni)


@st.composite
def revisions(draw: st.DrawFn) -> tuple[World, Network, Network]:
    """A cluster, and the same one with some of its objects gone and the policies and some objects of another one."""
    world, other = draw(worlds()), draw(worlds())
    kept = [each for each in world.cluster if draw(st.integers(0, 5))]
    named = {(each["kind"], str(each["metadata"])) for each in kept}
    added = [
        each
        for each in other.cluster
        if (each["kind"], str(each["metadata"])) not in named
        and (each["kind"] == "NetworkPolicy" or not draw(st.integers(0, 3)))
    ]
    return world, network_of(world.cluster, world), network_of([*kept, *added], world)


def holds(traffic: Traffic, protocol: str, port: int) -> bool:
    return any(each == protocol and first <= port <= last for each, first, last in traffic)


def told(change: TrafficChange, protocol: str, port: int) -> list[str]:
    names = ("gained", "lost", "unsettled", "opened", "closed")
    return [name for name in names if holds(getattr(change, name), protocol, port)]


def expected(old: Verdict, new: Verdict) -> list[str]:
    if old is new:
        return []
    if new is Verdict.UNKNOWN:
        return ["unsettled"]
    if old is Verdict.UNKNOWN:
        return ["opened" if new is Verdict.ACCEPTED else "closed"]
    return ["gained" if new is Verdict.ACCEPTED else "lost"]


def by_ends(found: list[ConnectionChange]) -> dict[tuple[PeerEnd, PeerEnd], ConnectionChange]:
    keyed = {(each.src, each.dst): each for each in found}
    assert len(keyed) == len(found)
    return keyed


def pod_positions(network: Network) -> dict[PeerEnd, int]:
    return {PeerEnd(each.workload, each.name): position for position, each in enumerate(network.members)}


def is_odd(network: Network, position: int | None, address: str) -> bool:
    """Whether the address is of a node, of a family that the pod has not, or of one that nothing uses."""
    family = parse_address(address)[0]
    nodes = {each for node in network.snapshot.nodes for each in node.addresses}
    own = network.members[position].addresses if position is not None else ()
    known = {parse_address(each)[0] for each in own} or set(network.families)
    return address in nodes or family not in known


@some
@given(revisions())
def test_pod_by_pod_every_change_is_a_change_of_the_verdict_and_the_reverse(
    revision: tuple[World, Network, Network],
) -> None:
    world, old, new = revision
    found = by_ends(list(differences(old, new, pods=True)))
    before, after = pod_positions(old), pod_positions(new)
    if len(before) < len(old.members) or len(after) < len(new.members):
        return
    pods = list({**before, **after})[:12]
    for src, dst, port in product(pods, pods, world.ports):
        change = found.get((src, dst))
        first = verdict(old, before.get(src), before.get(dst), port)
        second = verdict(new, after.get(src), after.get(dst), port)
        assert src == dst or (told(change.change, *port) if change else []) == expected(first, second)
    for pod, address in product(pods, world.outside):
        if is_odd(old, before.get(pod), address) or is_odd(new, after.get(pod), address):
            continue
        for port, outward in product(world.ports, (False, True)):
            changes = [each for each in found.values() if is_about(each, pod, address, outward=outward)]
            assert len(changes) < 2
            first, second = (
                verdict(network, position if outward else address, address if outward else position, port)
                for network, position in ((old, before.get(pod)), (new, after.get(pod)))
            )
            assert (told(changes[0].change, *port) if changes else []) == expected(first, second)


def verdict(network: Network, src: int | str | None, dst: int | str | None, port: tuple[str, int]) -> Verdict:
    return Verdict.DENIED if src is None or dst is None else network.verdict(src, dst, *port)


def is_about(change: ConnectionChange, pod: PeerEnd, address: str, *, outward: bool) -> bool:
    end, other = (change.src, change.dst) if outward else (change.dst, change.src)
    if end != pod or not other.ips:
        return False
    first, _, last = other.ips.partition("-")
    low, found, high = map(parse_address, (first, address, last))
    return low[0] == found[0] and low[1] <= found[1] <= high[1]


@some
@given(revisions())
def test_workloads_have_the_union_of_the_traffic_of_their_pods_before_and_after(
    revision: tuple[World, Network, Network],
) -> None:
    _, old, new = revision
    found = by_ends(list(differences(old, new)))
    ends = joint_workloads(old, new)
    for src, dst in product(ends, ends):
        if src is dst:
            continue
        change = found.get((src.peer, dst.peer))
        unions = []
        for network, side in ((old, "old"), (new, "new")):
            positions = [
                sorted({getattr(each, side) for each in end.members if getattr(each, side) is not None})
                for end in (src, dst)
            ]
            values = [network.value(a, b) for a, b in product(*positions)]
            sure = possible = 0
            for value in values:
                sure, possible = sure | value[0], possible | value[1]
            unions.append((network.axis.traffic(sure), network.axis.traffic(possible & ~sure)))
        if change is None:
            assert unions[0] == unions[1]
        else:
            assert unions == [(change.old, change.old_unknown), (change.new, change.new_unknown)]
            assert (change.src_presence, change.dst_presence) == (src.presence, dst.presence)
            if change.kind is ChangeKind.ADDED:
                assert unions[0] == ((), ())
            if Presence.REMOVED in {src.presence, dst.presence}:
                assert unions[1] == ((), ())


@some
@given(revisions(), st.booleans())
def test_a_cluster_does_not_differ_from_itself_and_backwards_is_the_opposite(
    revision: tuple[World, Network, Network], pods: bool
) -> None:
    _, old, new = revision
    assert list(differences(old, old, pods=pods)) == []
    assert list(differences(new, new, pods=pods)) == []
    forth, back = (by_ends(list(differences(*way, pods=pods))) for way in ((old, new), (new, old)))
    assert forth.keys() == back.keys()
    for ends, each in forth.items():
        other = back[ends]
        assert (each.old, each.old_unknown, each.new, each.new_unknown) == (
            other.new,
            other.new_unknown,
            other.old,
            other.old_unknown,
        )
        assert (each.change.gained, each.change.lost) == (other.change.lost, other.change.gained)
        if not (each.change.unsettled or each.change.opened or each.change.closed):
            assert other.kind is OPPOSITE[each.kind]
