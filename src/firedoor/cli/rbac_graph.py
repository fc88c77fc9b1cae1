"""``firedoor rbac graph``."""

from __future__ import annotations

import click

from firedoor.cli.loading import load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_answer


@click.command("graph")
@source_options
@output_option("dot", "html", "mermaid", "json")
@click.option(
    "--as",
    "subjects",
    multiple=True,
    metavar="SUBJECT",
    help="Only what this user, service account (system:serviceaccount:NAMESPACE:NAME) or group has. Repeatable.",
)
@click.option(
    "--as-group", "groups", multiple=True, metavar="GROUP", help="A group that the users of --as are in. Repeatable."
)
@click.option("--all", "usual", is_flag=True, help="Also show what Kubernetes, its installer or its vendor sets up.")
def graph_command(
    source: SourceOptions, output: str, subjects: tuple[str, ...], groups: tuple[str, ...], usual: bool
) -> None:
    """
    Draw who has what: workloads, users, groups and service accounts, their bindings, and the roles of those.

    What is dangerous is coloured by severity, what a binding names and is not there is dashed. Where there are more
    than 100 boxes, pictures draw what is alike as one, and say so; the table of -o html and -o json are complete.

    With -n it is the bindings of the namespace, and those of the cluster that concern its service accounts.
    """
    from firedoor.usecases.rbac_graph import rbac_graph  # noqa: PLC0415
    from firedoor.usecases.rbac_graph_choice import GraphQuestion  # noqa: PLC0415

    asked = GraphQuestion(subjects, groups, source.namespace, usual, source.kubernetes_version)
    print_answer("rbac_graph", output, rbac_graph(load_snapshot(source), asked))
