"""What tries connections in a live cluster, and removes what it made for that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from firedoor.interfaces import PlacedProber


@dataclass(frozen=True, slots=True)
class ProbeWishes:
    """
    How connections are to be tried.

    `mode` is ``pods``, ``exec`` or ``debug``; an empty `image` is the default one. `rate` is how many
    are begun in a second, 0 for no limit; `timeout` and `ttl`, after which all that was made
    ends by itself, are in seconds.
    """

    mode: str
    image: str
    concurrency: int
    rate: float
    timeout: float
    ttl: int


def open_prober(
    kubeconfig: str | None, context: str | None, wishes: ProbeWishes
) -> AbstractContextManager[PlacedProber]:
    """Return what tries connections in the cluster that kubectl would talk to; nothing is sent yet."""
    from firedoor.adapters.cluster.probes import DEFAULT_IMAGE, ProbeSettings  # noqa: PLC0415
    from firedoor.adapters.cluster.probes import open_prober as opened  # noqa: PLC0415

    settings = ProbeSettings(
        mode=wishes.mode,
        image=wishes.image or DEFAULT_IMAGE,
        concurrency=wishes.concurrency,
        rate=wishes.rate,
        timeout=wishes.timeout,
        ttl=wishes.ttl,
    )
    return opened(kubeconfig, context, settings)


def remove_probes(kubeconfig: str | None, context: str | None) -> list[str]:
    """Remove what runs that were killed have left in a cluster, and return its names."""
    from firedoor.adapters.cluster.probes import clean_up  # noqa: PLC0415

    return clean_up(kubeconfig, context)


@dataclass(frozen=True, slots=True)
class RealWatch:
    """Looks at the clock, waits, and tells a person; implements ``interfaces.Watch``."""

    say: Callable[[str], None]

    def now(self) -> float:
        """Return the seconds of a clock that is never set."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def tell(self, text: str) -> None:
        """Say what is being done."""
        self.say(text)
