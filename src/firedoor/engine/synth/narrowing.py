"""Whether any part of generated policies is too much: policies with a single peer and port in each rule, weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.relations.effects import Effects, Hidden, Witness
from firedoor.engine.relations.glance import plainly_matters

if TYPE_CHECKING:
    from collections.abc import Collection

    from firedoor.engine.reach.network import Network


def removable(
    network: Network, defaults: Collection[tuple[str, str]], empty: Collection[tuple[str, str, str]]
) -> tuple[int, tuple[str, ...]]:
    """
    Return how many parts the policies of a network have, and those that change nothing when they are left out.

    `defaults` are the policies (namespace and name) that deny the rest, for pods to come too, and `empty` the rules
    (with their paths) that allow nothing and are there only to isolate: neither is a part.
    """
    effects = Effects(network)
    parts, idle = 0, []
    for number, written in enumerate(effects.book.policies):
        ref = written.policy.ref
        if (ref.namespace, ref.name) in defaults:
            continue
        for part in effects.book.parts(number):
            if (ref.namespace, ref.name, part.rule) in empty:
                continue
            parts += 1
            if plainly_matters(effects, part):
                continue
            found = effects.witness(part)
            if not isinstance(found, Witness) and Hidden.UNKNOWN not in found:
                idle.append(f"{ref}, {part.rule}: no verdict would differ without it")
    return parts, tuple(idle)
