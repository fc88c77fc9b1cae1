"""Which profiles, and which ways to get the API wrong, foretell what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.engine.conformance.predicting import kind_of
from firedoor.engine.conformance.readings import READINGS
from firedoor.engine.conformance.shapes import Feature
from firedoor.engine.reach.cni import PROFILES
from firedoor.model.conformance import Passage, ProfileResult

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from firedoor.engine.conformance.predicting import Predictor
    from firedoor.engine.conformance.readings import Reading
    from firedoor.engine.conformance.shapes import Case
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.conformance import Observation

_CILIUM = ("cilium", "cilium-nodes", "cilium-pods", "cilium-nodes-pods", "gke-dataplane-v2")
_ALWAYS: dict[Feature, tuple[str, ...]] = {
    Feature.END_PORT: ("weave",),
    Feature.NAMED_PORTS: ("kube-router",),
    Feature.EXCEPT: ("ovn",),
    Feature.OWN_NODE: ("aws", "azure"),
}
"""What the reference of CNI profiles says that plugins always do otherwise than the API."""
_SOMETIMES: dict[Feature, tuple[str, ...]] = {
    Feature.END_PORT: _CILIUM,
    Feature.SCTP: (*_CILIUM, "kube-router"),
    Feature.EXCEPT: ("aws",),
    Feature.NAMED_PORTS: _CILIUM,
}
"""What it says of some of their versions or settings."""

_Place = tuple[int, int]
"""The position of a case and the number of its stage."""
_Seen = tuple["Case", tuple[tuple["Observation", ...], ...], "Predictor"]


@dataclass(frozen=True, slots=True)
class _Explanation:
    """A profile with ways to get the API wrong, and how many connections are left that they do not foretell."""

    left: int
    profile: CniProfile
    readings: list[Reading]


_WIDTH = 4
"""So many explanations are followed: the best one of some length need not be the beginning of the best longer one."""


class Fitting:
    """
    Compares what was seen with what is foretold.

    `readings` are the ways to get the API wrong which, together with the profile that they fit
    best, foretell most; `unforetold` counts the connections that are left.
    """

    def __init__(self, seen: Sequence[_Seen]) -> None:
        """Take each case with what was seen in its stages, and what foretells it."""
        self._seen = seen
        self._checked = {
            case.feature
            for case, stages, _ in seen
            if stages and all(each.passage is not Passage.UNKNOWN for stage in stages for each in stage)
        }
        kinds = {kind_of(each): each for each in PROFILES.values()}
        self._wrong = {kind: self._by_feature(each) for kind, each in kinds.items()}
        self.unforetold, self.readings = self._explained(kinds.values())
        self._left = {kind: self._by_feature(each, self.readings) for kind, each in kinds.items()}

    def profiles(self) -> tuple[tuple[ProfileResult, ...], tuple[str, ...]]:
        """Return how each profile fits, and the names of the best; none where nothing was checked."""
        found = tuple(self._profile(each) for each in PROFILES.values())
        if not self._checked:
            return found, ()
        ranks = {each.name: self._rank(each) for each in found}
        best = min(ranks.values())
        return found, tuple(name for name, rank in ranks.items() if rank == best)

    def _explained(self, profiles: Iterable[CniProfile]) -> tuple[int, list[Reading]]:
        """Return the readings that, with some profile, foretell most of what is wrong, and how much is left."""
        beam = [_Explanation(sum(self._wrong[kind_of(each)].values()), each, []) for each in profiles]
        best = min(beam, key=lambda each: each.left)
        while best.left and (beam := self._longer(beam)):
            best = min(best, beam[0], key=lambda each: each.left)
        return best.left, best.readings

    def _longer(self, beam: Sequence[_Explanation]) -> list[_Explanation]:
        """Return the best explanations that have one reading more and foretell more, best first."""
        found: list[_Explanation] = []
        for bound, before, readings in sorted(self._candidates(beam), key=lambda each: each[0]):
            if found and (not found[0].left or (len(found) == _WIDTH and bound >= found[-1].left)):
                break
            left = sum(self._by_stage(before.profile, readings).values())
            alike = next((each for each in found if each.readings == readings), None)
            if left < (before.left if alike is None else alike.left):
                others = (each for each in found if each is not alike)
                longer = _Explanation(left, before.profile, readings)
                found = sorted((*others, longer), key=lambda each: each.left)[:_WIDTH]
        return found

    def _candidates(self, beam: Sequence[_Explanation]) -> Iterator[tuple[int, _Explanation, list[Reading]]]:
        """
        Yield all explanations that have one reading more, and the least that may be left by each.

        Where all is as foretold another reading can only do harm: it is enough to look at the rest.
        """
        for each in beam:
            wrong = self._by_stage(each.profile, each.readings)
            for reading in READINGS:
                if reading not in each.readings:
                    readings = [*each.readings, reading]
                    bound = sum(self._by_stage(each.profile, readings, wrong).values())
                    if bound < each.left:
                        yield bound, each, readings

    def _by_feature(self, profile: CniProfile, readings: Sequence[Reading] = ()) -> dict[Feature, int]:
        """Return how many connections were seen to be otherwise than foretold, by feature."""
        found: dict[Feature, int] = {}
        for (position, _), wrong in self._by_stage(profile, readings).items():
            feature = self._seen[position][0].feature
            found[feature] = found.get(feature, 0) + wrong
        return found

    def _by_stage(
        self, profile: CniProfile, readings: Sequence[Reading], within: Container[_Place] | None = None
    ) -> dict[_Place, int]:
        """Return how many connections were seen to be otherwise than foretold, by case and stage: all or some."""
        found: dict[_Place, int] = {}
        for position, (case, stages, predictor) in enumerate(self._seen):
            for number, seen in enumerate(stages):
                if within is None or (position, number) in within:
                    foretold = predictor.verdicts(case, number, profile, readings)
                    wrong = sum(not each.passage.is_as(verdict) for each, verdict in zip(seen, foretold, strict=True))
                    if wrong:
                        found[position, number] = wrong
        return found

    def _profile(self, profile: CniProfile) -> ProfileResult:
        kind, name = kind_of(profile), profile.name
        differing = self._left[kind].keys() | {each.feature for each in self.readings} if self._wrong[kind] else set()
        features = [each for each in Feature if each in differing]
        documented = [each for each in features if name in (*_ALWAYS.get(each, ()), *_SOMETIMES.get(each, ()))]
        missed = [
            each for each, names in _ALWAYS.items() if name in names and each in self._checked and each not in differing
        ]
        told = [tuple(each.value for each in found) for found in (features, documented, missed)]
        return ProfileResult(name, profile.summary, sum(self._wrong[kind].values()), *told)

    def _rank(self, result: ProfileResult) -> tuple[int, int, int, int]:
        """Return what is smaller for profiles that fit better: what nothing foretells comes first."""
        left = sum(self._left[kind_of(PROFILES[result.name])].values())
        of_some = sum(result.name in names and each.value in result.features for each, names in _SOMETIMES.items())
        return left, len(result.features) - len(result.documented), len(result.missed), of_some
