"""A cluster's reachability in numbers, for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.summary import ReachSummary
from firedoor.render.columns import print_columns


def print_summary(summary: ReachSummary, console: Console) -> None:
    """Print what there is, pairs of pods by what they may exchange, and pods by what restricts them."""
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in summary.policies.items()) or "no policy"
    found = f"{summary.pods:,} pods of {summary.workloads:,} workloads in {summary.namespaces:,} namespaces; {kinds}"
    console.print(Text(found), soft_wrap=True)
    console.print()
    pairs = summary.pairs
    rows: list[list[str | Text]] = [
        [name, f"{number:,}", _share(number, pairs.total)]
        for name, number in (
            ("all traffic", pairs.all),
            ("some traffic", pairs.some),
            ("unknown", pairs.unknown),
            ("nothing", pairs.none),
            ("together", pairs.total),
        )
    ]
    print_columns(console, ("FROM ONE POD TO ANOTHER", "PAIRS", "SHARE"), rows)
    console.print()
    ingress, egress, pods = summary.ingress, summary.egress, summary.pods
    sides: list[list[str | Text]] = [
        [name, _share(first, pods, first), _share(second, pods, second)]
        for name, first, second in (
            ("no policy applies", ingress.unrestricted, egress.unrestricted),
            ("some of the outside, on some port", ingress.outside_some, egress.outside_some),
            ("all of the outside, on every port", ingress.outside_all, egress.outside_all),
        )
    ]
    print_columns(console, ("PODS", "INGRESS", "EGRESS"), sides)
    if summary.gaps:
        console.print()
        told = f"{len(summary.gaps)} gaps in what is known: `firedoor diagnose` lists them"
        console.print(Text(told), soft_wrap=True)


def _share(part: int, whole: int, number: int | None = None) -> str:
    """Return a percentage that is 0 or 100 only where it is exactly so, behind the number where one is given."""
    share = 100 * part / whole if whole else 0.0
    text = f"{share:.1f} %"
    if part and share < 0.05:  # noqa: PLR2004 - what would be rounded to nothing
        text = "< 0.1 %"
    elif part < whole and share >= 99.95:  # noqa: PLR2004 - what would be rounded to everything
        text = "> 99.9 %"
    return text if number is None else f"{number:,} ({text})"
