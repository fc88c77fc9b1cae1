"""``firedoor paths``."""

from __future__ import annotations

import sys

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_document
from firedoor.errors import UsageError


@click.command()
@source_options
@output_option("table", "json", "yaml", "markdown")
@click.option(
    "--from",
    "from_end",
    default="",
    metavar="END",
    help="Where the attacker is: internet, namespace/workload, serviceaccount:NS/NAME, user:NAME, group:NAME, "
    "node:NAME.",
)
@click.option(
    "--to",
    "to_end",
    default="",
    metavar="END",
    help="Where the attacker wants to get: cluster-admin, secrets, secrets:NS, namespace:NS, nodes, or an END as "
    "above.",
)
@click.option(
    "--rank", "is_ranking", is_flag=True, help="List workloads by what follows from their compromise instead."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="The most paths to show.")
@click.option(
    "--max-steps", type=click.IntRange(1, 50), default=8, show_default=True, help="The most steps of a path to show."
)
@click.option("--any-port", is_flag=True, help="Count connections to ports that no container and no Service tells of.")
@click.option("--possible", is_flag=True, help="Count steps too that are not known to work.")
@click.option("--fail-on-path", is_flag=True, help="End with 10 if there is any path.")
def command(  # noqa: PLR0917 - a parameter for each option
    source: SourceOptions,
    output: str,
    from_end: str,
    to_end: str,
    is_ranking: bool,
    limit: int,
    max_steps: int,
    any_port: bool,
    possible: bool,
    fail_on_path: bool,
) -> None:
    """
    Show how an attacker gets from one place to another.

    Joins the connections that policies accept, the permissions of roles and bindings, the tokens in pods, and the
    ways out of pods to their nodes. Each path is told step by step with what it rests on, and with the fewest changes
    that close all paths. `--rank` lists all workloads by what follows from their compromise.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.attack_paths import AttackQuestion, attack_paths, rank  # noqa: PLC0415

    if is_ranking and (from_end or to_end or fail_on_path):
        raise UsageError("--rank is about all workloads", remedy="leave --from, --to and --fail-on-path out")
    if not is_ranking and not (from_end and to_end):
        raise UsageError(
            "paths need two ends",
            remedy="say --from internet --to cluster-admin, or other ends; or --rank for all workloads",
        )
    asked = AttackQuestion(source.namespace, possible, any_port, max_steps, limit)
    profile = cni_profile(source.cni)
    snapshot = load_snapshot(source)
    from firedoor.render import attack_json, attack_markdown, attack_table  # noqa: PLC0415

    if is_ranking:
        ranking = rank(snapshot, profile, asked)
        if output == "table":
            attack_table.print_attack_ranking(ranking, console())
        elif output == "markdown":
            click.echo(attack_markdown.attack_ranking_markdown(ranking), nl=False)
        else:
            print_document(attack_json.attack_ranking_document(ranking), output)
        return
    paths = attack_paths(snapshot, profile, asked, from_end, to_end)
    if output == "table":
        attack_table.print_attack_paths(paths, console())
    elif output == "markdown":
        click.echo(attack_markdown.attack_paths_markdown(paths), nl=False)
    else:
        print_document(attack_json.attack_paths_document(paths), output)
    if fail_on_path and paths.cut is not None:
        sys.exit(ExitCode.ANSWER_NO)
