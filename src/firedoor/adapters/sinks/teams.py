"""Adaptive cards for a channel or chat of Microsoft Teams, by a webhook of the app Workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.sinks.posting import Poster
from firedoor.adapters.sinks.wording import details, headline
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.alerting import Notice, SinkPlan
    from firedoor.model.events import Event

_COLOURS = {Severity.CRITICAL: "Attention", Severity.HIGH: "Attention", Severity.MEDIUM: "Warning"}


class Teams:
    """Sends a few events on each card; a message holds 28 KB at most. Implements `Sink`."""

    most = 5

    def __init__(self, plan: SinkPlan) -> None:
        """Raise ``UsageError`` where the plan does not work out; whoever knows the URL may write to the channel."""
        self._poster = Poster(plan, is_secret=True)

    def send(self, notices: Sequence[Notice]) -> int:
        """Send them on one card."""
        card = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": [block for each in notices for block in _blocks(each.event)],
        }
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
        self._poster.post(msgspec.json.encode({"type": "message", "attachments": [attachment]}), {})
        return 0

    def idle(self) -> None:
        """Do nothing."""


def _blocks(event: Event) -> list[dict[str, Any]]:
    # Runs of text are shown as they are: blocks of text would make links of what looks like Markdown.
    head = {
        "type": "TextRun",
        "text": headline(event),
        "weight": "Bolder",
        "color": _COLOURS.get(event.severity, "Default"),
    }
    when = {"type": "TextRun", "text": event.time, "isSubtle": True, "size": "Small"}
    lines: list[dict[str, Any]] = [head, {"type": "TextRun", "text": details(event)}, when]
    return [{"type": "RichTextBlock", "separator": number == 0, "inlines": [each]} for number, each in enumerate(lines)]
