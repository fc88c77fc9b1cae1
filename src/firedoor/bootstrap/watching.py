"""A cluster to be watched, what is remembered of it, and where its numbers go."""

from __future__ import annotations

import random
import socket
import threading
import time
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firedoor.adapters.cluster.feed import ClusterFeed, Stopping
    from firedoor.adapters.store.memory import SavedStates
    from firedoor.interfaces import WatchMeter
    from firedoor.model.alerting import SinkState
    from firedoor.model.leading import Timing
    from firedoor.model.watching import Gauge
    from firedoor.usecases.admission import Admission
    from firedoor.usecases.leading import Elector


def open_feed(stop: Stopping, kubeconfig: str | None, context: str | None, *, heartbeat: float = 15.0) -> ClusterFeed:
    """Return the cluster that kubectl would talk to, to be followed until it is time to stop."""
    from firedoor.adapters.cluster.feed import ClusterFeed  # noqa: PLC0415
    from firedoor.adapters.manifests.mesh_settings import read_mesh_settings  # noqa: PLC0415

    return ClusterFeed(stop, kubeconfig, context, mesh=read_mesh_settings, heartbeat=heartbeat)


def open_watch_memory(folder: str | None, *, is_forgetful: bool) -> SavedStates:
    """Return what is remembered in a folder, or where it is by default; nothing of it where one is forgetful."""
    from firedoor.adapters.store.memory import SavedStates, default_folder  # noqa: PLC0415

    return SavedStates(Path(folder) if folder else default_folder(), is_forgetful=is_forgetful)


def give_back_memory() -> None:
    """Give memory that nothing uses back to the system, where it can be done."""
    from firedoor.adapters.heap import give_back  # noqa: PLC0415

    give_back()


@contextmanager
def open_meter(
    place: tuple[str, int] | None, say: Callable[[str], None], sinks: Callable[[], Sequence[SinkState]]
) -> Iterator[WatchMeter]:
    """Yield what counts; with a host and port the numbers, also of the sinks, are served there, which is said."""
    if place is None:
        yield _NoMeter()
        return
    from firedoor.adapters.metrics import Meter, serve  # noqa: PLC0415

    meter = Meter(sinks=sinks)
    with serve(meter, place) as port:
        say(f"metrics at http://{place[0]}:{port}/metrics")
        yield meter


@contextmanager
def open_webhook(
    place: tuple[str, int], certificate: str, key: str, admission: Admission, say: Callable[[str], None]
) -> Iterator[None]:
    """Answer the questions of an API server meanwhile, which is said."""
    from firedoor.adapters.admission import TlsFiles, serve  # noqa: PLC0415

    files = TlsFiles(Path(certificate), Path(key))
    with serve(place, files, admission.objections, lambda: admission.is_ready) as port:
        say(f"questions are answered at https://{place[0]}:{port}/validate")
        yield


@contextmanager
def open_elector(
    kubeconfig: str | None,
    context: str | None,
    namespace: str,
    name: str,
    timing: Timing,
    say: Callable[[str], None],
) -> Iterator[Elector]:
    """
    Take part in an election meanwhile, in the namespace of the pod or of the context where none is named.

    At the end the Lease is given back. Raises ``SourceError`` where no cluster is known.
    """
    from firedoor.adapters.cluster.config import connected  # noqa: PLC0415
    from firedoor.adapters.cluster.leases import ClusterLease  # noqa: PLC0415
    from firedoor.usecases.leading import Elector  # noqa: PLC0415

    with connected(kubeconfig, context) as connection:
        # A request that takes longer must not keep one from trying again before the deadline.
        lease = ClusterLease(connection, namespace or connection.namespace or "default", name, timing.deadline / 2)
        identity = f"{socket.gethostname()}_{uuid.uuid4()}"
        elector = Elector(lease, identity, timing, time.monotonic, random.random, say)
        over = threading.Event()
        thread = threading.Thread(target=elector.run, args=(over.is_set, over.wait), name="election", daemon=True)
        thread.start()
        try:
            yield elector
        finally:
            over.set()
            thread.join(timing.deadline)
            elector.release()


class _NoMeter:
    def note(self, gauge: Gauge) -> None:
        """Forget it."""

    def stand_by(self) -> None:
        """Forget it."""
