"""
Ends that may be one thing or another to the policies of Cilium: nodes, API servers, names.

What is asked about them is asked several times, once for each answer (`Network.layerings`).
Other ends, pods and most addresses, are what they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.layering import Layering
    from firedoor.engine.reach.network import Network
    from firedoor.engine.relations.ends import End, Ends
    from firedoor.model.networkpolicy import Direction


class Doubtful:
    """The columns of one direction that stand for ends of several guises, and the layerings of all of these."""

    def __init__(self, network: Network, ends: Ends, direction: Direction) -> None:
        """Ask the network about every end that is no pod, seen from its own node and from others."""
        self.columns: NDArray[np.bool_] = np.zeros(network.index.size, dtype=bool)
        base = network.matrix[direction].layering
        found: dict[int, Layering] = {}
        if not network.typed.cilium:
            self.layerings: tuple[Layering, ...] = ()
            return
        subjects = ends.by_node(np.flatnonzero(~ends.is_host))
        for column, peer, near in _others(network, ends):
            if near is not None:
                self.columns[column] = True
            for subject in _seen_from(subjects, near):
                for layering in network.layerings(direction, subject, peer):
                    self.columns[column] |= layering is not base
                    found[id(layering)] = layering
        self.layerings = tuple(found.values())


def _others(network: Network, ends: Ends) -> Iterator[tuple[int, End, str | None]]:
    """Yield the columns that are no pods with an end of each, and its node where it is one or runs on its network."""
    for profile in np.flatnonzero(ends.is_host).tolist():
        for node, position in ends.by_node(np.asarray([profile])).items():
            yield profile, position, node
    nodes = {address: node.metadata.name for node in network.snapshot.nodes for address in node.addresses}
    for external in range(network.addresses.size):
        for address in ends.addresses(external):
            yield network.index.first_external + external, address, nodes.get(address)
    for column in range(network.index.first_domain, network.index.size):
        yield column, ends.name(column), None


def _seen_from(subjects: dict[str, int], near: str | None) -> Iterator[int]:
    """Yield a pod on the node of an end, one of no known node, and one elsewhere, as far as there are any."""
    if near is None:
        yield from list(subjects.values())[:1]
        return
    yield from (subjects[node] for node in dict.fromkeys((near, "")) if node in subjects)
    yield from [position for node, position in subjects.items() if node not in {near, ""}][:1]
