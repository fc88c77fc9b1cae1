"""Whether a cluster holds to what people mean it to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.assertions import Verifier
from firedoor.model.intents import Intent, IntentResult, Verification
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.icmp import IcmpMessage
    from firedoor.model.snapshot import Snapshot


def verify(snapshot: Snapshot, cni: CniProfile, intents: Iterable[Intent], most: int) -> Verification:
    """
    Return the result of every intent, each with at most so many violations explained.

    Raises ``NothingInScopeError`` when the snapshot holds no pod.
    """
    asked = tuple(intents)
    domains = [term.domain for each in asked for term in each.destinations if term.domain]
    verifiers: dict[IcmpMessage | None, Verifier] = {}
    for message in (None, *(message for each in asked for message in each.icmp)):
        if message not in verifiers:
            network = network_of(snapshot, cni, icmp=message, domains=domains)
            verifiers[message] = Verifier(network, most)
    results = []
    for each in asked:
        about = ((None,) if each.ports else ()) + each.icmp
        results.append(_joined([verifiers[message].result(each) for message in about], most))
    return Verification(tuple(results), snapshot.gaps, cni.name)


def _joined(found: list[IntentResult], most: int) -> IntentResult:
    """Return the result of an intent from those of its ports and its messages."""
    violations = [each for one in found for each in one.violations]
    more = sum(one.more for one in found) + max(len(violations) - most, 0)
    problems = dict.fromkeys(each for one in found for each in one.problems)
    return IntentResult(found[0].intent, tuple(problems), tuple(violations[:most]), more)
