"""Flows that are followed beside a cluster: files, and those who tell them while they happen."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.adapters.flows.following import Closable
    from firedoor.adapters.flows.relay.asking import Security
    from firedoor.usecases.watch_flows import FlowMeans


@dataclass(frozen=True, slots=True)
class Followed:
    """
    Whose flows are followed: files (``-`` is standard input), who sends them by OTLP, a Hubble Relay, a Goldmane.

    `form` is the format of lines, `mapping` the file that tells of the columns of CSV files. `otlp` is the host and
    port to listen at. `security` is how the last two are connected to.
    """

    security: Security
    paths: tuple[str, ...] = ()
    form: str = ""
    mapping: str = ""
    otlp: tuple[str, int] | None = None
    relay: str | None = None
    goldmane: str | None = None

    @property
    def has_lines(self) -> bool:
        """Whether any of them tells flows in lines, the format of which may be said."""
        return bool(self.paths) or self.otlp is not None

    @property
    def is_any(self) -> bool:
        """Whether there are any."""
        return self.has_lines or self.is_asked

    @property
    def is_asked(self) -> bool:
        """Whether any of them is connected to."""
        return self.relay is not None or self.goldmane is not None


@contextmanager
def open_flow_means(
    followed: Followed,
    folder: str | None,
    say: Callable[[str], None],
    *,
    open_stdin: Callable[[], IO[bytes]],
    is_forgetful: bool,
) -> Iterator[FlowMeans]:
    """Yield what follows flows; how far they were followed is remembered in a folder, beside the cluster."""
    from firedoor.adapters.flows.following import FlowTail, SavedPlaces, Together, line_format  # noqa: PLC0415
    from firedoor.adapters.flows.times import nanoseconds  # noqa: PLC0415
    from firedoor.adapters.store.memory import default_folder  # noqa: PLC0415
    from firedoor.usecases.watch_flows import FlowMeans  # noqa: PLC0415

    def read_time(text: str) -> int:
        try:
            return nanoseconds(text)
        except ValueError:
            return 0

    memory = SavedPlaces(Path(folder) if folder else default_folder(), is_forgetful=is_forgetful)
    form = line_format(followed.form, followed.mapping)
    with ExitStack() as opened:

        def kept(follower: Closable) -> Closable:
            opened.callback(follower.close)
            return follower

        followers = [kept(FlowTail(followed.paths, form, open_stdin, say))]
        if followed.otlp is not None:
            from firedoor.adapters.flows.otlp.following import OtlpReceiver  # noqa: PLC0415

            followers.append(kept(OtlpReceiver(followed.otlp, form, say)))
        if followed.relay is not None:
            followers.append(kept(_relay(followed.relay, followed.security, say)))
        if followed.goldmane is not None:
            followers.append(kept(_goldmane(followed.goldmane, followed.security, say)))
        yield FlowMeans(Together(followers), memory, read_time, time.time_ns, say)


def _relay(address: str, security: Security, say: Callable[[str], None]) -> Closable:
    with needing_grpc("Hubble Relay"):
        from firedoor.adapters.flows.relay.channel import Server  # noqa: PLC0415
        from firedoor.adapters.flows.relay.following import RelayTail  # noqa: PLC0415
    return RelayTail(Server(address, security), say)


def _goldmane(address: str, security: Security, say: Callable[[str], None]) -> Closable:
    with needing_grpc("Goldmane"):
        from firedoor.adapters.flows.goldmane.asking import GOLDMANE  # noqa: PLC0415
        from firedoor.adapters.flows.goldmane.following import GoldmaneTail  # noqa: PLC0415
        from firedoor.adapters.flows.relay.channel import Server  # noqa: PLC0415
    return GoldmaneTail(Server(address, security, GOLDMANE), say)


@contextmanager
def needing_grpc(name: str) -> Iterator[None]:
    """Import meanwhile what asks somebody over gRPC; raises ``UsageError`` where it is not installed."""
    try:
        yield
    except ImportError as error:
        raise UsageError(
            f"{name} is asked over gRPC, which needs the extra hubble: {error}", remedy="install firedoor[hubble]"
        ) from error
