"""``firedoor explain``."""

from __future__ import annotations

import sys

import click

from firedoor.algebra.ports import PROTOCOLS
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, network_option, output_option, source_options, staged_option
from firedoor.errors import UsageError
from firedoor.model.icmp import ECHO_REQUESTS, ICMP, LAST_TYPE, VERSIONS, IcmpMessage
from firedoor.model.port_text import parse_port


def _end(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Return an end; without one, ask whoever sits at the terminal."""
    if value is None and not context.resilient_parsing:
        if not sys.stdin.isatty():
            raise click.MissingParameter(ctx=context, param=parameter)
        value = str(click.prompt(f"{parameter.opts[0]} (namespace/name, or an address)", err=True))
    return value or ""


@click.command()
@source_options
@output_option("text", "json", "yaml")
@click.option(
    "--from",
    "from_end",
    callback=_end,
    metavar="END",
    help="Source: namespace/pod, namespace/workload or an IP address. Asked for on a terminal, as is the rest.",
)
@click.option("--to", "to_end", callback=_end, metavar="END", help="Destination, named the same way.")
@click.option(
    "--port",
    default="",
    metavar="PORT",
    help="Port of the destination pod (the target port of a service).",
)
@click.option(
    "--protocol",
    type=click.Choice((*PROTOCOLS, *VERSIONS), case_sensitive=False),
    default=None,
    help="TCP unless said.",
)
@click.option(
    "--icmp-type",
    type=click.IntRange(0, LAST_TYPE),
    default=None,
    help="Type of the ICMP message; that of ping unless said.",
)
@click.option(
    "--icmp-code", type=click.IntRange(0, LAST_TYPE), default=None, help="Code of the ICMP message; 0 unless said."
)
@staged_option
@network_option
def command(  # noqa: PLR0917 - a parameter for each option
    source: SourceOptions,
    output: str,
    from_end: str,
    to_end: str,
    port: str,
    protocol: str | None,
    icmp_type: int | None,
    icmp_code: int | None,
    staged: bool,
    network: str,
) -> None:
    """
    Say why one connection is accepted or denied, and what would change that.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.explain import explain  # noqa: PLC0415

    if not port and protocol not in VERSIONS and sys.stdin.isatty():
        port = str(click.prompt("--port", err=True))
    icmp = _icmp(protocol, port, icmp_type, icmp_code)
    said, number = (ICMP, 0) if icmp else parse_port(port)
    profile = cni_profile(source.cni)
    snapshot = load_snapshot(source)
    answer = explain(
        snapshot,
        profile,
        from_end,
        to_end,
        said if icmp else (protocol or said).upper(),
        number,
        source.namespace or "default",
        staged=staged,
        network_name=network,
        icmp=icmp,
    )
    if output == "text":
        from firedoor.render.explain_text import print_explanation  # noqa: PLC0415

        print_explanation(answer, console())
        return
    from firedoor.render.explain_json import explain_document, explain_json  # noqa: PLC0415
    from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415

    click.echo(explain_json(answer) if output == "json" else yaml_text(explain_document(answer)), nl=False)


def _icmp(protocol: str | None, port: str, message_type: int | None, code: int | None) -> IcmpMessage | None:
    """Return the message that is asked about; None for a connection with ports."""
    if protocol not in VERSIONS:
        if message_type is not None or code is not None:
            raise UsageError("types and codes are of ICMP", remedy="add --protocol icmp, or icmpv6")
        if not port:
            raise UsageError("no port is given", remedy="add --port, or --protocol icmp")
        return None
    if port:
        raise UsageError(f"{protocol} has no ports", remedy="leave --port out; --icmp-type names a message")
    version = VERSIONS[protocol]
    return IcmpMessage(version, ECHO_REQUESTS[version] if message_type is None else message_type, code or 0)
