"""How far a compromise spreads is what a search over all pairs of pods finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import msgspec
import numpy as np
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.blast.graph import HopGraph
from firedoor.engine.blast.paths import paths_from, paths_to
from firedoor.engine.blast.spread import Spread, layers
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.model.blast import Reached, SpreadPath
from firedoor.model.places import Gap, GapKind, Scope
from tests.examples import some
from tests.properties.worlds import LENIENT_VERSION
from tests.strategies import cilium
from tests.strategies.calico import calico_clusters
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import boundary_ports, clusters, options
from tests.strategies.istio import mesh_clusters
from tests.strategies.policies import PROTOCOLS
from tests.strategies.selectors import Manifest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

DARK = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope("alpha", egress=False))
Hops = Callable[[int, int], bool]


@dataclasses.dataclass(frozen=True)
class Question:
    """A network with the hops that count in it, and the same hops found pair by pair."""

    network: Network
    ports: int
    possible: bool

    @property
    def graph(self) -> HopGraph:
        return HopGraph(self.network, self.ports, possible=self.possible)

    @cached_property
    def hops(self) -> set[tuple[int, int]]:
        members = range(len(self.network.members))
        return {
            (source, destination)
            for source in members
            for destination in members
            if source != destination and self.network.value(source, destination)[self.possible] & self.ports
        }

    def is_hop(self, source: int, destination: int) -> bool:
        return (source, destination) in self.hops


def _more_pods(cluster: list[Manifest]) -> list[Manifest]:
    """Return the pods of a cluster once more under other names: some pods share everything with another one."""
    pods = [each for each in cluster if each["kind"] == "Pod"]
    return [each | {"metadata": each["metadata"] | {"name": f"{each['metadata']['name']}-2"}} for each in pods]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    kinds = clusters() | clusters_with_cluster_policies() | calico_clusters() | cilium.clusters() | mesh_clusters()
    cluster = draw(kinds)
    cluster += _more_pods(cluster) if draw(st.booleans()) else []
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    snapshot = load_text(text, version=LENIENT_VERSION)
    if draw(st.sampled_from((False, False, True))):
        snapshot = msgspec.structs.replace(snapshot, gaps=(*snapshot.gaps, DARK))
    cni = dataclasses.replace(SPEC, name="generated", **dataclasses.asdict(draw(options())))
    network = Network(snapshot, cni)
    assume(network.members)
    ports = network.axis.everything
    if draw(st.booleans()):
        number = draw(st.sampled_from(boundary_ports(cluster)))
        ports = 1 << network.axis.atom(draw(st.sampled_from(("TCP", *PROTOCOLS))), number)
    return Question(network, ports, draw(st.booleans()))


def _closure(members: int, start: Iterable[int], is_hop: Hops) -> dict[int, int]:
    """Return the hops to each member that is reached."""
    distance = dict.fromkeys(start, 0)
    edge = list(distance)
    while edge:
        found = [each for each in range(members) if each not in distance and any(is_hop(one, each) for one in edge)]
        distance.update(dict.fromkeys(found, max(distance.values()) + 1))
        edge = found
    return distance


@some
@given(questions())
def test_one_hop_is_what_the_values_of_all_pairs_say(question: Question) -> None:
    graph, members = question.graph, range(len(question.network.members))
    for source in members:
        first = next(layers(graph, graph.vertex_of[[source]]), None)
        reached = np.zeros(len(members), dtype=bool)
        if first is not None:
            reached = first.full[graph.vertex_of]
            for node in first.nodes:
                reached[graph.by_node[node]] = True
        assert [each for each in members if reached[each] and each != source] == [
            each for each in members if question.is_hop(source, each)
        ]


@some
@given(questions())
def test_the_radius_of_a_workload_is_that_of_all_its_pods(question: Question) -> None:
    members = question.network.members
    spread = Spread(question.graph)
    rows = {row.workload: row for row in spread.rows(range(len(spread.workloads)))}
    assert set(rows) == {each.workload for each in members}
    for workload, row in rows.items():
        start = [position for position, each in enumerate(members) if each.workload == workload]
        distance = _closure(len(members), start, question.is_hop)

        def reached(hops: int, distance: dict[int, int] = distance) -> Reached:
            found = [each for each, steps in distance.items() if 0 < steps <= hops]
            return Reached(len({members[each].workload for each in found}), len(found))

        assert row.pods == len(start)
        assert (row.one_hop, row.two_hops, row.all_hops) == (reached(1), reached(2), reached(len(members)))
        assert row.hops == max(distance.values())


@some
@given(questions(), st.data())
def test_paths_are_shortest_and_every_hop_of_them_is_one(question: Question, data: st.DataObject) -> None:
    members = question.network.members
    first = data.draw(st.sampled_from(range(len(members))))
    ends = [first]
    if data.draw(st.booleans()):
        ends = [position for position, each in enumerate(members) if each.workload == members[first].workload]
    forward = _closure(len(members), ends, question.is_hop)
    _check(question, paths_from(question.graph, ends), forward, ends, is_from=True)
    backward = _closure(len(members), ends, lambda one, other: question.is_hop(other, one))
    _check(question, paths_to(question.graph, ends), backward, ends, is_from=False)


def _check(
    question: Question, told: list[SpreadPath], distance: dict[int, int], ends: Sequence[int], *, is_from: bool
) -> None:
    network = question.network
    expected: dict[object, list[int]] = {}
    for member, hops in distance.items():
        if hops:
            expected.setdefault(network.members[member].workload, []).append(hops)
    assert {each.workload: (each.hops, each.pods) for each in told} == {
        workload: (min(hops), len(hops)) for workload, hops in expected.items()
    }
    names = {each.full_name for each in (network.members[end] for end in ends)}
    for each in told:
        assert len(each.path) == each.hops
        assert (each.path[0].source if is_from else each.path[-1].destination) in names
        assert all(one.destination == other.source for one, other in zip(each.path, each.path[1:], strict=False))
        for hop in each.path:
            values = [
                network.value(one, other)
                for one, source in enumerate(network.members)
                for other, destination in enumerate(network.members)
                if (source.full_name, destination.full_name) == (hop.source, hop.destination)
            ]
            assert any(
                hop.traffic == network.axis.traffic(sure & question.ports)
                and (not question.possible or hop.unknown == network.axis.traffic(possible & ~sure & question.ports))
                for sure, possible in values
            )
            assert hop.traffic or hop.unknown
