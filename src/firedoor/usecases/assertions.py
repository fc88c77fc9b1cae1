"""Whether a cluster holds to what people mean it to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.assertions import Verifier
from firedoor.model.intents import Intent, IntentResult, Verification
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.network import Network
    from firedoor.model.icmp import IcmpMessage
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.zero_trust import BaselineSpec


def verify(
    snapshot: Snapshot, cni: CniProfile, intents: Iterable[Intent], most: int, known: Network | None = None
) -> Verification:
    """
    Return the result of every intent, each with at most so many violations explained.

    `known` is the network of the snapshot, where somebody has it already. Raises ``NothingInScopeError`` when the
    snapshot holds no pod.
    """
    asked = tuple(intents)
    return Verification(results(verifiers(snapshot, cni, asked, most, known), asked, most), snapshot.gaps, cni.name)


def verifiers(
    snapshot: Snapshot, cni: CniProfile, intents: Sequence[Intent], most: int, known: Network | None = None
) -> dict[IcmpMessage | None, Verifier]:
    """
    Return what judges intents: by ports, and for each message that any of them is about.

    `known` is the network of the snapshot, where somebody has it already. Raises ``NothingInScopeError`` when the
    snapshot holds no pod.
    """
    domains = [term.domain for each in intents for term in each.destinations if term.domain]
    found: dict[IcmpMessage | None, Verifier] = {}
    for message in (None, *(message for each in intents for message in each.icmp)):
        if message not in found:
            is_plain = message is None and not domains
            is_known = is_plain and known is not None and bool(known.members)
            network = known if known and is_known else network_of(snapshot, cni, icmp=message, domains=domains)
            found[message] = Verifier(network, most)
    return found


def results(
    judges: Mapping[IcmpMessage | None, Verifier], intents: Iterable[Intent], most: int
) -> tuple[IntentResult, ...]:
    """Return the result of every intent, each with at most so many violations."""
    return tuple(_joined([judges[message].result(each) for message in subjects(each)], most) for each in intents)


def subjects(intent: Intent) -> tuple[IcmpMessage | None, ...]:
    """Return what an intent is about: None stands for its ports."""
    return ((None,) if intent.ports else ()) + intent.icmp


def verify_baselines(
    snapshot: Snapshot, cni: CniProfile, specs: Sequence[BaselineSpec], most: int, today: date
) -> Verification:
    """Return the results of the intents of all baselines, those that are excepted on this day marked; as `verify`."""
    found = verify(snapshot, cni, [each for spec in specs for each in spec.intents], most)
    results = iter(found.results)
    marked = [each for spec in specs for each in excepted(spec, [next(results) for _ in spec.intents], today)]
    return replace(found, results=tuple(marked))


def excepted(spec: BaselineSpec, results: Iterable[IntentResult], today: date) -> list[IntentResult]:
    """Return the results of the intents of a baseline, those marked that need not hold on this day."""
    reasons = {each.intent: each.reason for each in spec.excepted if each.holds_on(today)}
    return [replace(each, excepted=reasons.get(each.intent.name, "")) for each in results]


def _joined(found: list[IntentResult], most: int) -> IntentResult:
    """Return the result of an intent from those of its ports and its messages."""
    # Those that are sure first, so that one of them is always among those that are shown.
    violations = sorted((each for one in found for each in one.violations), key=lambda each: not each.traffic)
    more = sum(one.more for one in found) + max(len(violations) - most, 0)
    problems = dict.fromkeys(each for one in found for each in one.problems)
    return IntentResult(found[0].intent, tuple(problems), tuple(violations[:most]), more)
