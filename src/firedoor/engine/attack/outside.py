"""What the outside reaches, as first steps."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.graph import PLAIN, Link, told
from firedoor.engine.exposure.direct import host_targets
from firedoor.model.attack import Change, ChangeKind, Kind, Standing
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.attack.graph import AttackGraph
    from firedoor.engine.attack.pods import Group
    from firedoor.engine.exposure import ChainFinder
    from firedoor.engine.exposure.services import ServiceIndex
    from firedoor.engine.reach.network import Network
    from firedoor.model.exposure import Exposure
    from firedoor.model.places import ObjectRef

INTERNET = Standing(Kind.INTERNET)


def link_outside(graph: AttackGraph, network: Network, finder: ChainFinder, groups: Sequence[Group]) -> None:
    """Lead from the internet to the pods that objects expose to it, as far as policies let it through."""
    internet = graph.standing(INTERNET)
    of_workload: dict[ObjectRef, list[Group]] = defaultdict(list)
    for group in groups:
        of_workload[group.workload].append(group)
    names = [member.name for member in network.members]
    exposures = finder.exposures()
    behind = _behind(finder.services, {each.service for each in exposures})
    for position, target in host_targets(network.members):
        behind["", target.protocol, target.port].add(position)
    for each in exposures:
        workload = each.backend.workload
        if each.verdict is Verdict.DENIED or workload is None:
            continue
        is_possible = each.verdict is Verdict.UNKNOWN
        means = graph.means(by.EXPOSED, each.way, each.door, workload, each.port, each.pods, possible=is_possible)
        change = frozenset({Change(ChangeKind.EXPOSURE, each.way)})
        graph.link(internet, means, Link((change,), told(_words(each))))
        closing = Link((frozenset({Change(ChangeKind.INGRESS, workload)}),))
        there = behind[each.service, each.protocol, each.port]
        for group in of_workload[workload]:
            ends = there.intersection(group.members)
            if any(not each.pods or names[position] in each.pods for position in ends):
                # No policy is for pods on the network of their node.
                is_host = network.members[group.members[0]].host_network
                graph.link(means, group.vertex, PLAIN if is_host else closing)


def _behind(index: ServiceIndex, wanted: set[str]) -> dict[tuple[str, str, int], set[int]]:
    """Return the members, by position, that each port of pods behind some Services is of."""
    found: dict[tuple[str, str, int], set[int]] = defaultdict(set)
    for (namespace, name), service in index.services.items():
        called = f"{namespace}/{name}"
        for port in service.spec.ports if called in wanted else ():
            for target in index.targets(service, port):
                if isinstance(target.end, int):
                    found[called, target.protocol, target.port].add(target.end)
    return found


def _words(each: Exposure) -> str:
    hosts = f" for {', '.join(each.hosts)}" if each.hosts else ""
    ranges = f" from {', '.join(each.arrival.accepted[:2])}" if each.arrival.accepted else ""
    return f"{each.way} ({each.door}) leads to port {each.protocol}/{each.port}{hosts}{ranges}"
