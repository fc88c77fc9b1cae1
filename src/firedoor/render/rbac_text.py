"""Whether somebody may do something, for people: the verdict, then the chain from binding to rule."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.access import Grant
from firedoor.model.access_answers import AccessAnswer
from firedoor.render.rbac_words import gap_text, request_text, rule_place, rule_text, subject_text
from firedoor.render.words import visible

_STYLES = {"allowed": "bold green", "denied": "bold red", "unknown": "bold yellow"}
_MOST = 10


def print_access(answer: AccessAnswer, console: Console) -> None:
    """Print the verdict, each chain of binding, role and rule, what is not known, and remarks."""
    question = f"{answer.user.name}: {request_text(answer.request, is_everywhere=answer.is_everywhere)}"
    headline = (answer.verdict.upper(), _STYLES[answer.verdict])
    console.print(Text.assemble(headline, f"  {visible(question)}"), soft_wrap=True)
    _line(console, f"  groups: {', '.join(answer.user.groups)}")
    if answer.is_master:
        _line(console, "  because members of system:masters may do everything, whatever roles say")
    for grant in answer.because[:_MOST]:
        _chain(console, grant)
    if len(answer.because) > _MOST:
        _line(console, f"  and {len(answer.because) - _MOST} more rules; -o json has them all")
    if answer.verdict == "denied":
        _line(console, "  because no rule that a binding gives it permits this")
    for gap in answer.unsure:
        _line(console, f"  not known: {gap_text(gap)}")
    if answer.elsewhere:
        _line(console, f"  permitted in single namespaces: {', '.join(answer.elsewhere)}; -n NS asks about one")
    for note in answer.notes:
        _line(console, f"  note: {note}")


def _chain(console: Console, grant: Grant) -> None:
    _line(console, f"  because {grant.binding} names {subject_text(grant.subject)} ({grant.binding_place})")
    if grant.source is None:
        _line(console, f"    and gives it {grant.role} ({grant.role_place}),")
    else:
        _line(console, f"    and gives it {grant.role}, which has the rules of {grant.source} ({grant.role_place}),")
    _line(console, f"    of which {grant.path} permits {rule_text(grant.rule)} ({rule_place(grant)})")


def _line(console: Console, text: str) -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(visible(text)), soft_wrap=True)
