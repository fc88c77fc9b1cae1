"""Policies interfere exactly where, port by port, one decides before another that says otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.programs import DENY, PASS, Term
from firedoor.engine.relations.effects import Effects
from firedoor.engine.relations.interference import Clash, interference
from firedoor.engine.relations.sides import Group
from tests.examples import some
from tests.properties.worlds import LENIENT_VERSION
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@some
@given(st.data())
def test_rules_are_overruled_where_an_earlier_decision_differs(data: st.DataObject) -> None:
    cluster = data.draw(clusters_with_cluster_policies())
    cni = dataclasses.replace(SPEC, name="generated", **dataclasses.asdict(data.draw(options())))
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    effects = Effects(Network(load_text(text, version=LENIENT_VERSION), cni))
    expected: dict[Clash, int] = {}
    for direction, side in effects.sides.items():
        for number in range(side.size):
            group = side.group(number)
            for pattern in np.unique(group.patterns.of_column[effects.asked[direction]]).tolist():
                for atom in range(len(effects.network.axis)):
                    for clash in _clashes(group, group.patterns.masks[pattern], atom):
                        expected[clash] = expected.get(clash, 0) | 1 << atom
    assert {clash: extent.ports for clash, extent in interference(effects).items()} == expected


@dataclasses.dataclass(frozen=True)
class Entry:
    """A term that matches the peer and the port, and its place in the order of asking."""

    position: int
    term: Term
    place: tuple[int, int, int, int]
    """Plane, tier, rank, alternative."""

    def takes_from(self, later: Entry) -> bool:
        """Return whether a later entry is not asked once this one has decided; a Pass counts within its tier."""
        first, second = self.place, later.place
        is_before = first[:3] < second[:3] or first == second
        reach = 2 if self.term.action == PASS else 1
        return self.term.sure and is_before and first[:reach] == second[:reach]


def _clashes(group: Group, matched: int, atom: int) -> Iterator[Clash]:
    asked: list[Entry] = []
    for entry in _entries(group):
        if not (matched >> entry.position & 1 and entry.term.ports >> atom & 1):
            continue
        own = {number for number, _ in _named(group, entry.position)}
        earlier = [each for each in asked if each.place[0] == entry.place[0]]
        is_own = any(each.term.sure and own & {n for n, _ in _named(group, each.position)} for each in earlier)
        takers = [each for each in earlier if each.takes_from(entry) and _is_open(each, asked)]
        if not is_own and group.origins[entry.position].rule is not None:
            for each in takers:
                yield from _clash(group, each, entry, is_tie=False)
            equal = [each for each in earlier if each.place[:3] == entry.place[:3] and each.place != entry.place]
            for each in equal:
                if not takers and _is_open(each, asked):
                    yield from _clash(group, each, entry, is_tie=True)
        asked.append(entry)


def _is_open(entry: Entry, asked: list[Entry]) -> bool:
    before = asked[: asked.index(entry)]
    return not any(each.takes_from(entry) and _is_open(each, asked) for each in before)


def _entries(group: Group) -> Iterator[Entry]:
    position = 0
    for plane_number, plane in enumerate(group.program):
        for tier_number, tier in enumerate(plane):
            for rank_number, rank in enumerate(tier):
                for number, alternative in enumerate(rank):
                    for term in alternative:
                        yield Entry(position, term, (plane_number, tier_number, rank_number, number))
                        position += 1


def _named(group: Group, position: int) -> list[tuple[int, str]]:
    origin = group.origins[position]
    if origin.policy is not None and origin.rule is not None:
        return [(group.book.number_of[id(origin.policy)], origin.rule.path)]
    return [(number, "") for end in group.ends if end.bit == 1 << position for number in end.isolating]


def _clash(group: Group, winner: Entry, loser: Entry, *, is_tie: bool) -> Iterator[Clash]:
    actions = winner.term.action, loser.term.action
    if actions[0] == actions[1] or (not is_tie and group.origins[loser.position].tier.name == "Baseline"):
        return
    ((own, rule),) = _named(group, loser.position)
    for number, winning in _named(group, winner.position):
        assert winning or actions[0] == DENY
        yield Clash(group.direction, number, winning, own, rule, *actions, is_tie)
