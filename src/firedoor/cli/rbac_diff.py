"""``firedoor rbac diff``."""

from __future__ import annotations

import sys

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import load_states
from firedoor.cli.options import output_option, states_options
from firedoor.cli.printing import print_answer


@click.command("diff")
@states_options(
    "Show only what is given in this namespace or held by its service accounts; manifests that name "
    "none are taken to be in it."
)
@output_option("table", "json", "yaml", "markdown")
def command(old: str, new: str, output: str, namespace: str, kubeconfig: str | None, kubernetes_version: str) -> None:
    """
    Show what changed in who may do what, from OLD to NEW.

    It compares what users, groups and service accounts may do, and not how roles and bindings say it. Each is a file
    or folder of manifests, a saved snapshot, a revision in git (git:REVISION:PATH, as in git:main:deploy), a live
    cluster (cluster, cluster:CONTEXT), or - for stdin. Ends with exit code 10 when somebody may do more or less, or
    it became known or unknown, and 0 when not.
    """
    from firedoor.usecases.rbac_diff import rbac_diff  # noqa: PLC0415

    states = load_states((old, new), namespace, kubeconfig, kubernetes_version)
    found = rbac_diff(states, (old, new), namespace)
    print_answer("rbac_diff", output, found)
    sys.exit(ExitCode.OK if found.is_same else ExitCode.ANSWER_NO)
