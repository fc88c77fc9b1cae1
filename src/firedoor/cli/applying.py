"""What ``firedoor apply`` and ``firedoor rollback`` share: carrying out, and saying how it ended."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.errors import FiredoorError, SourceError, UsageError
from firedoor.render.words import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firedoor.interfaces import Journal, LivePolicies, Surroundings
    from firedoor.model.journal import Record
    from firedoor.model.rollout import Outcome
    from firedoor.usecases.apply import Applying


def say(text: str) -> None:
    """Tell what is being done, on standard error."""
    click.echo(visible(text), err=True)


def refuse_unfinished(records: Sequence[Record]) -> None:
    """Raise ``UsageError`` where an apply was broken off."""
    for each in records:
        if not each.is_over:
            raise UsageError(
                f"the apply {each.begin.id} was broken off",
                remedy=f"finish it with `firedoor apply --resume {each.begin.id}`, "
                f"or take it back with `firedoor rollback {each.begin.id}`",
            )


def require_server(record: Record, server: str) -> None:
    """Raise ``UsageError`` where an apply was to another server."""
    if record.begin.server != server:
        raise UsageError(
            f"the apply {record.begin.id} was to {record.begin.server}, and this is {server}",
            remedy="choose its cluster with --context or --kubeconfig",
        )


def require_unfinished(record: Record) -> None:
    """Raise ``UsageError`` where an apply came to an end."""
    if record.is_over:
        raise UsageError(
            f"the apply {record.begin.id} is over ({record.outcome})",
            remedy="`firedoor rollback --list` shows those that are not",
        )


def carry_out(
    record: Record,
    journal: Journal,
    live: LivePolicies,
    around: Surroundings,
    do: Callable[[Applying], Outcome] | None = None,
) -> Outcome:
    """Finish an apply, or `do` something else with it; where that cannot be, the error says how to go on."""
    from firedoor.usecases.apply import Applying  # noqa: PLC0415

    applying = Applying(record, journal, live, around)
    apply = record.begin.id
    try:
        return applying.finish() if do is None else do(applying)
    except (FiredoorError, KeyboardInterrupt) as trouble:
        if record.is_over:
            raise
        because = f": {record.reason}" if record.reason else ""
        said = str(trouble) or "interrupted"
        raise SourceError(
            f"the apply {apply} is not finished{because}; {said}",
            remedy=f"go on with `firedoor apply --resume {apply}` or `firedoor rollback {apply}`",
        ) from trouble


def ended(apply: str, outcome: Outcome, reasons: Sequence[str], *, is_told: bool) -> NoReturn:
    """Say how it ended, unless that was done, and end the command with the exit code."""
    from firedoor.model.rollout import Outcome  # noqa: PLC0415

    texts = {
        Outcome.PLANNED: "nothing was changed: this is what would be done",
        Outcome.UNCHANGED: "nothing to do: the cluster has all of it",
        Outcome.REFUSED: "nothing was changed",
        Outcome.APPLIED: f"applied; `firedoor rollback {apply}` takes it back",
        Outcome.ROLLED_BACK: "everything was taken back",
    }
    if not is_told:
        because = f": {'; '.join(reasons)}" if reasons else ""
        click.echo(visible(f"{texts[outcome]}{because}"))
    sys.exit(ExitCode.ANSWER_NO if outcome in {Outcome.REFUSED, Outcome.ROLLED_BACK} else ExitCode.OK)


def print_record(record: Record, output: str, *, is_wanted: bool = False) -> NoReturn:
    """Print how an apply ended, and end the command; `is_wanted` says that it was to be taken back."""
    if output == "json":
        from firedoor.render.apply_json import outcome_json  # noqa: PLC0415

        click.echo(outcome_json(record), nl=False)
    elif is_wanted:
        click.echo(f"the apply {record.begin.id} was taken back")
    if is_wanted:
        sys.exit(ExitCode.OK)
    ended(record.begin.id, record.outcome, [record.reason] if record.reason else [], is_told=output == "json")
