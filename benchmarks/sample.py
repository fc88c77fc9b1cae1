"""Connections to ask about: half of them anywhere in the cluster, half inside one namespace, where rules meet."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from firedoor.model.members import Member

Question = tuple[int, int, str, int]
PORTS = (53, 80, 443, 3000, 3005, 5000, 5432, 8000, 8050, 8080, 8443, 9000, 9090, 9100, 30001)
_SHARE_OF_DECLARED = 0.5


def questions(members: Sequence[Member], count: int, seed: int = 1) -> list[Question]:
    """Return connections as ``(source, destination, protocol, port)``, half of them to a declared port."""
    rng = random.Random(seed)
    neighbours: dict[str, list[int]] = defaultdict(list)
    for position, member in enumerate(members):
        neighbours[member.namespace].append(position)
    found: list[Question] = []
    for number in range(count):
        destination = rng.randrange(len(members))
        near = neighbours[members[destination].namespace]
        source = rng.choice(near) if number % 2 else rng.randrange(len(members))
        declared = members[destination].listening
        if declared and rng.random() < _SHARE_OF_DECLARED:
            found.append((source, destination, *rng.choice(declared)))
        else:
            found.append((source, destination, rng.choice(("TCP", "TCP", "UDP")), rng.choice(PORTS)))
    return found
