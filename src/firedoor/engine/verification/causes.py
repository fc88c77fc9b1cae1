"""Which hypotheses about a network hold against everything that was seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.verification.hypotheses import Hypotheses
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Cause, Judgement, ProfileFit, Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.verification.hypotheses import Hypothesis, Predict
    from firedoor.model.verification import CheckedProbe, ProbePlan

_MEANS = {Verdict.ACCEPTED: Seen.CONNECTED, Verdict.DENIED: Seen.BLOCKED}
_EXAMPLES = 3
MOST_CAUSES = 5


class Diagnosis:
    """What may explain the probes that differ."""

    def __init__(
        self, network: Network, plan: ProbePlan, checked: Sequence[CheckedProbe], live: Network | None = None
    ) -> None:
        """`live` is the network of the policies that the cluster has, where other ones are expected."""
        self._plan = plan
        self._differing = [each for each in checked if each.judgement is Judgement.DIFFERS]
        self._hypotheses = Hypotheses(network, plan, [each.planned for each in self._differing], live)
        self._agreeing = [each for each in checked if each.judgement in {Judgement.AGREES, Judgement.LATE}]
        self._seen = [each for each in checked if each.seen is not Seen.NOT_CHECKED]

    def causes(self) -> tuple[Cause, ...]:
        """
        Return what predicts some of what differs and contradicts nothing that agrees, what explains most first.

        Of what explains as much the likeliest comes first. Where anything explains all, what explains less is left out.
        """
        if not self._differing:
            return ()
        found = [cause for each in self._hypotheses.all() if (cause := self._cause(each)) is not None]
        whole = [each for each in found if each.explains == each.differing]
        return tuple(sorted(whole or found, key=lambda each: -each.explains)[:MOST_CAUSES])

    def fits(self) -> tuple[ProfileFit, ...]:
        """Return how many outcomes each CNI profile predicts, those first that predict most."""
        if not self._differing:
            return ()
        found = [
            ProfileFit(names, sum(_predicts(predict, each) for each in self._seen), len(self._seen))
            for names, predict in self._hypotheses.profiles
        ]
        return tuple(sorted(found, key=lambda each: -each.agreeing))

    def _cause(self, hypothesis: Hypothesis) -> Cause | None:
        if not all(_predicts(hypothesis.predict, each) for each in self._agreeing):
            return None
        explained = [each for each in self._differing if _predicts(hypothesis.predict, each)]
        if not explained:
            return None
        told = f"it predicts {len(explained)} of {len(self._differing)} outcomes that differ"
        evidence = [f"{told}, and all {len(self._agreeing)} that agree"]
        if len(explained) < len(self._differing):
            evidence += [self._told(each) for each in explained[:_EXAMPLES]]
            evidence += [f"and {len(explained) - _EXAMPLES} more"] if len(explained) > _EXAMPLES else []
        return Cause(
            hypothesis.id, hypothesis.title, tuple(evidence), len(explained), len(self._differing), hypothesis.remedy
        )

    def _told(self, each: CheckedProbe) -> str:
        probe, sites = each.planned.probe, self._plan.sites
        service = " through a service" if probe.is_through_service else ""
        return (
            f"{sites[probe.source]} -> {sites[probe.destination]} {probe.protocol}/{probe.port}{service}: "
            f"{each.planned.expected} by the policies, {each.seen}"
        )


def _predicts(predict: Predict, each: CheckedProbe) -> bool:
    return _MEANS.get(predict(each.planned)) is each.seen
