"""Whether a cluster holds to what people mean it to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.assertions import Verifier
from firedoor.engine.reach.network import Network
from firedoor.errors import NothingInScopeError
from firedoor.model.intents import Intent, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot


def verify(snapshot: Snapshot, cni: CniProfile, intents: Iterable[Intent], most: int) -> Verification:
    """
    Return the result of every intent, each with at most so many violations explained.

    Raises ``NothingInScopeError`` when the snapshot holds no pod.
    """
    network = Network(snapshot, cni)
    if not network.members:
        raise NothingInScopeError(
            "no pod or workload was found", remedy="check the path, or the context of the cluster"
        )
    verifier = Verifier(network, most)
    return Verification(tuple(map(verifier.result, intents)), snapshot.gaps, cni.name)
