"""``firedoor reach``."""

from __future__ import annotations

from collections.abc import Callable

import click

from firedoor.algebra.ports import LAST_PORT, PROTOCOLS
from firedoor.cli.loading import cni_profile, console, load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options
from firedoor.errors import UsageError
from firedoor.model.connections import Connectivity
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector


@click.command()
@source_options
@output_option("table", "json", "csv", "yaml", "dot", "mermaid", "html")
@click.option(
    "--from",
    "from_end",
    default="",
    metavar="END",
    help="Only from this end: namespace/name, namespace/*, an address, or outside.",
)
@click.option("--to", "to_end", default="", metavar="END", help="Only to this end.")
@click.option(
    "-l",
    "--selector",
    default="",
    metavar="LABELS",
    help="Only connections with a pod of these labels at either end.",
)
@click.option("--port", default="", metavar="PORT[/PROTOCOL]", help="Only this port; TCP unless said.")
@click.option("--pods", is_flag=True, help="Pod by pod instead of workload by workload.")
def command(
    source: SourceOptions, output: str, from_end: str, to_end: str, selector: str, port: str, pods: bool
) -> None:
    """
    Show who can reach whom, and with which traffic.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.reach import ReachFilter, reach  # noqa: PLC0415

    wanted = ReachFilter(
        from_end, to_end, source.namespace, _selector(selector), parse_port(port) if port else None, pods
    )
    profile = cni_profile(source.cni)
    show(reach(load_snapshot(source), profile, wanted), output)


def show(connectivity: Connectivity, output: str) -> None:
    """Print connectivity in one of the formats; each is a module that is imported when used."""
    if output == "table":
        from firedoor.render.reach_table import print_reach  # noqa: PLC0415

        print_reach(connectivity, console())
        return
    click.echo(_renderer(output)(connectivity), nl=False)


def _renderer(output: str) -> Callable[[Connectivity], str]:
    import importlib  # noqa: PLC0415

    module = importlib.import_module(f"firedoor.render.reach_{output}")
    found: Callable[[Connectivity], str] = getattr(module, f"reach_{output}")
    return found


def parse_port(text: str) -> tuple[str, int]:
    """Return protocol and number of ``8080``, ``53/UDP`` or ``udp/53``."""
    number, _, protocol = text.partition("/")
    if number.upper() in PROTOCOLS:
        number, protocol = protocol, number
    protocol = (protocol or "TCP").upper()
    if protocol not in PROTOCOLS or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= LAST_PORT:
        raise UsageError(f"{text!r} is no port", remedy="write a number from 1 to 65535, as in 8080 or 53/UDP")
    return protocol, int(number)


def _selector(text: str) -> LabelSelector | None:
    if not text:
        return None
    try:
        return parse_selector(text)
    except ValueError as error:
        raise UsageError(
            str(error), remedy="write it as kubectl does: app=web,env!=dev,tier in (front,back)"
        ) from error
