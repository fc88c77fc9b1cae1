"""What everything of a run in one namespace hangs on: a timer, and an owner of pods."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes import manifests
from firedoor.adapters.cluster.probes.objects import RefusedError

if TYPE_CHECKING:
    from firedoor.adapters.cluster.probes.objects import Objects
    from firedoor.adapters.cluster.probes.settings import ProbeSettings, Run

Manifest = dict[str, Any]


class Anchors:
    """Makes the anchors of a run where they are needed first; may be used by several threads at the same time."""

    def __init__(self, objects: Objects, run: Run, settings: ProbeSettings) -> None:
        """Make them in this cluster, for this run."""
        self.namespaces: set[str] = set()
        """Where something has been made, or may have been."""
        self._objects = objects
        self._run = run
        self._settings = settings
        self._lock = threading.Lock()
        self._timers: dict[str, Manifest] = {}
        self._owners: dict[str, Manifest] = {}

    def timer(self, namespace: str) -> Manifest:
        """Return the Job that takes all along when it goes; raises ``RefusedError``."""
        with self._lock:
            return self._timer(namespace)

    def owner(self, namespace: str) -> Manifest:
        """Return the Deployment that is the controller of pods; raises ``RefusedError``."""
        with self._lock:
            timer = self._timer(namespace)
            if namespace not in self._owners:
                wanted = manifests.owner(self._run, self._settings, timer)
                self._owners[namespace] = self._objects.create(wanted, namespace)
            return self._owners[namespace]

    def _timer(self, namespace: str) -> Manifest:
        if namespace not in self._timers:
            self.namespaces.add(namespace)
            try:
                self._timers[namespace] = self._objects.create(manifests.timer(self._run, self._settings), namespace)
            except RefusedError:
                self.namespaces.discard(namespace)
                raise
        return self._timers[namespace]
