"""Custom resources that a watch keeps in the cluster."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from firedoor.adapters.sinks.resource_board import ResourceBoard
    from firedoor.bootstrap.alerting import Surroundings
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.alerting import SinkState
    from firedoor.usecases.watch_running import Keeper

NAME = "custom-resources"


class Resources:
    """What keeps custom resources, and how writing them goes."""

    def __init__(self, keeper: Keeper, board: ResourceBoard | None) -> None:
        """`board` is None where nothing is written."""
        self.keeper = keeper
        self._board = board

    def states(self) -> Sequence[SinkState]:
        """Return how writing goes."""
        return [] if self._board is None else [self._board.state()]


@contextmanager
def open_resources(
    cni: CniProfile, surroundings: Surroundings, say: Callable[[str], None], today: Callable[[], date], *, is_on: bool
) -> Iterator[Resources]:
    """Yield what keeps custom resources meanwhile, in the cluster that is watched."""
    if not is_on:
        from firedoor.usecases.watch_running import NothingKept  # noqa: PLC0415

        yield Resources(NothingKept(), None)
        return
    from firedoor.adapters.intents import read_baseline  # noqa: PLC0415
    from firedoor.adapters.sinks.resource_board import ResourceBoard  # noqa: PLC0415
    from firedoor.render.resource_status import baseline_status, report_status  # noqa: PLC0415
    from firedoor.usecases.watch_resources import ResourceKeeper, ResourceMeans  # noqa: PLC0415

    board = ResourceBoard(NAME, surroundings.objects(), say)
    means = ResourceMeans(
        read_baseline,
        baseline_status,
        report_status,
        board.put,
        today,
        time.monotonic,
    )
    try:
        yield Resources(ResourceKeeper(cni, means), board)
    except BaseException:
        # Whoever takes over judges anew.
        board.drop()
        raise
    finally:
        board.close()
