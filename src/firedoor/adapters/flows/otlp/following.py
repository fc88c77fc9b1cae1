"""A receiver of OTLP beside a cluster: what was sent to it since the last look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from firedoor.adapters.flows.otlp.intake import Intake
from firedoor.adapters.flows.otlp.server import serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.flows.formats import Format
    from firedoor.model.flow_following import FlowPlace, FollowedPart


class OtlpReceiver:
    """Takes what is sent to a host and port; implements ``interfaces.FlowFollower``, and remembers nothing."""

    def __init__(self, place: tuple[str, int], form: Format | None, say: Callable[[str], None]) -> None:
        """Listen, which is said; raises ``UsageError`` where nothing can be served there."""
        self._intake = Intake("OTLP", form)
        self._opened = ExitStack()
        self.port = self._opened.enter_context(serve(place, self._intake))
        host = f"[{place[0]}]" if ":" in place[0] else place[0]
        say(f"flows are taken at http://{host}:{self.port}/v1/logs")

    @property
    def troubles(self) -> Mapping[str, str]:
        """None: whoever sends knows what was not taken."""
        return {}

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:
        """Take what comes."""

    def look(self) -> Iterator[FollowedPart]:
        """Yield what has come."""
        return self._intake.look()

    def places(self) -> tuple[FlowPlace, ...]:
        """Return none."""
        return ()

    def marks(self) -> dict[str, bytes]:
        """Return none."""
        return {}

    def close(self) -> None:
        """Listen no more."""
        self._opened.close()
