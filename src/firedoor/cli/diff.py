"""``firedoor diff``."""

from __future__ import annotations

import sys

import click

from firedoor.bootstrap import open_state, policy_changes
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, load_source
from firedoor.cli.options import cni_option, output_option, read_stdin
from firedoor.cli.printing import print_answer
from firedoor.errors import UsageError


@click.command()
@click.argument("old")
@click.argument("new")
@output_option("table", "json", "yaml", "markdown")
@click.option(
    "-n",
    "--namespace",
    default="",
    metavar="NS",
    help="Show only changes with an end in this namespace; manifests that name none are taken to be in it.",
)
@click.option("--pods", is_flag=True, help="Pod by pod instead of workload by workload.")
@cni_option
@click.option("--kubeconfig", metavar="FILE", type=click.Path(), help="Kubeconfig of live clusters.")
@click.option(
    "--kubernetes-version",
    default="",
    metavar="X.Y",
    help="Release whose API server the manifests are meant for. Default: the newest known.",
)
def command(old: str, new: str, output: str, namespace: str, pods: bool, cni: str, **reading: str | None) -> None:
    """
    Show what changed in who can reach whom, from OLD to NEW.

    Each is a file or folder of manifests, a saved snapshot, a revision in git (git:REVISION:PATH, as in
    git:main:deploy), a live cluster (cluster, cluster:CONTEXT), or - for stdin. Ends with exit code 10
    when a connection changed, and 0 when none did.
    """
    from firedoor.usecases.diff import diff  # noqa: PLC0415

    if old == new == "-":
        raise UsageError("OLD and NEW are both standard input", remedy="give one of them another way")
    profile = cni_profile(cni)
    sources = [
        open_state(
            text,
            read_stdin=read_stdin,
            kubeconfig=reading["kubeconfig"],
            namespace=namespace,
            kubernetes_version=reading["kubernetes_version"] or "",
        )
        for text in (old, new)
    ]
    before, after = (load_source(source) for source in sources)
    found = diff((before, after), (old, new), profile, policy_changes(before, after), namespace, pods=pods)
    print_answer("diff", output, found)
    sys.exit(ExitCode.ANSWER_NO if found.connections else ExitCode.OK)
