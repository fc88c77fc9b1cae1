"""
Connections that are really tried in a live cluster, and what is made for it.

Makes, and deletes again, only objects of its own, each with a label that says so; runs
commands in them, or (where it is told to) in the pods of workloads.
"""

from __future__ import annotations

import random
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from firedoor.adapters.cluster.config import connected
from firedoor.adapters.cluster.probes.anchors import Anchors
from firedoor.adapters.cluster.probes.channel import Channel
from firedoor.adapters.cluster.probes.ephemeral import Debuggers
from firedoor.adapters.cluster.probes.leftovers import Leftovers
from firedoor.adapters.cluster.probes.objects import Objects
from firedoor.adapters.cluster.probes.prober import CLOSING_PATIENCE, LiveProber
from firedoor.adapters.cluster.probes.real_pods import RealPods
from firedoor.adapters.cluster.probes.services import Services
from firedoor.adapters.cluster.probes.settings import DEFAULT_IMAGE, RUN_LABEL, ProbeSettings, new_run
from firedoor.adapters.cluster.probes.standing_in import StandIns
from firedoor.adapters.cluster.requests import Requests
from firedoor.adapters.cluster.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.cluster.config import Connection
    from firedoor.adapters.cluster.probes.ends import Ends
    from firedoor.adapters.cluster.probes.settings import Run

__all__ = ["DEFAULT_IMAGE", "ProbeSettings", "clean_up", "open_prober"]

_TIMEOUT = 60.0


@contextmanager
def open_prober(kubeconfig: str | None, context: str | None, settings: ProbeSettings) -> Iterator[LiveProber]:
    """
    Yield the prober of the cluster that kubectl would talk to, and close it; nothing is sent yet.

    Raises ``SourceError`` where the cluster cannot be told, or at the end, where something is left and that
    was not told before.
    """
    with connected(kubeconfig, context) as connection:
        run = new_run()
        objects = _objects(connection)
        anchors = Anchors(objects, run, settings)
        ends = _ends(objects, Channel(connection), anchors, run, settings)
        leftovers = Leftovers(objects, time.monotonic, time.sleep)
        prober = LiveProber(settings, run, ends, Services(objects, anchors, run, ends), anchors, leftovers)
        try:
            yield prober
        finally:
            if not prober.has_told:
                prober.close()


def clean_up(kubeconfig: str | None, context: str | None) -> list[str]:
    """
    Delete what runs have left behind in any namespace, and return its names.

    A run that is going on loses what it has made. Raises ``SourceError`` where something cannot be deleted.
    """
    with connected(kubeconfig, context) as connection:
        leftovers = Leftovers(_objects(connection), time.monotonic, time.sleep)
        return leftovers.remove(RUN_LABEL, ("",), CLOSING_PATIENCE)


def _ends(objects: Objects, channel: Channel, anchors: Anchors, run: Run, settings: ProbeSettings) -> Ends:
    if settings.mode == "pods":
        return StandIns(objects, channel, anchors, run, settings)
    pods = RealPods(objects, channel, settings)
    return pods if settings.mode == "exec" else Debuggers(pods, objects, channel, run, settings)


def _objects(connection: Connection) -> Objects:
    return Objects(
        Transport(connection, _TIMEOUT, time.sleep, random.random), Requests(connection, _TIMEOUT, time.sleep)
    )
