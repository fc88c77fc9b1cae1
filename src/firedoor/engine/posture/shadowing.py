"""Rules of one policy that an earlier rule of the same policy leaves nothing for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firedoor.engine.reach.columns import ColumnSets
from firedoor.model.calico import CalicoPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule

Rules = dict[str, list["CompiledRule"]]
"""The cases of each rule, by its path."""


def shadowed(compiled: CompiledPolicy[Any]) -> Iterator[tuple[str, str, bool]]:
    """
    Yield rules that one earlier rule of an ordered policy hides, with the path of that one.

    The third is whether that holds in every cluster: the earlier rule matches everything.
    Rules that match nobody here are left out, since nothing is taken from them.
    """
    rules: Rules = {}
    for rule in compiled.rules:
        rules.setdefault(rule.path, []).append(rule)
    earlier: list[CompiledRule] = []
    for path, cases in rules.items():
        meant = [each for each in cases if len(each.peers.sure) or len(each.peers.maybe)]
        hiding = [next((one for one in earlier if _hides(one, each)), None) for each in meant]
        if meant and None not in hiding:
            found = [one for one in hiding if one is not None]
            yield path, found[0].path, all(one.peers.sure_number == ColumnSets.ALL for one in found)
        earlier += (each for each in cases if _is_whole(compiled, each))


def _is_whole(compiled: CompiledPolicy[Any], rule: CompiledRule) -> bool:
    """Return whether a rule surely decides what its peers and ports say, and asks nothing besides."""
    if rule.subjects is not None or rule.l7 or rule.ports.has_names:
        return False
    if not isinstance(compiled.policy, CalicoPolicy):
        return True
    written = next(each for each in (*compiled.policy.ingress, *compiled.policy.egress) if each.path == rule.path)
    return written.not_protocol is None and not written.has_icmp


def _hides(earlier: CompiledRule, later: CompiledRule) -> bool:
    ports = later.ports.mask & ~later.ports.without
    if later.ports.has_names or ports & ~(earlier.ports.mask & ~earlier.ports.without):
        return False
    meant = np.union1d(later.peers.sure, later.peers.maybe)
    return bool(np.isin(meant, earlier.peers.sure).all())
