"""
Whom a ``cidrGroupSelector`` finds.

Cilium gives the labels of a CiliumCIDRGroup to the addresses in it, under the source
``cidrgroup``. The selector is asked about all labels of whatever CIDRs match: those of the
groups that hold the address, what Cilium itself marks, and where CIDRs match pods the pod's
own. Where groups that hold one address disagree about a label, versions of Cilium differ in
which of the values counts.
"""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.engine.reach.dialects.cilium.vocabulary import requirements_of
from firedoor.engine.reach.matches import Match
from firedoor.model.cilium_selector_parsing import ANY, CIDR_GROUP, K8S, RESERVED, of_pods
from firedoor.model.labels import LabelSelectorRequirement, Operator
from firedoor.model.networkpolicy import IPBlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.cilium import CidrGroup
    from firedoor.model.cilium_peers import CidrGroupPeer
    from firedoor.model.cilium_selector import CiliumSelector

    Marks = list[tuple[dict[str, str], NDArray[np.bool_]]]

_AFFIRMED = {Operator.NOT_IN: Operator.IN, Operator.DOES_NOT_EXIST: Operator.EXISTS}


class Held(NamedTuple):
    """Who has a label that a requirement is about."""

    who: Match
    is_met: bool
    """Whether the value is one that is asked for."""
    by_address: bool
    """Whether each address has the label for itself."""


class LabelledAddresses:
    """Finds the columns that have addresses with certain labels."""

    def __init__(
        self,
        scene: Scene,
        groups: tuple[CidrGroup, ...],
        marks: Marks,
        pods: Callable[[CiliumSelector], NDArray[np.bool_]],
        blocks: Callable[[Iterable[IPBlock]], Match],
    ) -> None:
        """
        Look at a scene.

        `marks` are the columns with reserved labels. `pods` returns the pods that a
        selector selects, `blocks` who has an address in blocks.
        """
        self._scene = scene
        self._groups = groups
        self._marks = marks
        self._pods = pods
        self._blocks = blocks
        self._columns = list(self._addresses())

    def find(self, peer: CidrGroupPeer) -> Match:
        """Return whom the selector of a peer finds, what no CIDR matches included."""
        asked = [(each, list(self._held(source, each))) for source, each in requirements_of(peer)]
        excepted = self._blocks(IPBlock(each) for each in peer.excepts)
        answers = [
            reduce(and_, (_met(each, held, columns) for each, held in asked), ~_at(excepted, columns))
            for columns in self._columns
        ]
        # Which of its addresses a node uses is not known.
        return Match(
            np.logical_and.reduce([each.lower for each in answers]),
            np.logical_or.reduce([each.upper for each in answers]),
        )

    def _addresses(self) -> Iterator[NDArray[np.int64]]:
        """
        Yield the columns of which the addresses count, once for each address that a node may use.

        To Cilium all addresses of a pod are one, but those of a node are not.
        """
        index, own = self._scene.index, np.arange(self._scene.index.size)
        nodes = [(each, index.profiles[each].externals or (each - index.first_external,)) for each in _nodes(index)]
        for number in range(max((len(externals) for _, externals in nodes), default=1)):
            columns = own.copy()
            for column, externals in nodes:
                columns[column] = index.first_external + externals[min(number, len(externals) - 1)]
            yield columns

    def _held(self, source: str, requirement: LabelSelectorRequirement) -> Iterator[Held]:
        """Yield who has a label of a source, or of any, under the key of a requirement."""
        key = requirement.key
        asked = LabelSelectorRequirement(
            key, _AFFIRMED.get(requirement.operator, requirement.operator), requirement.values
        )
        if source in {ANY, CIDR_GROUP}:
            for group in self._groups:
                if key in group.marks:
                    found = self._blocks(IPBlock(cidr) for cidr in group.cidrs)
                    yield Held(found, asked.matches(group.marks), by_address=True)
        if source in {ANY, RESERVED}:
            for marks, columns in self._marks:
                if key in marks:
                    yield Held(Match.known(columns), asked.matches(marks), by_address=False)
        if source in {ANY, K8S} and self._scene.cni.ipblock_matches_pods:
            met, labelled = (self._pods(of_pods(each)) for each in (asked, _exists(key)))
            yield Held(self._scene.index.match(met), is_met=True, by_address=False)
            yield Held(self._scene.index.match(labelled & ~met), is_met=False, by_address=False)


def _nodes(index: PeerIndex) -> list[int]:
    return np.flatnonzero(~index.is_pod).tolist()


def _exists(key: str) -> LabelSelectorRequirement:
    return LabelSelectorRequirement(key, Operator.EXISTS)


def _met(requirement: LabelSelectorRequirement, held: list[Held], columns: NDArray[np.int64]) -> Match:
    """Return who meets a requirement: surely if all labels under its key do, and perhaps if only some do."""
    nobody = Match.known(np.zeros(columns.size, dtype=bool))
    met, unmet = (
        reduce(
            or_,
            (_at(each.who, columns) if each.by_address else each.who for each in held if each.is_met is which),
            nobody,
        )
        for which in (True, False)
    )
    answer = Match(met.lower & ~unmet.upper, met.upper)
    return ~answer if requirement.operator in _AFFIRMED else answer


def _at(match: Match, columns: NDArray[np.int64]) -> Match:
    return Match(match.lower[columns], match.upper[columns])
