"""Rules of other APIs than NetworkPolicy without the peers and ports that nobody used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.reach.network import Network
from firedoor.engine.relations.parts import PolicyBook
from firedoor.engine.review.matching import Matcher
from firedoor.engine.review.narrowing import MOST_NAMED
from firedoor.engine.review.observed import Observed
from firedoor.engine.review.rule_documents import (
    Element,
    Keys,
    element_of,
    elements,
    path_alone,
    rewritten,
    rule_at,
    shortened,
    with_rule_alone,
)
from firedoor.model.places import Place
from firedoor.model.policies import DECIDING_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firedoor.engine.review.rule_documents import Dialect, Ports
    from firedoor.model.networkpolicy import Direction
    from firedoor.model.policies import PolicyObject
    from firedoor.model.review import Manifest

_DNS = ("UDP", 53)
Edges = frozenset[int]
"""Numbers of observed connections."""


@dataclass(slots=True)
class WideRule:
    """
    A rule that was used: where it stands, and the connections that it matched, or may have.

    `is_on_ports` says that all of them are on ports that rules can name.
    """

    policy: PolicyObject
    dialect: Dialect
    path: str
    direction: Direction
    used: Edges
    is_on_ports: bool

    @property
    def rule(self) -> Manifest:
        """The rule as it is written."""
        return rule_at(self.policy, self.path)

    @property
    def lists(self) -> tuple[list[Keys], list[Keys]]:
        """Where the lists of its peers and of its ports are."""
        return self.dialect.peers(self.rule, self.direction), self.dialect.ports(self.rule)


def shorter_rules(observed: Observed, wide: Sequence[WideRule]) -> list[Manifest | None]:
    """
    Return for each rule the shorter one, within the old one and matching all that the old one matched; None for none.

    Every element of a list is asked about in a policy of its own, all of them in one network.
    """
    asked: dict[tuple[int, Element], PolicyObject] = {}
    for position, each in enumerate(wide):
        rule = each.rule
        for lists in each.lists:
            for element in elements(rule, lists):
                alone = with_rule_alone(each.policy, each.path, shortened(rule, lists, [element]))
                asked[position, element] = replace(alone, place=Place(f"part {len(asked)}"))
    matched = _matched(observed, asked, wide)
    found: list[Manifest | None] = []
    for position, each in enumerate(wide):
        own = {element: edges for (number, element), edges in matched.items() if number == position}
        shorter = _shorter(observed, each, own)
        found.append(None if shorter == each.rule else shorter)
    return found


def _matched(
    observed: Observed, asked: Mapping[tuple[int, Element], PolicyObject], wide: Sequence[WideRule]
) -> dict[tuple[int, Element], Edges]:
    """Return which connections each part of a rule matches, or may; one that says nothing alone counts as the rule."""
    network = observed.network
    others = [each for each in network.snapshot.policy_objects if (each.group, each.kind) not in DECIDING_KINDS]
    snapshot = replace(network.snapshot, network_policies=(), policy_objects=(*others, *asked.values()))
    parts = Observed(Network(snapshot, network.cni), observed.edges)
    matcher = Matcher(parts)
    written = {str(each.policy.place): each for each in PolicyBook(parts.network).policies}
    found: dict[tuple[int, Element], Edges] = {}
    for (position, element), policy in asked.items():
        each = wide[position]
        one, path = written.get(str(policy.place)), path_alone(each.path)
        pairs = [
            (compiled, rule)
            for compiled in (one.compiled[each.direction] if one is not None else ())
            for rule in compiled.rules
            if rule.path == path
        ]
        rows = matcher.matched(each.direction, pairs).maybe if pairs else None
        edges = each.used if rows is None else frozenset(parts.edge[rows].tolist()) & each.used
        found[position, element] = edges
    return found


def _shorter(observed: Observed, wide: WideRule, matched: Mapping[Element, Edges]) -> Manifest:
    rule = wide.rule
    # Lists whose elements do not account for all that was used stay as they are.
    peers, ports = (lists if _is_whole(wide, elements(rule, lists), matched) else [] for lists in wide.lists)
    if peers:
        rule = shortened(rule, peers, [each for each in elements(rule, peers) if matched[each]])
    return _with_ports(observed, wide, rule, ports, matched) if wide.is_on_ports else rule


def _with_ports(
    observed: Observed, wide: WideRule, rule: Manifest, lists: Sequence[Keys], matched: Mapping[Element, Edges]
) -> Manifest:
    used = _ports(observed, wide.used)
    written = elements(rule, lists)
    if not written:
        return (wide.dialect.added(rule, used) or rule) if len(used) <= MOST_NAMED else rule
    kept: dict[Element, list[object]] = {}
    for each in written:
        old = element_of(rule, each)
        own = _ports(observed, matched[each])
        exact = wide.dialect.exact(old, own) if len(own) <= MOST_NAMED else []
        if own or (wide.dialect.is_dns_over_tcp(old) and _DNS in used):
            kept[each] = exact or [old]
    return rewritten(rule, lists, kept)


def _is_whole(wide: WideRule, some: Sequence[Element], matched: Mapping[Element, Edges]) -> bool:
    """Return whether some elements together match all that the rule matched."""
    return frozenset().union(*(matched[each] for each in some)) == wide.used


def _ports(observed: Observed, edges: Edges) -> Ports:
    return sorted({(observed.edges[each].protocol, observed.edges[each].port) for each in edges})
