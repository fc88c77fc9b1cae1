"""Whether a cluster holds to what people mean it to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.assertions import Verifier
from firedoor.model.intents import Intent, Verification
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot


def verify(snapshot: Snapshot, cni: CniProfile, intents: Iterable[Intent], most: int) -> Verification:
    """
    Return the result of every intent, each with at most so many violations explained.

    Raises ``NothingInScopeError`` when the snapshot holds no pod.
    """
    network = network_of(snapshot, cni)
    verifier = Verifier(network, most)
    return Verification(tuple(map(verifier.result, intents)), snapshot.gaps, cni.name)
