"""``firedoor apply``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import click

from firedoor.cli.applying import carry_out, ended, refuse_unfinished, say
from firedoor.cli.edges_options import EdgeOptions, edges_options
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.gate_options import GateOptions, gate_options
from firedoor.cli.loading import cni_profile, console, load_source
from firedoor.cli.options import cni_option, output_option, read_stdin, refuse_two_stdins
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.adapters.cluster.writing import LivePolicyClient
    from firedoor.adapters.journal import JournalFolder
    from firedoor.interfaces import Surroundings
    from firedoor.model.journal import Gates
    from firedoor.model.rollout import ApplyPlan, Outcome


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What a person wants beside the policies."""

    paths: tuple[str, ...]
    kubeconfig: str | None
    context: str | None
    namespace: str
    cni: str
    seen: EdgeOptions
    yes: bool
    dry_run: bool
    allow_breaking: bool
    force_conflicts: bool
    prune: bool
    export: str | None
    output: str

    @property
    def changes_nothing(self) -> bool:
        return self.dry_run or self.export is not None


@click.command()
@click.argument("path", nargs=-1, type=click.Path(allow_dash=True))
@click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of the live cluster.")
@click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
@click.option(
    "-n", "--namespace", default="", metavar="NS", help="Namespace of policies that name none. Default: default."
)
@cni_option
@edges_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@gate_options
@click.option("--allow-breaking", is_flag=True, help="Apply even if connections would break.")
@click.option("--force-conflicts", is_flag=True, help="Take fields over that other managers own.")
@click.option(
    "--prune", is_flag=True, help="Delete what an earlier apply of the same PATH made and is no longer in it."
)
@click.option("--export", metavar="DIR", type=click.Path(), help="Write a folder to commit, and do nothing else.")
@click.option("--resume", metavar="ID", help="Finish an apply that was broken off, as it was planned.")
@output_option("text", "json")
def command(  # noqa: PLR0917 - an option is a parameter
    path: tuple[str, ...],
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    cni: str,
    seen: EdgeOptions,
    yes: bool,
    dry_run: bool,
    gates: GateOptions,
    allow_breaking: bool,
    force_conflicts: bool,
    prune: bool,
    export: str | None,
    resume: str | None,
    output: str,
) -> None:
    """
    Write policies to a live cluster, wave by wave, and all of them or none.

    PATH... holds the policies and nothing else. They are tried out first, the engine says what opens and closes, and
    with --flows or --from-edges which connections that were seen would break: then nothing is written (exit code 10)
    without --allow-breaking. One namespace after the other is written, in an order that cuts nothing on the way. After
    each, as many pods must be ready as before, and the command of --check must end with 0; otherwise everything is
    taken back. With --verify connections are tried too, with --observe nothing is enforced until flows were seen for
    that time and none of them would be cut. A journal makes sure that this works whenever the process ends.
    """
    wishes = _Wishes(
        tuple(map(str, path)), kubeconfig, context, namespace, cni, seen, yes, dry_run, allow_breaking,
        force_conflicts, prune, export, output,
    )  # fmt: skip
    if resume is not None:
        if path:
            raise UsageError("--resume finishes what was planned", remedy="leave the paths out")
        _resume(resume, wishes)
    _require(wishes)
    _apply(wishes, gates.gates(seen, cni))


def _require(wishes: _Wishes) -> None:
    if not wishes.paths:
        raise UsageError("there is nothing to apply", remedy="give the files or folders of the policies")
    if wishes.prune and "-" in wishes.paths:
        raise UsageError(
            "--prune must know which set of policies this is, and standard input has no name",
            remedy="give the files or the folder",
        )
    refuse_two_stdins(*wishes.paths, wishes.seen.path)
    if not (wishes.yes or wishes.changes_nothing or sys.stdin.isatty()):
        raise UsageError(
            "there is no terminal to ask on", remedy="give --yes to apply, or --dry-run to see what it does"
        )


def _apply(wishes: _Wishes, gates: Gates) -> NoReturn:
    from firedoor.bootstrap import open_journals, open_live_policies  # noqa: PLC0415
    from firedoor.model.rollout import Outcome  # noqa: PLC0415

    journals = open_journals()
    with open_live_policies(wishes.kubeconfig, wishes.context) as live:
        if wishes.changes_nothing:
            plan = _plan(wishes, gates, live, journals)
            reasons = _reasons(plan, wishes)
            if wishes.export is not None and not reasons:
                _export(plan, wishes.export)
            _print(plan, Outcome.REFUSED if reasons else Outcome.PLANNED, reasons, wishes.output)
        with journals.lock(live.server):
            refuse_unfinished(journals.records(live.server))
            plan = _plan(wishes, gates, live, journals)
            reasons = _reasons(plan, wishes)
            if reasons or not plan.steps:
                _print(plan, Outcome.REFUSED if reasons else Outcome.UNCHANGED, reasons, wishes.output)
            if not wishes.yes:
                _ask(plan, wishes.output)
            outcome, reason = _run(plan, gates, wishes, live, journals)
        _print(plan, outcome, [reason] if reason else [], wishes.output, is_told=not wishes.yes)


