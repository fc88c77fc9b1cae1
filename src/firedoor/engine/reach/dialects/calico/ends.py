"""Whom the two ends of a rule match, one IP version at a time (``EntityRule``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from firedoor.algebra.cidrs import Family, parse_cidr
from firedoor.engine.reach.dialects.calico.selections import ACCOUNT, is_place
from firedoor.engine.reach.matches import Match
from firedoor.model.networkpolicy import IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.dialects.calico.selections import Labelled, Selections
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.calico import EntityRule


@dataclass(frozen=True, slots=True)
class MatchedEnd:
    """The columns that an end matches, and the pods among the profiles whose own labels do, which may name ports."""

    where: Match
    own: NDArray[np.bool_]


class Ends:
    """Finds what the ends of the rules of one policy match; `namespace` is the policy's, empty for a global one."""

    def __init__(self, scene: Scene, selections: Selections, namespace: str) -> None:
        """Look at a scene from a policy."""
        self._scene = scene
        self._selections = selections
        self._namespace = namespace

    def depends_on_family(self, end: EntityRule) -> bool:
        """Return whether an end matches differently for IPv4 and IPv6."""
        looks_at_sets = bool(self._selections.others) and (self._is_positive(end) or end.not_selector is not None)
        return bool(end.nets or end.not_nets or end.services) or looks_at_sets

    def find(self, end: EntityRule, family: Family) -> MatchedEnd:
        """Return what an end matches, services and ports aside."""
        index = self._scene.index
        everyone = Match.known(np.ones(index.size, dtype=bool))
        conditions = [everyone]
        own = self._selections.everyone()
        if self._is_positive(end):
            own = self._pods(end)
            found = [index.match(own), *self._of_others(self._others(end), family)]
            conditions.append(reduce(or_, found))
        elif end.not_selector is not None:
            unwanted = [each for each in self._selections.others if end.not_selector.matches(each.labels)]
            found = [index.match(self._selections.labelled(end.not_selector)), *self._of_others(unwanted, family)]
            conditions.append(~reduce(or_, found))
        conditions += self._nets(end, family)
        return MatchedEnd(reduce(and_, conditions), own)

    def _is_positive(self, end: EntityRule) -> bool:
        """In a namespaced policy every selector means those of some namespace, and ``notSelector`` is one of them."""
        asked = end if self._namespace else msgspec.structs.replace(end, not_selector=None)
        return asked.selects_endpoints

    def _pods(self, end: EntityRule) -> NDArray[np.bool_]:
        selections, accounts = self._selections, end.service_accounts
        found = selections.labelled(end.selector)
        if end.namespace_selector is not None:
            found = found & selections.in_namespaces(end.namespace_selector, is_place)
        elif self._namespace:
            found = found & self._scene.index.in_namespace(self._namespace)
        if end.not_selector is not None:
            found = found & ~selections.labelled(end.not_selector)
        if accounts is not None:
            found = found & selections.with_account(accounts.selector, accounts.names)
        return found

    def _others(self, end: EntityRule) -> Iterator[Labelled]:
        accounts = end.service_accounts
        for each in self._selections.others:
            if not self._is_in_scope(end, each):
                continue
            if accounts is not None and accounts.names and each.labels.get(ACCOUNT) not in accounts.names:
                continue
            if accounts is not None and accounts.selector is not None and not accounts.selector.matches({}):
                continue
            unwanted = end.not_selector is not None and end.not_selector.matches(each.labels)
            if not unwanted and (end.selector is None or end.selector.matches(each.labels)):
                yield each

    def _is_in_scope(self, end: EntityRule, each: Labelled) -> bool:
        if end.namespace_selector is not None:
            labels = self._selections.labels_of_namespace(each.namespace) if each.namespace else None
            return is_place(end.namespace_selector, labels)
        return not self._namespace or each.namespace == self._namespace

    def _of_others(self, found: Iterator[Labelled] | list[Labelled], family: Family) -> Iterator[Match]:
        index = self._scene.index
        blocks: list[IPBlock] = []
        unsure = False
        for each in found:
            blocks += each.blocks
            unsure |= each.unsure
        own = _of_family(blocks, family)
        if own:
            yield index.inside(own, family)
        if unsure:
            yield Match.known(np.ones(index.size, dtype=bool)).doubted()

    def _nets(self, end: EntityRule, family: Family) -> Iterator[Match]:
        """Yield what the nets ask; a list without a net of the IP version, even a negated one, rules it out."""
        for nets, is_wanted in ((end.nets, True), (end.not_nets, False)):
            if not nets:
                continue
            blocks = _of_family([IPBlock(cidr) for cidr in nets], family)
            inside = self._scene.index.inside(blocks, family)
            yield inside if is_wanted or not blocks else ~inside


def _of_family(blocks: list[IPBlock], family: Family) -> list[IPBlock]:
    return [each for each in blocks if parse_cidr(each.cidr)[0] is family]
