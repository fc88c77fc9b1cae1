"""``firedoor explain``."""

from __future__ import annotations

import click

from firedoor.algebra.ports import PROTOCOLS
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, network_option, output_option, source_options, staged_option
from firedoor.cli.reach import parse_port


@click.command()
@source_options
@output_option("text", "json", "yaml")
@click.option(
    "--from",
    "from_end",
    required=True,
    metavar="END",
    help="Source: namespace/pod, namespace/workload or an IP address.",
)
@click.option("--to", "to_end", required=True, metavar="END", help="Destination, named the same way.")
@click.option(
    "--port",
    required=True,
    metavar="PORT",
    help="Port of the destination pod (the target port of a service).",
)
@click.option("--protocol", type=click.Choice(PROTOCOLS, case_sensitive=False), default=None, help="TCP unless said.")
@staged_option
@network_option
def command(  # noqa: PLR0917 - a parameter for each option
    source: SourceOptions,
    output: str,
    from_end: str,
    to_end: str,
    port: str,
    protocol: str | None,
    staged: bool,
    network: str,
) -> None:
    """
    Say why one connection is accepted or denied, and what would change that.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.explain import explain  # noqa: PLC0415

    said, number = parse_port(port)
    profile = cni_profile(source.cni)
    snapshot = load_snapshot(source)
    answer = explain(
        snapshot,
        profile,
        from_end,
        to_end,
        (protocol or said).upper(),
        number,
        source.namespace or "default",
        staged=staged,
        network_name=network,
    )
    if output == "text":
        from firedoor.render.explain_text import print_explanation  # noqa: PLC0415

        print_explanation(answer, console())
        return
    from firedoor.render.explain_json import explain_document, explain_json  # noqa: PLC0415
    from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415

    click.echo(explain_json(answer) if output == "json" else yaml_text(explain_document(answer)), nl=False)
