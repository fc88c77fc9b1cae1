"""The fixes of findings, applied to the manifests that the findings are about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.engine.posture.fingerprints import fingerprint, identity
from firedoor.errors import EditRefusedError
from firedoor.interfaces import Silent
from firedoor.model.edits import Applied, FixReport, Refused
from firedoor.usecases.diagnose import diagnose
from firedoor.usecases.fix_planning import Step, collisions, home_of, is_there, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.interfaces import ManifestEditor, Progress
    from firedoor.model.edits import FileEdit
    from firedoor.model.exceptions import Rules
    from firedoor.model.findings import Finding, Severity
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot

MOST_ROUNDS = 25
"""How often the manifests are judged anew, because several fixes are about one whole object."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fixes are asked for; no check means all, no severity means any."""

    checks: frozenset[str] = frozenset()
    severity: Severity | None = None
    unsafe: bool = False

    def includes(self, finding: Finding) -> bool:
        """Return whether a finding is one to be fixed."""
        if self.checks and finding.check not in self.checks:
            return False
        return self.severity is None or finding.severity.rank >= self.severity.rank


def fix(
    editor: ManifestEditor,
    cni: CniProfile,
    wanted: Wanted,
    namespace: str = "",
    rules: Rules | None = None,
    progress: Progress | None = None,
) -> FixReport:
    """
    Apply the wanted fixes in the editor and return what became of them; nothing is written.

    After each round of changes the manifests are read and judged anew, so that what is told to be
    fixed is gone. Raises ``NothingInScopeError`` as `diagnose` does.
    """

    def judged() -> tuple[Snapshot, tuple[Finding, ...]]:
        snapshot = editor.load(progress or Silent())
        return snapshot, diagnose(snapshot, cni, namespace, rules).findings

    snapshot, before = judged()
    chosen = [each for each in before if wanted.includes(each)]
    work = _Work(editor, [], [])
    todo = work.sorted_out(chosen, unsafe=wanted.unsafe)
    after = before
    for _ in range(MOST_ROUNDS):
        later = work.round(todo, snapshot)
        todo = []
        if not editor.edits():
            break
        snapshot, after = judged()
        todo = _again(later, after)
        if not todo:
            break
    work.give_up(todo)
    applied = _checked(work.applied, before, after)
    introduced = _introduced(applied, before, after)
    return FixReport(tuple(applied), tuple(work.refused), editor.edits(), introduced, editor.notes())


def proposed(editor: ManifestEditor, snapshot: Snapshot, findings: Iterable[Finding]) -> list[tuple[FileEdit, ...]]:
    """Return for each finding what its fix alone would change in which files; nothing where it cannot be applied."""
    found: list[tuple[FileEdit, ...]] = []
    for finding in findings:
        mark = editor.mark()
        steps = steps_of(finding, snapshot)
        try:
            found.append(() if any(each.is_new for each in steps) else _edits(editor, steps, finding))
        except EditRefusedError:
            found.append(())
        editor.reset(mark)
    return found


@dataclass(frozen=True, slots=True)
class _Work:
    """The editor, and what was done and left so far."""

    editor: ManifestEditor
    applied: list[Applied]
    refused: list[Refused]

    def sorted_out(self, findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
        """Return the findings whose fixes are to be tried, and refuse the others."""
        todo: list[Finding] = []
        for each in findings:
            if not each.fix.manifests:
                self._refuse(each, "no manifest can remedy it by itself", is_failure=False)
            elif not (each.fix.is_safe or unsafe):
                self._refuse(each, "it may stop an app that runs, or needs a choice: see --unsafe", is_failure=False)
            else:
                todo.append(each)
        return todo

    def round(self, findings: Sequence[Finding], snapshot: Snapshot) -> list[Finding]:
        """Apply what can be applied at once, and return the findings that have to be judged anew before."""
        plans = [(each, steps_of(each, snapshot)) for each in findings]
        colliding = dict(collisions(plans))
        whole: set[ObjectRef] = set()
        later: list[Finding] = []
        for number, (finding, steps) in enumerate(plans):
            if number in colliding:
                self._refuse(finding, colliding[number])
                continue
            refs = {each.ref for each in steps if each.old is not None}
            if refs & whole:
                later.append(finding)
                continue
            mark = self.editor.mark()
            try:
                places = _apply(self.editor, steps, finding)
            except EditRefusedError as error:
                self.editor.reset(mark)
                self._refuse(finding, error.problem, error.place)
                continue
            whole |= refs
            self.applied.append(Applied(finding, places))
        return later

    def give_up(self, findings: Iterable[Finding]) -> None:
        """Refuse what is still to be done after the last round."""
        for each in findings:
            self._refuse(each, "too many fixes are about this object: run the command again")

    def _refuse(self, finding: Finding, reason: str, place: str = "", *, is_failure: bool = True) -> None:
        self.refused.append(Refused(finding, reason, place or finding.source, is_failure))


def _edits(editor: ManifestEditor, steps: Iterable[Step], finding: Finding) -> tuple[FileEdit, ...]:
    _apply(editor, steps, finding)
    return editor.edits()


def _apply(editor: ManifestEditor, steps: Iterable[Step], finding: Finding) -> tuple[str, ...]:
    """Make the changes of a fix and return where; raises ``EditRefusedError`` with some of them made."""
    places: list[str] = []
    for step in steps:
        if not step.is_new:
            home = home_of(editor, step.ref)
            editor.edit(home, step.target(home))
            places.append(str(home))
        elif not is_there(editor, step):
            places.append(editor.add(step.manifest, finding.source.rpartition(":")[0]))
    return tuple(places)


def _kind_of(finding: Finding) -> tuple[str, ObjectRef]:
    return finding.check, finding.object


def _again(later: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """Return what findings have become after their objects were changed."""
    left = Counter(map(_kind_of, later))
    found: list[Finding] = []
    for each in after:
        if left[_kind_of(each)] > 0:
            left[_kind_of(each)] -= 1
            found.append(each)
    return found


def _checked(applied: Iterable[Applied], before: Iterable[Finding], after: Iterable[Finding]) -> list[Applied]:
    """Return what was applied, with whether as many findings of the check and the object are gone."""
    found = list(applied)
    count = Counter(map(_kind_of, before))
    count.subtract(_kind_of(each.finding) for each in found)
    left = Counter(map(_kind_of, after))
    return [
        Applied(each.finding, each.places, left[_kind_of(each.finding)] <= count[_kind_of(each.finding)])
        for each in found
    ]


def _introduced(applied: Iterable[Applied], before: Iterable[Finding], after: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that were not there, at least as severe as the mildest of those that were fixed."""
    ranks = [each.finding.severity.rank for each in applied]
    known = {fingerprint(each) for each in before}
    # A finding that is told in other words is not a new one.
    fixed = {identity(each.finding)[:2] for each in applied}
    return tuple(
        each
        for each in after
        if fingerprint(each) not in known
        and each.severity.rank >= min(ranks, default=0)
        and _kind_of(each) not in fixed
    )
