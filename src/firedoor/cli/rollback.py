"""``firedoor rollback``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firedoor.cli.applying import carry_out, print_record, require_server, say
from firedoor.cli.loading import console
from firedoor.cli.options import output_option
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.journal import Record


@click.command()
@click.argument("id", required=False)
@click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of the live cluster.")
@click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
@click.option("--list", "is_list", is_flag=True, help="List the applies, the last one first, and do nothing.")
@click.option("--force", is_flag=True, help="Take back also what somebody else changed since.")
@output_option("text", "json")
def command(
    id: str | None,  # noqa: A002 - the name of the argument
    kubeconfig: str | None,
    context: str | None,
    is_list: bool,
    force: bool,
    output: str,
) -> None:
    """
    Take back what apply did, exactly.

    ID is that of an apply; without it the last one to the cluster that was not taken back. What it changed gets its
    labels, annotations and specification back, what it made is deleted, what it deleted is made again. Where somebody
    else changed one of the objects since, nothing is done without --force.
    """
    from firedoor.bootstrap import RealSurroundings, open_journals, open_live_policies  # noqa: PLC0415
    from firedoor.usecases.apply import roll_back  # noqa: PLC0415

    journals = open_journals()
    if is_list:
        _list(journals.records(), output)
        return
    with open_live_policies(kubeconfig, context) as live, journals.lock(live.server):
        record, journal = journals.open(id or _last(journals.records(live.server), live.server))
        require_server(record, live.server)
        if _is_taken_back(record):
            raise UsageError(
                f"the apply {record.begin.id} was taken back", remedy="`firedoor rollback --list` shows more"
            )
        around = RealSurroundings(say, kubeconfig, context)
        carry_out(record, journal, live, around, lambda applying: roll_back(applying, record, live, force=force))
    print_record(record, output, is_wanted=True)


def _last(records: Sequence[Record], server: str) -> str:
    found = [each.begin.id for each in records if not _is_taken_back(each)]
    if not found:
        raise UsageError(
            f"there is no apply to {server} that could be taken back", remedy="see `firedoor rollback --list`"
        )
    return found[-1]


def _is_taken_back(record: Record) -> bool:
    from firedoor.model.rollout import Outcome  # noqa: PLC0415

    return record.outcome is Outcome.ROLLED_BACK


def _list(records: Sequence[Record], output: str) -> None:
    if output == "json":
        from firedoor.render.apply_json import applies_json  # noqa: PLC0415

        click.echo(applies_json(records), nl=False)
        return
    from firedoor.render.apply_text import print_applies  # noqa: PLC0415

    print_applies(records, console())
