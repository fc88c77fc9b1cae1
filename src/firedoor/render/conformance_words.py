"""What a network plugin enforces, in the words that all formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.conformance import CaseStatus, Passage
from firedoor.model.verdicts import Verdict
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.conformance import CaseResult, Conformance, FeatureResult, ProfileResult, TryResult

_STATUS = {
    CaseStatus.PASSES: "enforced",
    CaseStatus.FAILS: "not as the API says",
    CaseStatus.OPEN: "left open by the API",
    CaseStatus.UNCHECKED: "could not be checked",
}
_SEEN = {Passage.PASSES: "passes", Passage.BLOCKED: "is blocked", Passage.UNKNOWN: "is not known"}
_MUST = {Verdict.ACCEPTED: "must pass", Verdict.DENIED: "must be blocked"}


def summary_text(found: Conformance) -> str:
    """Return how many cases came to what."""
    counts = [
        count_text(found.count(CaseStatus.PASSES), "case passes", "cases pass"),
        f"{found.count(CaseStatus.FAILS)} {'fails' if found.count(CaseStatus.FAILS) == 1 else 'fail'}",
        f"{found.count(CaseStatus.OPEN)} about what the API leaves open",
        f"{found.count(CaseStatus.UNCHECKED)} could not be checked",
    ]
    return ", ".join(counts)


def status_text(feature: FeatureResult) -> str:
    """Return what is known of a part of the API, in a few words."""
    return _STATUS[feature.status]


def feature_text(feature: FeatureResult) -> str:
    """Return how many cases say so, and how the plugin gets it wrong."""
    total = feature.passes + feature.fails + feature.open + feature.unchecked
    parts = [count_text(total, "case")]
    if feature.fails and feature.fails < total:
        parts.append(f"{feature.fails} fail{'s' * (feature.fails == 1)}")
    if 0 < feature.unchecked < total:
        parts.append(f"{feature.unchecked} could not be checked")
    return visible("; ".join((", ".join(parts), *feature.readings)))


def case_lines(case: CaseResult) -> Iterator[str]:
    """Yield what was seen in a case that does not just pass."""
    if case.status is CaseStatus.FAILS:
        yield from (try_text(each) for each in case.tries if each.is_wrong)
    elif case.status is CaseStatus.OPEN:
        yield from (try_text(each) for each in case.tries if each.expected is None)
    elif case.status is CaseStatus.UNCHECKED:
        yield visible(case.reason)


def try_text(tried: TryResult) -> str:
    """Return what was seen of a connection, and what must be, or which profiles foretell it."""
    service = " through a Service" if tried.is_through_service else ""
    stage = f" in state {tried.stage + 1}" if tried.stage else ""
    connection = f"{tried.source} -> {tried.destination} {tried.protocol} {tried.port}{service}{stage}"
    seen = f"{connection} {_SEEN[tried.seen.passage]}"
    if tried.expected is not None:
        looks = f" (tried {tried.seen.looks} times)" if tried.seen.looks > 1 else ""
        return visible(f"{seen}, and {_MUST[tried.expected]}{looks}")
    if tried.seen.passage is Passage.UNKNOWN:
        return visible(f"{seen}: {tried.seen.detail}")
    return visible(seen)


def profile_lines(found: Conformance) -> Iterator[str]:
    """Yield which profiles fit, and what to do about the one that is chosen."""
    by_name = {each.name: each for each in found.profiles}
    if not found.best:
        yield "nothing could be checked, so that no profile can be told from others"
        return
    yield f"fits best: {', '.join(found.best)}"
    for name in found.best:
        yield visible(f"  {name}: {by_name[name].summary.rstrip('.')}{_differences(by_name[name])}")
    others = [each.name for each in found.profiles if each.agrees and each.name not in found.best]
    if others:
        yield f"agrees too, but for what is documented of it: {', '.join(others)}"
    if found.unforetold:
        yield (
            f"{count_text(found.unforetold, 'connection')} of these cases neither a profile nor a known way "
            "to get the API wrong foretells"
        )
    if found.chosen:
        yield from _chosen_lines(found, by_name[found.chosen])
    else:
        yield from _advice(found, by_name.get("spec"))


def _chosen_lines(found: Conformance, chosen: ProfileResult) -> Iterator[str]:
    if found.chosen_agrees:
        yield f"firedoor judges this cluster by {chosen.name}, which agrees with what was seen{_differences(chosen)}"
        return
    yield (
        f"firedoor judges this cluster by {chosen.name}, which is wrong about "
        f"{count_text(chosen.wrong, 'connection')}{_differences(chosen)}"
    )
    yield from _advice(found, chosen)


def _advice(found: Conformance, used: ProfileResult | None) -> Iterator[str]:
    """Yield which profile to use in the place of another, if there is one under which answers are better."""
    better = [each.name for each in found.profiles if used and each.name in found.best and each.wrong < used.wrong]
    if better:
        yield f"give --cni {better[0]} to the other commands"


def _differences(profile: ProfileResult) -> str:
    unknown = [each for each in profile.features if each not in profile.documented]
    parts = [
        (" differs in ", unknown),
        (" is documented to differ in ", profile.documented),
        (" is documented to differ, and does not, in ", profile.missed),
    ]
    told = [f"{words.strip()} {_joined(names)}" for words, names in parts if names]
    return f"; {'; '.join(told)}" if told else ""


_MOST_NAMES = 6


def _joined(names: Iterable[str]) -> str:
    listed = list(names)
    if len(listed) <= _MOST_NAMES:
        return ", ".join(listed)
    return f"{', '.join(listed[:_MOST_NAMES])} and {len(listed) - _MOST_NAMES} more"
