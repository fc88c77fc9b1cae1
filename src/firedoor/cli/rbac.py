"""``firedoor rbac``: can, who-can, show, and the commands that have files of their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.cli.printing import print_document, print_found
from firedoor.cli.rbac_diff import command as diff_command
from firedoor.cli.rbac_graph import graph_command
from firedoor.cli.rbac_minimize import command as minimize_command
from firedoor.cli.rbac_risks import risks_command
from firedoor.cli.rbac_unused import command as unused_command

Function = TypeVar("Function", bound=Callable[..., Any])

_MANIFESTS = (".yaml", ".yml", ".json", ".fds")


@click.group()
def command() -> None:
    """
    Say who may do what, by the roles and bindings of RBAC, and why.

    VERB, RESOURCE and NAME are written as for kubectl: get pods, create deployments.apps/scale, get /healthz.
    """


for each in (diff_command, graph_command, risks_command, minimize_command, unused_command):
    command.add_command(each)


def _question(function: Function) -> Function:
    """Add ``VERB RESOURCE [NAME]`` and ``--name``, before the options for sources."""
    decorators = [
        click.argument("verb"),
        click.argument("resource"),
        click.argument("name", required=False, default="", type=click.Path(allow_dash=True)),
        source_options,
        click.option(
            "--name", "object_name", default="", metavar="NAME", help="Name of one object, where NAME is a path too."
        ),
    ]
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


_as_group = click.option(
    "--as-group", "groups", multiple=True, metavar="GROUP", help="A group that the user is in. Repeatable."
)


@command.command("can")
@_question
@click.option(
    "--as",
    "user",
    required=True,
    metavar="USER",
    help="User name, or system:serviceaccount:NAMESPACE:NAME for a service account.",
)
@_as_group
@output_option("text", "json", "yaml")
def can_command(  # noqa: PLR0917 - a parameter for each option
    verb: str,
    resource: str,
    name: str,
    source: SourceOptions,
    object_name: str,
    user: str,
    groups: tuple[str, ...],
    output: str,
) -> None:
    """
    Say whether a user may do something, and why: by which binding, role and rule.

    RESOURCE is RESOURCE[/SUBRESOURCE][.GROUP] or the path of a URL: pods, po, pods/log, deployments.apps, /healthz.
    Without -n it is asked for all namespaces at once. What follows RESOURCE is the name of one object, unless it
    is a file, a folder or looks like one; all else is PATH.

    Ends with exit code 10 when the answer is no or not known, and 0 when it is yes.
    """
    from firedoor.usecases.rbac import AskedPermission, can  # noqa: PLC0415

    name, source = _sorted_out(resource, name, object_name, source)
    answer = can(load_snapshot(source), AskedPermission(verb, resource, name, source.namespace), user, groups)
    if output == "text":
        from firedoor.render.rbac_text import print_access  # noqa: PLC0415

        print_access(answer, console())
    else:
        from firedoor.render.rbac_json import can_document  # noqa: PLC0415

        print_document(can_document(answer), output)
    sys.exit(ExitCode.OK if answer.verdict == "allowed" else ExitCode.ANSWER_NO)


@command.command("who-can")
@_question
@click.option("--indirect", is_flag=True, help="Also list who can make itself able, in one step.")
@output_option("table", "json", "yaml", "csv")
def who_can_command(
    verb: str, resource: str, name: str, source: SourceOptions, object_name: str, indirect: bool, output: str
) -> None:
    """
    List who may do something, and why: the binding, role and rule of each.

    Without -n that is in any namespace, or everywhere. VERB RESOURCE NAME PATH... are as for `firedoor rbac can`.
    """
    from firedoor.usecases.rbac import AskedPermission, who_can  # noqa: PLC0415

    name, source = _sorted_out(resource, name, object_name, source)
    asked = AskedPermission(verb, resource, name, source.namespace)
    found = who_can(load_snapshot(source), asked, indirect=indirect)
    from firedoor.render import rbac_csv, rbac_json, rbac_table  # noqa: PLC0415

    print_found(found, output, rbac_table.print_holders, rbac_json.who_can_document, rbac_csv.holders_csv)


@command.command("show")
@click.argument("user")
@source_options
@_as_group
@output_option("table", "json", "yaml", "csv")
def show_command(user: str, source: SourceOptions, groups: tuple[str, ...], output: str) -> None:
    """
    Show all that USER may do: resources and URLs by verbs.

    USER is a user name, or system:serviceaccount:NAMESPACE:NAME for a service account. With -n it is what holds in
    that namespace.
    """
    from firedoor.usecases.rbac import show  # noqa: PLC0415

    found = show(load_snapshot(source), user, groups, source.namespace)
    from firedoor.render import rbac_csv, rbac_json, rbac_table  # noqa: PLC0415

    print_found(found, output, rbac_table.print_matrix, rbac_json.show_document, rbac_csv.matrix_csv)


def _sorted_out(resource: str, name: str, object_name: str, source: SourceOptions) -> tuple[str, SourceOptions]:
    """Return the name of the object that is asked about, and the source with what was a path after all."""
    if not name or not (object_name or resource.startswith("/") or _is_path(name)):
        return object_name or name, source
    return object_name, replace(source, paths=(name, *source.paths))


def _is_path(text: str) -> bool:
    return text == "-" or "/" in text or text.endswith(_MANIFESTS) or os.path.lexists(text)
