"""Grants without use as text for people, by subject."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from firedoor.model.least_access import UnusedAccess, UnusedGrant
from firedoor.model.rbac import Subject
from firedoor.render.least_words import log_text, skipped_texts
from firedoor.render.rbac_words import count_text, rule_place, rule_text, subject_text
from firedoor.render.words import visible


def print_unused(found: UnusedAccess, console: Console) -> None:
    """Print each subject with its rules that were not used, what was left out, and one line of counts."""
    unseen = set(found.unseen)
    by_subject: dict[Subject, list[UnusedGrant]] = {}
    for each in found.grants:
        by_subject.setdefault(each.grant.subject, []).append(each)
    for subject, grants in sorted(by_subject.items(), key=lambda each: _order(each[0])):
        _line(console, f"{subject_text(subject)}{' (no request in the log)' if subject in unseen else ''}")
        for each in grants:
            for line in _lines(each):
                _line(console, f"  {line}")
        console.print()
    for text in (*found.notes, *skipped_texts(found.log)):
        _line(console, f"note: {text}")
    if found.skipped:
        _line(
            console,
            f"note: {count_text(found.skipped, 'binding')} that Kubernetes comes with left out (--all has them)",
        )
    if found.gaps:
        _line(console, f"note: {count_text(len(found.gaps), 'gap')} in what was read of the cluster")
    _line(console, unused_summary(found))


def unused_summary(found: UnusedAccess) -> str:
    """Return how many grants were judged, how many were not used, and the span of the log."""
    unused = sum(each.state == "unused" for each in found.grants)
    parts = (
        f"{count_text(found.checked, 'granted rule')}: {unused} unused",
        f"{len(found.grants) - unused} used in part",
        log_text(found.log),
    )
    return "; ".join(parts)


def _lines(found: UnusedGrant) -> Iterator[str]:
    grant = found.grant
    source = f" from {grant.source}" if grant.source is not None else ""
    where = grant.namespace or "everywhere"
    yield f"{found.state:<6}  {where}: {grant.binding} -> {grant.role}{source} {grant.path} ({rule_place(grant)})"
    for word, rules in (("not used", found.unused), ("used", found.used)):
        yield from (f"        {word:<8} {rule_text(rule)}" for rule in rules)


def _order(subject: Subject) -> tuple[str, str, str]:
    return (subject.kind, subject.namespace, subject.name)


def _line(console: Console, text: str) -> None:
    console.print(Text(visible(text)), soft_wrap=True)
