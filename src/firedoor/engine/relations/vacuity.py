"""Policies that select no pod, and rules that match no peer or no port here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.rules import terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.columns import Peers
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.rules import CompiledRule
    from firedoor.model.networkpolicy import Direction

NO_PEER = "no peer"
NO_PORT = "no port"


def is_nobody(peers: Peers) -> bool:
    """Return whether peers match nobody at all, not even possibly."""
    return not len(peers.sure) and not len(peers.maybe)


def vacuous_rule(
    network: Network,
    direction: Direction,
    rules: Sequence[CompiledRule],
    selected: NDArray[np.int32],
    asked: NDArray[np.bool_],
) -> str:
    """
    Return why a rule, given by all that it was compiled to, matches nothing: `NO_PEER`, `NO_PORT` or empty.

    `selected` are the profiles that its policy applies to; `asked` are the columns that are ends of connections.
    """
    if not any(np.any(asked[each.peers.sure]) or np.any(asked[each.peers.maybe]) for each in rules):
        return NO_PEER
    seen: set[object] = set()
    for profile in selected.tolist():
        subject = network.profiles[profile]
        meant = tuple(rule.subjects is None or bool(rule.subjects.upper[profile]) for rule in rules)
        if (subject.ports, meant) in seen:
            continue
        seen.add((subject.ports, meant))
        for rule in (rule for rule, is_meant in zip(rules, meant, strict=True) if is_meant):
            for term in terms(rule, direction, subject.ports, network.axis):
                if np.any(asked[term.peers.sure]) or np.any(asked[term.peers.maybe]):
                    return ""
    return NO_PORT
