"""One notice to each sink, at once and past the queues, to see what each answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.adapters.sinks.sink import NotTakenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.adapters.sinks.outbox import NamedSink
    from firedoor.model.alerting import Notice


def try_sinks(sinks: Sequence[NamedSink], notice: Notice) -> Iterator[tuple[str, str]]:
    """Yield the name of each sink with what is wrong, which is empty where the notice was taken."""
    for each in sinks:
        try:
            each.sink.send([notice])
        except NotTakenError as error:
            yield each.name, error.problem
        else:
            yield each.name, ""
