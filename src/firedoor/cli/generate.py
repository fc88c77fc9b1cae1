"""``firedoor generate``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import open_intents, read_policies, write_policies
from firedoor.cli.edges_options import EdgeOptions, edges_options
from firedoor.cli.exit_codes import ExitCode
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, read_stdin, refuse_two_stdins, source_options
from firedoor.cli.printing import print_document
from firedoor.errors import UsageError
from firedoor.model.generation import PolicyKind

if TYPE_CHECKING:
    from firedoor.model.generation import Generation
    from firedoor.usecases.generate import Find


@click.command()
@source_options
@edges_options
@click.option(
    "--from-manifests", "manifests", is_flag=True, help="Make policies for what the manifests themselves name."
)
@click.option(
    "--from-intents",
    "intents",
    metavar="FILE",
    type=click.Path(allow_dash=True),
    help="Make policies for what intents of kind must-allow ask for.",
)
@click.option(
    "--kind",
    type=click.Choice([str(each) for each in PolicyKind]),
    default=str(PolicyKind.NETWORKPOLICY),
    show_default=True,
    help="Which policies to make.",
)
@click.option(
    "--tier",
    type=click.Choice(["Admin", "Baseline"]),
    default="Admin",
    show_default=True,
    help="Tier of ClusterNetworkPolicies.",
)
@click.option("--out", metavar="DIR", type=click.Path(), help="Write one file for each policy below this folder.")
@click.option(
    "--layout",
    type=click.Choice(["plain", "kustomize", "helm"]),
    default="plain",
    show_default=True,
    help="How the folder is laid out.",
)
@click.option(
    "--min-count",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Leave out what was seen less often.",
)
@click.option("--named-ports", is_flag=True, help="Write ports by their names, where all pods have the same one.")
@click.option(
    "--cidr-bound",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Let at most N blocks of addresses stand for those seen on one port; 0 for exact addresses.",
)
@click.option(
    "--api-server-cidr",
    "servers",
    metavar="CIDR",
    multiple=True,
    help="From where the API server connects to webhooks, with --from-manifests; may be repeated.",
)
@click.option("--replace", is_flag=True, help="Judge as if the policies that are there now were removed.")
@click.option("--no-dns", is_flag=True, help="Add nothing for resolving names.")
@output_option("yaml", "json", "text")
def command(  # noqa: PLR0917 - an option is a parameter
    source: SourceOptions,
    seen: EdgeOptions,
    manifests: bool,
    intents: str | None,
    kind: str,
    tier: str,
    out: str | None,
    layout: str,
    min_count: int,
    named_ports: bool,
    cidr_bound: int,
    servers: tuple[str, ...],
    replace: bool,
    no_dns: bool,
    output: str,
) -> None:
    """
    Make the least network policies for what is needed, and prove them.

    What is needed comes from one of --from-flows (or --from-edges), --from-manifests and --from-intents; the cluster
    from PATH... (files, folders, a saved snapshot), or the live one. The policies are read back and judged by the
    engine: everything needed is accepted, nothing else is opened, and no part could be left out. Where that does not
    hold nothing is written, and the exit code is 10.
    """
    from firedoor.model.clusterpolicy import Tier  # noqa: PLC0415
    from firedoor.usecases.generate import GenerationQuestion, generate  # noqa: PLC0415

    if layout != "plain" and out is None:
        raise UsageError("--layout is about folders, and there is none", remedy="say where with --out DIR")
    profile = cni_profile(source.cni)
    if servers and not manifests:
        raise UsageError("--api-server-cidr is about manifests", remedy="give --from-manifests")
    find = _find(source, seen, intents, min_count, servers, manifests=manifests)
    asked = GenerationQuestion(
        PolicyKind(kind), source.namespace, named_ports, cidr_bound, replace, not no_dns, Tier(tier)
    )
    found = generate(load_snapshot(source), profile, find, asked, read_policies)
    if not found.proof.holds:
        _print(found, "json" if output == "json" else "failure")
        sys.exit(ExitCode.ANSWER_NO)
    if out is not None:
        from firedoor.render.generation_files import generation_files  # noqa: PLC0415

        files = generation_files(found, layout)
        removed = write_policies(out, files)
        click.echo(f"{len(files)} files below {out} written, {len(removed)} earlier ones removed", err=True)
        output = "text" if output == "yaml" else output
    _print(found, output)


def _find(
    source: SourceOptions,
    seen: EdgeOptions,
    intents: str | None,
    min_count: int,
    servers: tuple[str, ...],
    *,
    manifests: bool,
) -> Find:
    """Return what finds the needs in the one place that was named."""
    from firedoor.usecases.generate import from_flows, from_intents, from_manifests  # noqa: PLC0415

    if sum((seen.is_given, intents is not None, manifests)) != 1:
        raise UsageError(
            "what is needed must come from one place",
            remedy="give one of --from-flows, --from-edges FILE, --from-manifests and --from-intents FILE",
        )
    refuse_two_stdins(*dict.fromkeys(source.paths), seen.path, intents)
    if seen.is_given:
        return from_flows(seen.edges(), min_count)
    if intents is not None:
        return from_intents(open_intents(intents, read_stdin=read_stdin))
    return from_manifests(servers)


def _print(found: Generation, output: str) -> None:
    if output == "json":
        from firedoor.render.generation_json import generation_document  # noqa: PLC0415

        print_document(generation_document(found), output)
    elif output == "yaml":
        from firedoor.render.generation_yaml import generation_yaml  # noqa: PLC0415

        click.echo(generation_yaml(found), nl=False)
    else:
        from firedoor.render.generation_text import print_generation  # noqa: PLC0415

        print_generation(found, console(stderr=output == "failure"))
