"""Findings of any command after settings, exceptions and a baseline: what is reported, known, and left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec.structs import replace

from firedoor.engine.posture import CHECKS
from firedoor.engine.posture.annotations import annotated, labels_of
from firedoor.engine.posture.baselines import baseline_waivers
from firedoor.engine.posture.sifting import compared, waived
from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.model.exceptions import Baseline, BaselineEntry, Carrier, Pattern, Review, Rules, Suppressed
from firedoor.model.findings import Finding

if TYPE_CHECKING:
    from firedoor.engine.posture import Check
    from firedoor.engine.rbac_risks.risk import Risk
    from firedoor.model.exceptions import Waiver, WaiverUse
    from firedoor.model.findings import Severity
    from firedoor.model.frameworks import FrameworkId
    from firedoor.model.places import Gap, ObjectRef
    from firedoor.model.snapshot import Snapshot

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Sifted(Generic[Found]):
    """The findings that are reported, each with whether the baseline knows it, and what became of the rest."""

    reported: tuple[tuple[Found, bool], ...]
    gaps: tuple[Gap, ...]
    review: Review

    def where(self, concerns: Callable[[Found], bool], about: Callable[[ObjectRef], bool]) -> Sifted[Found]:
        """Return those findings, gaps, exceptions and entries of the baseline that something is asked about."""
        review = replace(
            self.review,
            suppressed=tuple(each for each in self.review.suppressed if about(each.finding.object)),
            exceptions=tuple(each for each in self.review.exceptions if _is_asked(each, about)),
            fixed=tuple(each for each in self.review.fixed if about(each.object)),
        )
        gaps = tuple(gap for gap in self.gaps if gap.object is not None and about(gap.object))
        return replace_fields(self.where_found(concerns), gaps=gaps, review=review)

    def where_found(self, concerns: Callable[[Found], bool]) -> Sifted[Found]:
        """Return the same with those reported findings that something is asked about."""
        return replace_fields(self, reported=tuple(pair for pair in self.reported if concerns(pair[0])))

    def shown(self, rules: Rules | None) -> tuple[tuple[Found, ...], frozenset[int], Review]:
        """Return the findings to show, the positions of those that the baseline knows, and the review."""
        review = replace(self.review, known=sum(known for _, known in self.reported))
        if rules is not None and rules.new_only:
            return tuple(each for each, known in self.reported if not known), frozenset(), review
        positions = frozenset(number for number, (_, known) in enumerate(self.reported) if known)
        return tuple(each for each, _ in self.reported), positions, review


def all_checks() -> frozenset[str]:
    """Return the ids of everything that any command looks for."""
    return frozenset(each.id for each in (*CHECKS, *CATALOGUE))


def ran_of(checks: Iterable[Check | Risk], rules: Rules | None, framework: FrameworkId | None = None) -> frozenset[str]:
    """Return the ids of the checks that run: those of a framework, if one is given, that settings do not disable."""
    asked = frozenset(each.id for each in checks if framework is None or each.mappings.of(framework))
    return asked - {each.check for each in (rules.settings.disabled if rules is not None else ())}


def graded(finding: Finding, rules: Rules | None) -> Finding:
    """Return a finding with the severity that the settings give to its check."""
    severities: dict[str, Severity] = {} if rules is None else rules.settings.severities
    return replace(finding, severity=severities.get(finding.check, finding.severity))


def sift(
    found: Sequence[Found],
    finding_of: Callable[[Found], Finding],
    snapshot: Snapshot,
    rules: Rules | None,
    ran: Collection[str],
) -> Sifted[Found]:
    """
    Return findings sifted by rules and by the exceptions on the objects of a snapshot; without rules all of them.

    `ran` are the checks that were made: exceptions and entries of a baseline for others are left alone.
    """
    if rules is None:
        return Sifted(tuple((each, False) for each in found), (), Review())
    known = all_checks().union(rules.settings.own)
    carried, gaps = annotated(snapshot, known)
    of_baselines, faults = baseline_waivers(snapshot, known)
    waivers = (*carried, *of_baselines, *rules.settings.waivers)
    under, uses = waived(map(finding_of, found), waivers, _labels(snapshot, waivers), rules.today, ran)
    pairs = list(zip(found, under, strict=True))
    kept = [each for each, waiver in pairs if waiver is None]
    suppressed = tuple(Suppressed(finding_of(each), waiver) for each, waiver in pairs if waiver is not None)
    baseline = rules.baseline or Baseline("", ())
    # What falls under an exception now is not fixed, and takes no entry from what is reported.
    is_known, fixed = compared(
        [*map(finding_of, kept), *(each.finding for each in suppressed)],
        [each for each in baseline.entries if each.check in ran],
    )
    disabled = rules.settings.disabled
    review = Review(suppressed, uses, disabled, 0, fixed, baseline.source, rules.settings.source)
    return Sifted(tuple(zip(kept, is_known, strict=False)), (*gaps, *faults), review)


def baseline_of(findings: Iterable[Finding], source: str) -> Baseline:
    """Return the baseline that knows these findings."""
    return Baseline(source, tuple(BaselineEntry(each.check, each.object, each.message) for each in findings))


def _labels(snapshot: Snapshot, waivers: Iterable[Waiver]) -> dict[ObjectRef, tuple[dict[str, str], ...]]:
    """Return the labels of all objects, where an exception selects by labels."""
    selects = any(isinstance(each.scope, Pattern) and each.scope.labels is not None for each in waivers)
    return labels_of(snapshot) if selects else {}


def _is_asked(use: WaiverUse, about: Callable[[ObjectRef], bool]) -> bool:
    scope = use.waiver.scope
    return not isinstance(scope, Carrier) or about(scope.object)
