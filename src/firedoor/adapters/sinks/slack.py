"""Messages for a channel of Slack, by its incoming webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.sinks.posting import Poster
from firedoor.adapters.sinks.wording import details, headline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.alerting import Notice, SinkPlan
    from firedoor.model.events import Event


class Slack:
    """Sends a few events in each message; implements `Sink`."""

    most = 10

    def __init__(self, plan: SinkPlan) -> None:
        """Raise ``UsageError`` where the plan does not work out; whoever knows the URL may write to the channel."""
        self._poster = Poster(plan, is_secret=True)

    def send(self, notices: Sequence[Notice]) -> int:
        """Send them as one message."""
        lines = "\n".join(headline(each.event) for each in notices)
        # What is between <> would be a link, or call everybody in the channel.
        text = lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        message = {"text": text, "blocks": [block for each in notices for block in _blocks(each.event)]}
        self._poster.post(msgspec.json.encode(message), {})
        return 0

    def idle(self) -> None:
        """Do nothing."""


def _blocks(event: Event) -> list[dict[str, Any]]:
    # Plain text: in Slack's own markup names could become links and mentions.
    texts = f"{headline(event)}\n{details(event)}", event.time
    section, context = ({"type": "plain_text", "text": each, "emoji": False} for each in texts)
    return [{"type": "section", "text": section}, {"type": "context", "elements": [context]}]
