"""``firedoor reach``."""

from __future__ import annotations

import click

from firedoor.cli.ending import keep_to_the_end
from firedoor.cli.loading import cni_profile, load_snapshot
from firedoor.cli.options import SourceOptions, network_option, output_option, source_options, staged_option
from firedoor.cli.printing import print_answer
from firedoor.errors import UsageError
from firedoor.model.port_text import parse_port
from firedoor.usecases.questions import parse_labels


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
@click.option(
    "--exposed",
    is_flag=True,
    help="What the outside can reach, through Services and controllers, and pods that do not exist yet.",
)
@click.option("--summary", is_flag=True, help="Numbers only: how many pairs of pods connect, how many pods are open.")
@staged_option
@network_option
def command(  # noqa: PLR0917 - a parameter for each option
    source: SourceOptions,
    output: str,
    from_end: str,
    to_end: str,
    selector: str,
    port: str,
    pods: bool,
    exposed: bool,
    summary: bool,
    staged: bool,
    network: str,
) -> None:
    """
    Show who can reach whom, and with which traffic.

    Reads PATH... (files, folders, a saved snapshot, - for stdin), or the live cluster when none is given.
    """
    from firedoor.usecases.reach import ReachFilter, reach  # noqa: PLC0415

    if exposed:
        given = {"--from": from_end, "--to": to_end, "--selector": selector, "--pods": pods, "--network": network}
        _show_exposure(source, output, port, [name for name, value in given.items() if value], staged=staged)
        return
    if summary:
        given = {"--from": from_end, "--to": to_end, "--selector": selector, "--port": port, "--pods": pods}
        others = [name for name, value in (given | {"--namespace": source.namespace}).items() if value]
        _show_summary(source, output, others, staged=staged, network=network)
        return
    wanted = ReachFilter(
        from_end, to_end, source.namespace, parse_labels(selector), parse_port(port) if port else None, pods
    )
    profile = cni_profile(source.cni)
    print_answer("reach", output, reach(load_snapshot(source), profile, wanted, staged=staged, network_name=network))


def _show_summary(source: SourceOptions, output: str, others: list[str], *, staged: bool, network: str) -> None:
    """Print the numbers of the whole cluster."""
    from firedoor.usecases.summary import summary  # noqa: PLC0415

    if others:
        raise UsageError(f"{others[0]} does not go with --summary", remedy="it counts the whole cluster: leave it out")
    _check_format(output, "--summary")
    profile = cni_profile(source.cni)
    snapshot = load_snapshot(source)
    keep_to_the_end(snapshot)
    print_answer("summary", output, summary(snapshot, profile, staged=staged, network_name=network))


def _check_format(output: str, option: str) -> None:
    if output in {"dot", "mermaid", "html"}:
        raise UsageError(f"-o {output} does not go with {option}", remedy="use -o table, json, csv or yaml")


def _show_exposure(source: SourceOptions, output: str, port: str, others: list[str], *, staged: bool) -> None:
    """Print what the outside can reach; the ends of its connections are given, so that options for them are refused."""
    from firedoor.usecases.exposure import ExposureFilter, exposure  # noqa: PLC0415

    if others:
        raise UsageError(f"{others[0]} does not go with --exposed", remedy="narrow it with --namespace and --port")
    _check_format(output, "--exposed")
    wanted = ExposureFilter(source.namespace, parse_port(port) if port else None)
    profile = cni_profile(source.cni)
    report = exposure(load_snapshot(source), profile, wanted, staged=staged)
    print_answer("exposure", output, report)
