"""The namespaces of a cluster as a map of what connects them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.namespace_pairs import crossings, profiles_by_namespace
from firedoor.engine.reach.network import Network
from firedoor.model.namespace_map import MapEdge, MapNode, NamespaceMap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.findings import Finding
    from firedoor.model.snapshot import Snapshot

MOST_NAMESPACES = 28
"""Namespaces that a map can show and still be read."""
MOST_PROFILES = 4096
"""Kinds of pods whose pairs are counted for a map."""


def namespace_map(
    snapshot: Snapshot, cni: CniProfile, findings: Iterable[Finding], namespace: str = ""
) -> NamespaceMap | None:
    """
    Return the map, None where there are no two namespaces with pods.

    Where there are too many, those with the gravest findings are in it, and `namespace` in any case.
    """
    network = Network(snapshot, cni)
    profiles = profiles_by_namespace(network)
    if len(profiles) < 2:  # noqa: PLR2004 - nothing can connect one
        return None
    pods = Counter(each.namespace for each in network.members)
    shown = sorted(_chosen(profiles, _grave_first(pods, findings, namespace)))
    edges = [
        MapEdge(source, destination, found[Extent.ALL], found[Extent.SOME], found[Extent.UNKNOWN])
        for (source, destination), found in crossings(network, shown).items()
        if sum(found) > found[Extent.NONE]
    ]
    nodes = tuple(MapNode(each, pods[each]) for each in shown)
    return NamespaceMap(nodes, tuple(edges), len(profiles) - len(shown))


def _grave_first(pods: Mapping[str, int], findings: Iterable[Finding], namespace: str) -> list[str]:
    """Return the namespaces, that which was asked for first, then by their gravest finding, and by size."""
    worst: dict[str, int] = {}
    for each in findings:
        home = each.object.namespace or (each.object.name if each.object.kind == "Namespace" else "")
        worst[home] = max(worst.get(home, 0), each.severity.rank)
    return sorted(pods, key=lambda each: (each != namespace, -worst.get(each, 0), -pods[each], each))


def _chosen(profiles: Mapping[str, set[int]], names: Iterable[str]) -> Iterator[str]:
    """Yield as many of the namespaces as a map can show."""
    total = 0
    for number, name in enumerate(names):
        total += len(profiles[name])
        if number == MOST_NAMESPACES or (number and total > MOST_PROFILES):
            return
        yield name
