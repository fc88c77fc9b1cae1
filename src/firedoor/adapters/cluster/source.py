"""A live cluster as a source of snapshots."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from firedoor.adapters.cluster.config import connected
from firedoor.adapters.cluster.discovery import discover, unread
from firedoor.adapters.cluster.reading import Reader
from firedoor.adapters.cluster.transport import Transport
from firedoor.model.raw_objects import RawObjects
from firedoor.model.snapshot import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.cluster.reading import SettingsReader
    from firedoor.interfaces import Progress
    from firedoor.model.snapshot import Snapshot


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ClusterSource:
    """
    Reads a snapshot from the API server that kubectl would talk to.

    `kubeconfig` and `context` are kubectl's; None means its defaults. `namespaces`
    restricts the snapshot to the objects of those namespaces (and the cluster-wide
    ones): pods elsewhere are then not in the picture. `timeout` is how many seconds
    the server may be silent, `raw` takes the objects as the server has them. `mesh`
    reads the settings of Istio from the one ConfigMap that is asked for, by its name,
    and only where there are policies of Istio; without it none is. The last three are
    for tests.
    """

    kubeconfig: str | None = None
    context: str | None = None
    namespaces: tuple[str, ...] | None = None
    page_size: int = 500
    timeout: float = 60.0
    raw: RawObjects | None = None
    mesh: SettingsReader | None = None
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    clock: Callable[[], datetime] = _now

    def load(self, progress: Progress) -> Snapshot:
        """
        Return the snapshot; what the server does not let us read is in its gaps.

        Raises ``SourceError`` when the server cannot be reached or refuses the
        credentials, and when one of `namespaces` does not exist.
        """
        with connected(self.kubeconfig, self.context) as connection, _collector_at_rest():
            transport = Transport(connection, self.timeout, self.sleep, self.jitter)
            captured_at = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            found = discover(transport)
            if self.raw is not None:
                self.raw.gaps.extend(unread(self.raw.kinds, connection.server))
            reader = Reader(transport, self.page_size, progress, connection.namespace, self.raw, self.mesh)
            builder = reader.read(found, self.namespaces).builder()
            return builder.build(Origin("cluster", (connection.server,), captured_at, found.server_version))


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from counting objects again and again that all stay."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
