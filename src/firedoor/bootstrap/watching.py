"""A cluster to be watched, what is remembered of it, and where its numbers go."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.adapters.cluster.feed import ClusterFeed, Stopping
    from firedoor.adapters.store.memory import SavedStates
    from firedoor.interfaces import WatchMeter
    from firedoor.model.watching import Gauge


def open_feed(stop: Stopping, kubeconfig: str | None, context: str | None) -> ClusterFeed:
    """Return the cluster that kubectl would talk to, to be followed until it is time to stop."""
    from firedoor.adapters.cluster.feed import ClusterFeed  # noqa: PLC0415
    from firedoor.adapters.manifests.mesh_settings import read_mesh_settings  # noqa: PLC0415

    return ClusterFeed(stop, kubeconfig, context, mesh=read_mesh_settings)


def open_watch_memory(folder: str | None, *, is_forgetful: bool) -> SavedStates:
    """Return what is remembered in a folder, or where it is by default; nothing of it where one is forgetful."""
    from firedoor.adapters.store.memory import SavedStates, default_folder  # noqa: PLC0415

    return SavedStates(Path(folder) if folder else default_folder(), is_forgetful=is_forgetful)


@contextmanager
def open_meter(address: str | None, say: Callable[[str], None]) -> Iterator[WatchMeter]:
    """Yield what counts; with an address the numbers are served there, which is said."""
    if address is None:
        yield _NoMeter()
        return
    from firedoor.adapters.metrics import Meter, serve  # noqa: PLC0415

    meter = Meter()
    with serve(meter, address) as place:
        say(f"metrics at http://{place}/metrics")
        yield meter


class _NoMeter:
    def note(self, gauge: Gauge) -> None:
        """Forget it."""