def _plan(wishes: _Wishes, gates: Gates, live: LivePolicyClient, journals: JournalFolder) -> ApplyPlan:
    from firedoor.bootstrap import new_apply, open_source, read_manifests, whole_paths  # noqa: PLC0415
    from firedoor.usecases.apply_observing import refuse_unobservable  # noqa: PLC0415
    from firedoor.usecases.apply_planning import ApplyQuestion, plan_apply, stale_objects  # noqa: PLC0415

    manifests = read_manifests(wishes.paths, wishes.namespace, read_stdin=read_stdin)
    if gates.observe:
        refuse_unobservable(manifests)
    edges = list(wishes.seen.edges()) if wishes.seen.is_given else None
    stale = (
        stale_objects(journals.records(live.server), whole_paths(wishes.paths), manifests) if wishes.prune else set()
    )
    source = open_source((), read_stdin=read_stdin, kubeconfig=wishes.kubeconfig, context=wishes.context)
    apply, _ = new_apply()
    asked = ApplyQuestion(apply, wishes.force_conflicts, edges, gates.observe, gates.probes)
    return plan_apply(manifests, stale, live, load_source(source), cni_profile(wishes.cni), asked)


def _reasons(plan: ApplyPlan, wishes: _Wishes) -> list[str]:
    from firedoor.render.apply_words import refusal_texts  # noqa: PLC0415

    return refusal_texts(plan, allow_breaking=wishes.allow_breaking)


def _ask(plan: ApplyPlan, output: str) -> None:
    """Show the plan and ask; ends the command where the answer is no."""
    from firedoor.render.apply_text import print_plan  # noqa: PLC0415

    print_plan(plan, console(stderr=output == "json"))
    if not click.confirm(f"Apply to {plan.server}?", err=True):
        click.echo("nothing was changed", err=True)
        sys.exit(ExitCode.ANSWER_NO)


def _run(
    plan: ApplyPlan, gates: Gates, wishes: _Wishes, live: LivePolicyClient, journals: JournalFolder
) -> tuple[Outcome, str]:
    from firedoor.bootstrap import new_apply, whole_paths  # noqa: PLC0415
    from firedoor.model.journal import Record  # noqa: PLC0415
    from firedoor.usecases.apply import beginning  # noqa: PLC0415

    begin = beginning(plan, new_apply()[1], whole_paths(wishes.paths), gates, live)
    record, journal = Record(begin), journals.begin(begin)
    return carry_out(record, journal, live, _around(wishes)), record.reason


def _around(wishes: _Wishes) -> Surroundings:
    from firedoor.bootstrap import RealSurroundings  # noqa: PLC0415

    return RealSurroundings(say, wishes.kubeconfig, wishes.context)


def _export(plan: ApplyPlan, folder: str) -> None:
    from firedoor.bootstrap import write_export  # noqa: PLC0415
    from firedoor.render.apply_files import apply_files  # noqa: PLC0415

    files = apply_files(plan)
    removed = write_export(folder, files)
    say(f"{len(files)} files below {folder} written, {len(removed)} earlier ones removed")


def _print(
    plan: ApplyPlan, outcome: Outcome, reasons: Sequence[str], output: str, *, is_told: bool = False
) -> NoReturn:
    """Print a plan, unless that was done, and how it ended, and end the command."""
    if output == "json":
        from firedoor.render.apply_json import apply_json  # noqa: PLC0415

        click.echo(apply_json(plan, outcome, reasons), nl=False)
    else:
        from firedoor.render.apply_text import print_plan  # noqa: PLC0415

        if not is_told:
            print_plan(plan, console())
        click.echo()
    ended(plan.id, outcome, reasons, is_told=output == "json")


def _resume(apply: str, wishes: _Wishes) -> NoReturn:
    from firedoor.bootstrap import open_journals, open_live_policies  # noqa: PLC0415
    from firedoor.cli.applying import print_record, require_server, require_unfinished  # noqa: PLC0415

    journals = open_journals()
    with open_live_policies(wishes.kubeconfig, wishes.context) as live, journals.lock(live.server):
        record, journal = journals.open(apply)
        require_server(record, live.server)
        require_unfinished(record)
        carry_out(record, journal, live, _around(wishes))
    print_record(record, wishes.output)
