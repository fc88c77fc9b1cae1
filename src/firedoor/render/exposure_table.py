"""What the outside can reach, as tables for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.exposure import ExposureReport
from firedoor.model.verdicts import Verdict
from firedoor.render.columns import print_columns
from firedoor.render.exposure_words import backend_text, chain_text, exposure_summary, from_text, hosts_text
from firedoor.render.words import traffic_text, visible

_STYLES = {Verdict.ACCEPTED: "red", Verdict.DENIED: "green", Verdict.UNKNOWN: "yellow"}


def print_exposure(report: ExposureReport, console: Console) -> None:
    """Print the exposed ports, what is open to pods that do not exist yet, notes and one line of counts."""
    _print_exposures(report, console)
    _print_openings(report, console)
    for note in report.notes:
        console.print(Text(f"note: {visible(note)}"), soft_wrap=True)
    console.print(Text(exposure_summary(report)), soft_wrap=True)


def _print_exposures(report: ExposureReport, console: Console) -> None:
    console.print(Text("Exposed to the outside", style="bold"))
    rows: list[list[str | Text]] = [
        [
            backend_text(each),
            f"{each.protocol} {each.port}",
            Text(str(each.verdict), style=_STYLES[each.verdict]),
            from_text(each),
            str(each.way) if each.door == each.way.kind else f"{each.way} ({each.door})",
            hosts_text(each),
            chain_text(each),
            "; ".join(each.arrival.because) or "-",
        ]
        for each in report.exposures
    ]
    if rows:
        print_columns(console, ("BACKEND", "PORT", "VERDICT", "FROM", "WAY IN", "HOSTS", "CHAIN", "WHY"), rows)
    else:
        console.print("nothing: no Service with a door to the outside, host port or route leads in", soft_wrap=True)
    console.print()


def _print_openings(report: ExposureReport, console: Console) -> None:
    console.print(Text("Open to pods that do not exist yet", style="bold"))
    rows: list[list[str | Text]] = []
    for each in report.openings:
        unknown = f"? {traffic_text(each.unknown)}" if each.unknown else ""
        sure = traffic_text(each.traffic) if each.traffic else ""
        rows.append(
            [
                f"{each.workload.namespace}/{each.workload.name}",
                each.namespaces,
                each.pods,
                str(each.matching),
                "  ".join(filter(None, (sure, unknown))),
                ", ".join(each.rules) or "no policy isolates it",
            ]
        )
    if rows:
        print_columns(console, ("WORKLOAD", "IN", "PODS", "NOW", "TRAFFIC", "BECAUSE OF"), rows)
    else:
        console.print("nothing", soft_wrap=True)
    console.print()
