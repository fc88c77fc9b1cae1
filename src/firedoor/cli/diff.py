"""``firedoor diff``."""

from __future__ import annotations

import sys

import click

from firedoor.bootstrap import policy_changes
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, load_states
from firedoor.cli.options import cni_option, output_option, states_options
from firedoor.cli.printing import print_answer


@click.command()
@states_options("Show only changes with an end in this namespace; manifests that name none are taken to be in it.")
@output_option("table", "json", "yaml", "markdown")
@click.option("--pods", is_flag=True, help="Pod by pod instead of workload by workload.")
@cni_option
def command(  # noqa: PLR0917 - a parameter for each option
    old: str,
    new: str,
    output: str,
    namespace: str,
    pods: bool,
    cni: str,
    kubeconfig: str | None,
    kubernetes_version: str,
) -> None:
    """
    Show what changed in who can reach whom, from OLD to NEW.

    Each is a file or folder of manifests, a saved snapshot, a revision in git (git:REVISION:PATH, as in
    git:main:deploy), a live cluster (cluster, cluster:CONTEXT), or - for stdin. Ends with exit code 10
    when a connection changed, and 0 when none did.
    """
    from firedoor.usecases.diff import diff  # noqa: PLC0415

    profile = cni_profile(cni)
    before, after = load_states((old, new), namespace, kubeconfig, kubernetes_version)
    found = diff((before, after), (old, new), profile, policy_changes(before, after), namespace, pods=pods)
    print_answer("diff", output, found)
    sys.exit(ExitCode.ANSWER_NO if found.connections else ExitCode.OK)
