"""An explanation for people: the verdict, both halves with their rules, what came close, and what would flip it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.explanation import DirectionExplanation, Explanation
from firedoor.model.findings import Fix
from firedoor.model.verdicts import Reason, Verdict
from firedoor.render.findings_json import fix_yaml
from firedoor.render.words import visible

_STYLES = {Verdict.ACCEPTED: "bold green", Verdict.DENIED: "bold red", Verdict.UNKNOWN: "bold yellow"}
_MOST_PAIRS = 20


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print an explanation."""
    what = str(explanation.icmp or f"{explanation.protocol}/{explanation.port}")
    question = f"{explanation.source} -> {explanation.destination} {what}"
    headline = (explanation.verdict.upper(), _STYLES[explanation.verdict])
    console.print(Text.assemble(headline, f"  {visible(question)}"), soft_wrap=True)
    _direction("egress of the source", explanation.egress, console)
    _direction("ingress of the destination", explanation.ingress, console)
    if explanation.pods:
        _line(console, "  the pods differ:")
        for source, destination, verdict in explanation.pods[:_MOST_PAIRS]:
            _line(console, f"    {source} -> {destination}: {verdict}")
        if len(explanation.pods) > _MOST_PAIRS:
            _line(console, f"    and {len(explanation.pods) - _MOST_PAIRS} more pairs")
    for note in explanation.notes:
        _line(console, f"  note: {note}")
    if explanation.flip is not None:
        opposite = "deny" if explanation.verdict is Verdict.ACCEPTED else "allow"
        _line(console, f"  smallest change that would {opposite} it (tried by the engine):")
        for line in fix_yaml(Fix(explanation.flip.summary, explanation.flip.manifests)).splitlines():
            _line(console, f"    {line}", "cyan")


def _direction(title: str, half: DirectionExplanation, console: Console) -> None:
    console.print(Text.assemble(f"  {title}: ", (str(half.verdict), _STYLES[half.verdict])))
    for reason in half.because:
        _line(console, f"    because {_reason(reason)}")
    for reason in half.near_misses:
        _line(console, f"    close: {_reason(reason)}", "dim")


def _reason(reason: Reason) -> str:
    rule = f" {reason.rule}" if reason.rule else ""
    named = f"{reason.kind} {reason.policy}{rule} " if reason.policy else ""
    place = f" ({reason.source})" if reason.source else ""
    return f"{named}{reason.detail}{place}"


def _line(console: Console, text: str, style: str = "") -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(visible(text), style=style), soft_wrap=True)
