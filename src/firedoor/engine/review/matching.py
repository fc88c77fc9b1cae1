"""Which observed connections the peers and ports of a compiled rule match."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.engine.reach.columns import distinct
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.reach.columns import Peers
    from firedoor.engine.reach.layers import Policy
    from firedoor.engine.reach.rules import CompiledRule, PortTest
    from firedoor.engine.review.observed import Observed


class Rows(NamedTuple):
    """The rows that surely match, and those that possibly do, with these: sorted positions."""

    sure: NDArray[np.int64]
    maybe: NDArray[np.int64]


class Matched(NamedTuple):
    """Which of some rows surely match, and which possibly do, with these."""

    sure: NDArray[np.bool_]
    maybe: NDArray[np.bool_]


class Matcher:
    """Matches rules against observed connections."""

    def __init__(self, observed: Observed) -> None:
        """Prepare the ports that pods declare."""
        self._observed = observed
        network = observed.network
        sets = network.index.sets
        self._declared = sets.declared
        # No name declares a port, and of what may be anybody nothing is known: the row past the others.
        self._declaring = np.concatenate([sets.declaring, [0, len(sets.declared)]]).astype(np.int64)
        self._ports = cache(self._resolved)

    def matched(self, direction: Direction, rules: Iterable[tuple[Policy, CompiledRule]]) -> Rows:
        """Return the rows that one of the rules matches, given with the policies that they are in."""
        surely: list[NDArray[np.int64]] = []
        possibly: list[NDArray[np.int64]] = []
        for policy, rule in rules:
            own = [*policy.selected.tolist(), *policy.perhaps.tolist()]
            rows = self._observed.rows_at(direction, own, policy.policy.ref.namespace)
            subjects = self._subjects(policy, rule, self._observed.columns[direction][rows])
            peers = self.peers(direction, rows, rule.peers)
            ports = self.ports(rows, rule.ports)
            sure = subjects.sure & peers.sure & ports.sure & self._observed.is_sure[rows] & (not rule.l7)
            surely.append(rows[sure])
            possibly.append(rows[subjects.maybe & peers.maybe & ports.maybe])
        return Rows(distinct(np.concatenate(surely)), distinct(np.concatenate(possibly)))

    def _subjects(self, policy: Policy, rule: CompiledRule, subjects: NDArray[np.int64]) -> Matched:
        """Return which subjects the rule surely means, and which it may mean."""
        low = np.zeros(self._observed.anybody + 1, dtype=bool)
        low[policy.selected] = True
        high = np.ones_like(low)
        if rule.subjects is not None:
            known = len(rule.subjects.upper)
            low[:known] &= rule.subjects.lower
            high[:known] = rule.subjects.upper
        return Matched(low[subjects], high[subjects])

    def peers(self, direction: Direction, rows: NDArray[np.int64], peers: Peers) -> Matched:
        """Return which rows have one of the peers at their other end."""
        other = Direction.EGRESS if direction is Direction.INGRESS else Direction.INGRESS
        low = np.zeros(self._observed.anybody + 1, dtype=bool)
        low[peers.sure] = True
        high = low.copy()
        high[peers.maybe] = high[self._observed.anybody] = True
        columns = self._observed.columns[other][rows]
        sure, maybe = low[columns], high[columns]
        if direction is Direction.EGRESS:
            names = self._observed.names[rows]
            sure, maybe = sure | low[names].any(axis=1), maybe | high[names].any(axis=1)
        return Matched(sure, maybe)

    def ports(self, rows: NDArray[np.int64], test: PortTest) -> Matched:
        """Return which rows are on one of the ports; names mean what the destination declares."""
        destinations = self._observed.columns[Direction.INGRESS][rows]
        table = self._ports(test)
        found = table[self._declaring[destinations] if test.has_names else 0, self._observed.atoms[rows]]
        # What an unknown destination declares is not known.
        return Matched(found & (destinations != self._observed.anybody) if test.has_names else found, found)

    def _resolved(self, test: PortTest) -> NDArray[np.bool_]:
        """Return for each set of declared ports, and last for all of them, whether a test holds on each atom."""
        axis = self._observed.network.axis
        masks = [test.resolve(each, axis) for each in self._declared] if test.has_names else [test.resolve((), axis)]
        # A name that nobody here declares may mean any port where it is not known who that was.
        masks += [axis.everything] if test.has_names else []
        found = np.asarray([[mask >> atom & 1 for atom in range(len(axis))] for mask in masks], dtype=bool)
        return np.concatenate([found, found.all(axis=1, keepdims=True)], axis=1)
