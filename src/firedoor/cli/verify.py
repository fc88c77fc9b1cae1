"""``firedoor verify``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import BarProgress, cni_profile, console, load_source
from firedoor.cli.options import cni_option, output_option, read_stdin, refuse_two_stdins
from firedoor.cli.printing import print_answer
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.bootstrap import ProbeWishes
    from firedoor.model.intents import Intent
    from firedoor.model.labels import LabelSelector
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.verification import ProbePlan, VerifyReport
    from firedoor.usecases.verify import Verification, VerifyQuestion

_NANOSECONDS = 1_000_000_000
_MOST_NAMED = 5
_MOST_SHOWN = 50
"""So many connections are listed before it is asked whether to try them."""


@dataclass(frozen=True, slots=True)
class _Wishes:
    """Where the cluster is, what is expected of it, and how the answer is given."""

    paths: tuple[str, ...]
    policies: tuple[str, ...]
    kubeconfig: str | None
    context: str | None
    namespace: str
    cni: str
    yes: bool
    output: str


@click.command()
@click.argument("path", nargs=-1, type=click.Path(allow_dash=True))
@click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="PATH",
    type=click.Path(allow_dash=True),
    help="Policies that are expected, in the place of those of the cluster that have their names. Repeatable.",
)
@click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of the live cluster.")
@click.option("--context", metavar="NAME", help="Context of the kubeconfig.")
@click.option("-n", "--namespace", default="", metavar="NS", help="Only connections with an end in this namespace.")
@click.option("-A", "--all-namespaces", is_flag=True, help="Connections of all namespaces. This is the default.")
@cni_option
@click.option("--plan", "plan_only", is_flag=True, help="Print what would be tried and try nothing; PATH will do.")
@click.option("--from", "from_end", default="", metavar="END", help="Only from here: [namespace/]name, or namespace/*.")
@click.option("--to", "to_end", default="", metavar="END", help="Only to here.")
@click.option("-l", "--selector", default="", metavar="LABELS", help="Only connections with a pod of these labels.")
@click.option(
    "--assert", "intents", metavar="FILE", type=click.Path(allow_dash=True), help="Try what these intents say."
)
@click.option("--all", "is_all", is_flag=True, help="Try every pair of pods that are not alike, on each declared port.")
@click.option("--budget", type=int, metavar="N", help="Try so many connections at most, those first that show most.")
@click.option("--through-service", is_flag=True, help="Try each connection through a service too.")
@click.option(
    "--mode",
    type=click.Choice(("pods", "exec", "debug")),
    default="pods",
    show_default=True,
    help="Try between pods of our own that stand in, from inside the real ones, or from ephemeral containers in them.",
)
@click.option(
    "--image", default="", metavar="IMAGE", help="Image of what is made. Default: agnhost of the Kubernetes project."
)
@click.option(
    "--concurrency", type=click.IntRange(1, 1000), default=16, show_default=True, help="Connections tried at once."
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=0.0,
    metavar="N",
    help="Begin at most so many in a second. Default: any.",
)
@click.option("--timeout", default="3s", show_default=True, metavar="DURATION", help="How long one attempt may take.")
@click.option(
    "--ttl",
    default="30m",
    show_default=True,
    metavar="DURATION",
    help="After so long what was made ends by itself, if the run is killed; a longer run needs more.",
)
@click.option(
    "--settle", default="10s", show_default=True, metavar="DURATION", help="Try what differs again for so long."
)
@click.option(
    "--conformance",
    is_flag=True,
    help="Find out what the network plugin really enforces, in namespaces that are made for it.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask before anything is made in the cluster.")
@click.option(
    "--cleanup", is_flag=True, help="Remove what runs that were killed have left behind, and do nothing else."
)
@output_option("text", "json", "junit", "html")
def command(  # noqa: PLR0917 - an option is a parameter
    path: tuple[str, ...],
    files: tuple[str, ...],
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    all_namespaces: bool,
    cni: str,
    plan_only: bool,
    from_end: str,
    to_end: str,
    selector: str,
    intents: str | None,
    is_all: bool,
    budget: int | None,
    through_service: bool,
    mode: str,
    image: str,
    concurrency: int,
    rate: float,
    timeout: str,
    ttl: str,
    settle: str,
    conformance: bool,
    yes: bool,
    cleanup: bool,
    output: str,
) -> None:
    """
    Try connections in a live cluster, and say where its network does not do what its policies say.

    A small set of connections is planned that shows what each rule does and no more, that pods are isolated, and what
    the intents of --assert demand. Nothing counts as blocked before controls have shown that it could connect. Where
    outcomes differ from what the policies say, the likely causes follow from all that was seen. With --plan nothing is
    tried, and PATH... (files, folders, a saved snapshot) may stand for the cluster. Ends with exit code 10 when
    something is not as the policies or intents say, and with 4 when something could not be checked.
    """
    if all_namespaces:
        namespace = ""
    wishes = _Wishes(
        tuple(map(str, path)), tuple(map(str, files)), kubeconfig, context, namespace, cni, yes, output
    )  # fmt: skip
    if cleanup:
        _clean_up(wishes)
    from firedoor.bootstrap import ProbeWishes  # noqa: PLC0415

    if conformance:
        from firedoor.cli.conformance import LEAST_TTL, ask_and_run, refuse_beside_conformance  # noqa: PLC0415

        about = {
            "PATH": path, "-f": files, "-n": namespace, "--plan": plan_only, "--from": from_end, "--to": to_end,
            "-l": selector, "--assert": intents, "--all": is_all, "--budget": budget is not None,
            "--through-service": through_service, "--mode": mode != "pods",
        }  # fmt: skip
        refuse_beside_conformance(about, output)
        seconds = _seconds(timeout, "--timeout"), int(_seconds(ttl, "--ttl"))
        how = ProbeWishes("pods", image, concurrency, rate, seconds[0], max(seconds[1], LEAST_TTL))
        ask_and_run(kubeconfig, context, cni, how, _seconds(settle, "--settle"), output, yes=yes)
    _require(wishes, intents, plan_only=plan_only)
    from firedoor.usecases.verify import VerifyQuestion  # noqa: PLC0415

    question = VerifyQuestion(
        from_end, to_end, namespace, _labels(selector), namespace or "default", _intents(intents), is_all, budget,
        through_service, mode == "pods",
    )  # fmt: skip
    how = ProbeWishes(mode, image, concurrency, rate, _seconds(timeout, "--timeout"), int(_seconds(ttl, "--ttl")))
    settling = _seconds(settle, "--settle")
    verification = _planned(wishes, question)
    if plan_only:
        _print_plan(verification.plan, output)
    else:
        _probe(verification, wishes, how, settling)


def _require(wishes: _Wishes, intents: str | None, *, plan_only: bool) -> None:
    if wishes.paths and not plan_only:
        raise UsageError(
            "connections can only be tried in a live cluster",
            remedy="add --plan to see what would be tried, or give policies that are expected with -f",
        )
    if plan_only and wishes.output not in {"text", "json"}:
        raise UsageError(
            f"-o {wishes.output} shows what was seen, and --plan tries nothing", remedy="use -o text or json"
        )
    refuse_two_stdins(*wishes.paths, *wishes.policies, intents)
    if not (wishes.yes or plan_only or sys.stdin.isatty()):
        raise UsageError(
            "there is no terminal to ask on, and pods would be made in the cluster",
            remedy="give --yes to try connections, or --plan to see which",
        )


def _labels(text: str) -> LabelSelector | None:
    from firedoor.model.label_text import parse_selector  # noqa: PLC0415

    try:
        return parse_selector(text) if text else None
    except ValueError as error:
        raise UsageError(f"-l: {error}", remedy="write labels as kubectl does, as in app=web,tier!=test") from error


def _intents(file: str | None) -> tuple[Intent, ...]:
    from firedoor.bootstrap import open_intents  # noqa: PLC0415

    return () if file is None else open_intents(str(file), read_stdin=read_stdin)


def _seconds(text: str, option: str) -> float:
    from firedoor.cli.flows_options import duration  # noqa: PLC0415

    found = duration(text) / _NANOSECONDS
    if option in {"--timeout", "--ttl"} and not found:
        raise UsageError(f"{option} 0 leaves no time for an attempt", remedy="write a duration, as in 3s")
    return found


def _planned(wishes: _Wishes, question: VerifyQuestion) -> Verification:
    from firedoor.bootstrap import open_source  # noqa: PLC0415
    from firedoor.usecases.generate import with_policies  # noqa: PLC0415
    from firedoor.usecases.verify import Verification  # noqa: PLC0415

    profile = cni_profile(wishes.cni)
    policies: Snapshot | None = None
    if wishes.policies:
        policies = load_source(
            open_source(wishes.policies, read_stdin=read_stdin, namespace=wishes.namespace, kubernetes_version="")
        )
    source = open_source(
        wishes.paths,
        read_stdin=read_stdin,
        kubeconfig=wishes.kubeconfig,
        context=wishes.context,
        namespace=wishes.namespace,
        kubernetes_version="",
    )
    cluster = load_source(source)
    if policies is None:
        return Verification(cluster, profile, question, None)
    if not (policies.network_policies or policies.policy_objects):
        raise UsageError(f"there is no policy in {', '.join(wishes.policies)}", remedy="check the path of -f")
    return Verification(with_policies(cluster, policies), profile, question, cluster)


def _print_plan(plan: ProbePlan, output: str) -> None:
    if output == "json":
        from firedoor.render.verify_json import verify_plan_json  # noqa: PLC0415

        click.echo(verify_plan_json(plan), nl=False)
    else:
        from firedoor.render.verify_text import print_verify_plan  # noqa: PLC0415

        print_verify_plan(plan, console())


def _probe(verification: Verification, wishes: _Wishes, how: ProbeWishes, settle: float) -> NoReturn:
    from firedoor.bootstrap import RealWatch, open_prober  # noqa: PLC0415
    from firedoor.cli.applying import say  # noqa: PLC0415

    if not wishes.yes:
        _ask(verification.plan, how, wishes.output)
    with open_prober(wishes.kubeconfig, wishes.context, how) as prober:
        progress = BarProgress("")
        try:
            report = verification.carry_out(prober, RealWatch(say), settle, progress)
        finally:
            progress.finish()
        _print(report, wishes.output)
    if report.left_behind:
        raise UsageError(report.left_behind, remedy="remove it with `firedoor verify --cleanup`")
    sys.exit(_code(report))


def _ask(plan: ProbePlan, how: ProbeWishes, output: str) -> None:
    """Show the plan, in short where it is long, and ask; ends the command where the answer is no."""
    from firedoor.render.verify_text import print_verify_plan  # noqa: PLC0415
    from firedoor.render.words import count_text, visible  # noqa: PLC0415

    print_verify_plan(plan, console(stderr=output != "text"), is_short=len(plan.probes) > _MOST_SHOWN)
    names = sorted({site.namespace for site in plan.sites})
    rest = len(names) - _MOST_NAMED
    more = f" and {count_text(rest, 'more namespace')}" if rest > 0 else ""
    where = visible(f"{count_text(len(plan.sites), 'pod')} in {', '.join(names[:_MOST_NAMED])}{more}")
    what = {
        "pods": f"Make stand-ins for {where}, and remove them again?",
        "exec": f"Run commands in {where}?",
        "debug": f"Add containers to {where}, which stay there until the pods end?",
    }
    if not click.confirm(what[how.mode], err=True):
        click.echo("nothing was tried", err=True)
        sys.exit(ExitCode.ANSWER_NO)


def _print(report: VerifyReport, output: str) -> None:
    if output == "text":
        from firedoor.render.verify_text import print_verify  # noqa: PLC0415

        print_verify(report, console())
    else:
        print_answer("verify", output, report)


def _code(report: VerifyReport) -> ExitCode:
    from firedoor.model.verification import Judgement  # noqa: PLC0415

    if report.count(Judgement.DIFFERS) or any(each.broken for each in report.intents):
        return ExitCode.ANSWER_NO
    return ExitCode.GAPS if report.count(Judgement.UNCHECKED) else ExitCode.OK


def _clean_up(wishes: _Wishes) -> NoReturn:
    from firedoor.bootstrap import remove_probes  # noqa: PLC0415
    from firedoor.cli.conformance import clean_up_conformance  # noqa: PLC0415
    from firedoor.render.words import visible  # noqa: PLC0415

    if not (wishes.yes or sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on", remedy="give --yes to remove what earlier runs left")
    if not wishes.yes and not click.confirm(
        "Remove all that was made for probes? A run that is going on loses it too.", err=True
    ):
        click.echo("nothing was removed", err=True)
        sys.exit(ExitCode.ANSWER_NO)
    removed = remove_probes(wishes.kubeconfig, wishes.context)
    removed += [f"Namespace {each}" for each in clean_up_conformance(wishes.kubeconfig, wishes.context)]
    for name in removed:
        click.echo(visible(name))
    click.echo(f"{len(removed)} objects removed", err=True)
    sys.exit(ExitCode.OK)
