"""Which intents a change would break: from what is known of the cluster, and where that does not do, compiled anew."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from firedoor.engine.assertions.forecast import MOST_TOLD, Forecast
from firedoor.errors import NothingInScopeError
from firedoor.model.amending import amended, assembled
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.workloads import Namespace
from firedoor.usecases.assertions import results, subjects, verifiers, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.assertions.forecast import Broken
    from firedoor.engine.reach.network import Network
    from firedoor.model.admission import Proposal
    from firedoor.model.intents import Intent, IntentResult

MOST_SHOWN = MOST_TOLD


class KeptIntents:
    """The intents that hold in one cluster, and what would break them."""

    def __init__(self, network: Network, intents: Sequence[Intent]) -> None:
        """Judge the cluster of a network, and prepare for questions; this takes as long as `firedoor assert`."""
        self._snapshot = snapshot = network.snapshot
        self._cni = cni = network.cni
        self._intents = tuple(intents)
        self._held: frozenset[int] = frozenset()
        self._forecasts: tuple[Forecast, ...] = ()
        self._lock = Lock()
        """Answers remember what they found; several at a time would get in each other's way."""
        try:
            judges = verifiers(snapshot, cni, self._intents, MOST_SHOWN, network)
        except NothingInScopeError:
            # No pod is there whose connections could be wrong.
            return
        found = results(judges, self._intents, MOST_SHOWN)
        self._held = frozenset(number for number, each in enumerate(found) if each.holds)
        self._forecasts = tuple(
            Forecast(judge, {n: self._intents[n] for n in self._held if message in subjects(self._intents[n])})
            for message, judge in judges.items()
        )

    def broken_by(self, proposal: Proposal) -> dict[int, str]:
        """Return the intents that hold and would not after a change, by number, with what would be wrong."""
        if not self._held:
            return {}
        with self._lock:
            found = self.foreseen(proposal)
            return self._compiled(proposal) if found is None else found

    def foreseen(self, proposal: Proposal) -> dict[int, str] | None:
        """Return the same without compiling the cluster; None where that cannot be done."""
        some = proposal.new if proposal.new is not None else proposal.old
        if isinstance(some, Namespace):
            labels = some.metadata.labels if proposal.new is not None else {}
            is_moot = all(each.is_deaf_to(some.metadata.name, labels) for each in self._forecasts)
            return {} if is_moot else None
        if not isinstance(some, NetworkPolicy):
            return None
        new = proposal.new if isinstance(proposal.new, NetworkPolicy) else None
        if any(each.object == some.ref for each in self._snapshot.gaps) or (new is not None and assembled([new]).gaps):
            # What is not understood of a policy makes more unknown than the policy decides.
            return None
        found: dict[int, list[Broken]] = {}
        for each in self._forecasts:
            broken = each.broken(some.ref, new)
            if broken is None:
                return None
            for number, what in broken.items():
                found.setdefault(number, []).append(what)
        return {number: self._told(number, found[number]) for number in sorted(found)}

    def _told(self, number: int, found: Sequence[Broken]) -> str:
        shown = [
            f"{each.source} -> {each.destination} {each.protocol}/{each.port}"
            for part in found
            for each in part.breaches
        ]
        more = sum(part.count for part in found) - min(len(shown), MOST_SHOWN)
        return worded(self._intents[number], shown, more, is_cut=any(part.is_cut for part in found))

    def _compiled(self, proposal: Proposal) -> dict[int, str]:
        """Return the same from the whole cluster with the change in it."""
        try:
            after = verify(amended(self._snapshot, proposal.old, proposal.new), self._cni, self._intents, MOST_SHOWN)
        except NothingInScopeError:
            return {}
        return {
            number: _worded_result(result)
            for number, result in enumerate(after.results)
            if number in self._held and not result.holds
        }


def worded(intent: Intent, shown: Sequence[str], more: int, *, is_cut: bool = False) -> str:
    """Return that an intent would be broken, with the first few of what would be wrong."""
    what = ", ".join(shown[:MOST_SHOWN])
    rest = f" and {'at least ' if is_cut else ''}{more} more" if more > 0 else ""
    return f"intent {intent.name!r} ({intent.kind}) would no longer hold: {what}{rest}"


def _worded_result(result: IntentResult) -> str:
    shown = [f"{each.source} -> {each.destination} {each.protocol}/{each.port}" for each in result.violations]
    more = result.more + max(len(shown) - MOST_SHOWN, 0)
    return worded(result.intent, shown or ["; ".join(result.problems)], more)
