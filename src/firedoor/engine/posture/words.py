"""Lists and numbers of things as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.model.networkpolicy import NetworkPolicyPort

MOST = 3
"""Things of a list that are named one by one."""


def listed(things: Iterable[object], most: int = MOST) -> str:
    """Return ``a, b and c``, with ``n more`` in place of what exceeds `most`."""
    texts = [str(each) for each in things]
    if len(texts) > most:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))


def count(number: int, thing: str) -> str:
    """Return ``1 pod`` or ``2 pods``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def on_ports(ports: Sequence[NetworkPolicyPort]) -> str:
    """Return ``on TCP/80 and UDP/53``, or ``on every port`` for a rule that names none."""
    return f"on {listed(ports)}" if ports else "on every port"
