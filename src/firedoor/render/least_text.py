"""Least roles as a table for people: a row for each subject, then what it would lose and what it was refused."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from firedoor.model.access import AccessRequest
from firedoor.model.least_access import LeastAccess, LeastRoles
from firedoor.model.rbac import Role
from firedoor.render.columns import print_columns
from firedoor.render.least_words import least_notes, log_text, proof_text
from firedoor.render.rbac_words import count_text, request_text, rule_text, subject_text
from firedoor.render.words import visible

_TITLES = ("SUBJECT", "REQUESTS", "DENIED", "ROLES", "RULES", "HOLDS NOW", "TAKEN AWAY")
_MOST = 10


def print_least(found: LeastAccess, console: Console) -> None:
    """Print the table, the rules of each subject and where it differs from now, and what was left out."""
    rows: list[list[str | Text]] = [list(_row(each)) for each in found.subjects]
    if rows:
        print_columns(console, _TITLES, rows)
        console.print()
    for each in found.subjects:
        for line in _details(each):
            _line(console, line)
        console.print()
    for text in least_notes(found):
        _line(console, text)
    _line(console, f"{count_text(len(found.subjects), 'subject')}; {log_text(found.log)}")


def _row(found: LeastRoles) -> Iterator[str]:
    held = found.held
    yield subject_text(found.subject)
    yield str(found.allowed)
    yield str(found.denied)
    yield str(len(found.roles))
    yield str(sum(len(role.rules) for role in found.roles))
    yield count_text(held.rules, "rule") if held is not None else "not read"
    yield count_text(sum(len(each.rules) for each in held.taken_away), "rule") if held is not None else "not read"


def _details(found: LeastRoles) -> Iterator[str]:
    yield f"{subject_text(found.subject)}: {proof_text(found.proof)}"
    for role in found.roles:
        for rule in role.rules:
            yield f"  needs       {_where(role)}: {rule_text(rule)}"
    yield from (f"  also asked  it {text}; the log does not tell" for text in found.also_asked)
    if found.held is not None:
        for scoped in found.held.taken_away:
            for rule in scoped.rules:
                yield f"  taken away  {scoped.namespace or 'everywhere'}: {rule_text(rule)}"
        yield from _some("not held", [each.request for each in found.held.beyond])
    yield from _some("denied", [each.request for each in found.refused])
    yield from _some("no rule", [each.request for each in found.inexpressible])


def _some(word: str, requests: list[AccessRequest]) -> Iterator[str]:
    for each in requests[:_MOST]:
        yield f"  {word:<11} {request_text(each, is_everywhere=False)}"
    if len(requests) > _MOST:
        yield f"  {word:<11} and {len(requests) - _MOST} more (-o json has all)"


def _where(role: Role) -> str:
    return role.metadata.namespace or "everywhere"


def _line(console: Console, text: str) -> None:
    console.print(Text(visible(text)), soft_wrap=True)
