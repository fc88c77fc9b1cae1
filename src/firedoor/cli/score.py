"""``firedoor score``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from firedoor.cli.audit_option import audit_logs, with_logs
from firedoor.cli.edges_options import EdgeOptions, edges_options
from firedoor.cli.findings_output import refuse_verbose
from firedoor.cli.loading import cni_profile, console, load_snapshot, load_source
from firedoor.cli.options import SourceOptions, output_option, read_stdin, refuse_two_stdins, source_options
from firedoor.cli.printing import print_document
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile


@click.command()
@source_options
@audit_logs("Audit log of the API server, to measure which permissions were needed. Repeatable.")
@edges_options
@click.option(
    "--trend",
    is_flag=True,
    help="Take each PATH as a state of its own, oldest first, and show how the score moved: saved snapshots, "
    "manifests, git:REVISION:PATH, cluster.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show everything that is in the way, and not the first of it.")
@output_option("text", "json", "yaml", "markdown")
def command(
    source: SourceOptions, *, logs: tuple[str, ...], seen: EdgeOptions, trend: bool, verbose: bool, output: str
) -> None:
    """
    Show how far the cluster is on the way to zero trust, counted, with what is in the way.

    By the tenets of NIST SP 800-207 and by namespace. What a cluster's state cannot tell is not measured, and
    what could not be read makes a number a range. Reads PATH... (files, folders, a saved snapshot, - for stdin),
    or the live cluster when none is given.
    """
    refuse_verbose(output, verbose=verbose)
    profile = cni_profile(source.cni)
    if trend:
        _show_trend(source, profile, output, more=bool(logs) or seen.is_given, verbose=verbose)
        return
    from firedoor.usecases.score import logged, score  # noqa: PLC0415

    refuse_two_stdins(*source.paths, *logs, seen.path)
    snapshot = load_snapshot(source)
    requests = with_logs(logs, lambda log, progress: logged(snapshot, log, progress)) if logs else None
    found = score(snapshot, profile, source.namespace, requests, seen.edges() if seen.is_given else None)
    if output == "text":
        from firedoor.render.score_text import print_score  # noqa: PLC0415

        print_score(found, console(), verbose=verbose)
    elif output == "markdown":
        from firedoor.render.score_markdown import score_markdown  # noqa: PLC0415

        click.echo(score_markdown(found), nl=False)
    else:
        from firedoor.render.score_json import score_document  # noqa: PLC0415

        print_document(score_document(found), output)


def _show_trend(source: SourceOptions, profile: CniProfile, output: str, *, more: bool, verbose: bool) -> None:
    from firedoor.bootstrap import open_state  # noqa: PLC0415
    from firedoor.usecases.score import trend  # noqa: PLC0415

    if len(source.paths) < 2:  # noqa: PLR2004 - before and after
        raise UsageError("--trend needs two states at least", remedy="give several PATHs, the oldest first")
    if more or verbose or source.namespace or source.context:
        raise UsageError(
            "--trend compares the numbers of whole states",
            remedy="leave logs, flows, -v, -n and --context out (cluster:CONTEXT names a state)",
        )
    refuse_two_stdins(*source.paths)
    opened = [
        open_state(
            path,
            read_stdin=read_stdin,
            kubeconfig=source.kubeconfig,
            kubernetes_version=source.kubernetes_version,
        )
        for path in source.paths
    ]
    # One after the other: several large clusters need not be in memory at once.
    found = trend(((path, load_source(each)) for path, each in zip(source.paths, opened, strict=True)), profile)
    if output == "text":
        from firedoor.render.score_text import print_trend  # noqa: PLC0415

        print_trend(found, console())
    elif output == "markdown":
        from firedoor.render.score_markdown import trend_markdown  # noqa: PLC0415

        click.echo(trend_markdown(found), nl=False)
    else:
        from firedoor.render.score_json import trend_document  # noqa: PLC0415

        print_document(trend_document(found), output)
