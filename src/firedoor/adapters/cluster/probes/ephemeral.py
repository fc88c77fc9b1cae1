"""
Ephemeral containers in the real pods, which are there for good: nobody can take them out again.

Each ends by itself after its time to live, or at the end of the run. What listens where the
pod does not is a command in it, and ends with it.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes import agnhost
from firedoor.adapters.cluster.probes.manifests import LOCKED
from firedoor.adapters.cluster.probes.objects import RefusedError, why
from firedoor.adapters.cluster.probes.pacing import at_once
from firedoor.adapters.cluster.probes.pod_states import state_of
from firedoor.adapters.cluster.probes.services import KINDS_OF_SERVICES
from firedoor.adapters.cluster.probes.standing_in import EXTRA
from firedoor.errors import FiredoorError, SourceError
from firedoor.model.probing import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.adapters.cluster.probes.channel import Channel
    from firedoor.adapters.cluster.probes.objects import Objects
    from firedoor.adapters.cluster.probes.real_pods import RealPods
    from firedoor.adapters.cluster.probes.settings import ProbeSettings, Run
    from firedoor.interfaces import Progress
    from firedoor.model.probing import ProbeSite, Stand

Manifest = dict[str, Any]

_PAUSE = 0.5
_LISTENING_SECONDS = 1.0
"""How long a listener may take to begin."""
_TO_END = ("kill", "-TERM", "1")
_MOST_EACH = 2


class Debuggers:
    """Ephemeral containers as the ends of connections."""

    def __init__(self, pods: RealPods, objects: Objects, channel: Channel, run: Run, settings: ProbeSettings) -> None:
        """Put them into the pods that are found, for this run."""
        self._pods = pods
        self._objects = objects
        self._channel = channel
        self._run = run
        self._settings = settings
        self._sites: Sequence[ProbeSite] = ()
        self._made: set[int] = set()

    @property
    def kinds(self) -> tuple[str, ...]:
        """What services need."""
        return KINDS_OF_SERVICES

    @property
    def most_each(self) -> int:
        """Few: they may count as the memory of the pod."""
        return _MOST_EACH

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> dict[int, str]:
        """Put a container into each pod, have it listen where nothing does, and return the sites without one."""
        self._sites = sites
        unusable = self._pods.prepare(sites, progress)
        usable = [position for position in range(len(sites)) if position not in unusable]
        end = time.monotonic() + self._settings.ready_timeout
        begun = at_once(lambda each: (each, self._begin(each, end)), usable, self._settings.concurrency)
        for number, (position, fault) in enumerate(begun, 1):
            if fault:
                unusable[position] = fault
            progress.step("ephemeral containers started", number, len(usable))
        return unusable

    def address(self, position: int) -> str:
        """Return the address of the pod of a site."""
        return self._pods.address(position)

    def stand(self, position: int) -> Stand:
        """Return the pod of a site."""
        return self._pods.stand(position)

    def selector(self, position: int) -> dict[str, str]:
        """Return no labels."""
        return self._pods.selector(position)

    def attempt(self, position: int, protocol: str, host: str, port: int) -> tuple[Outcome, str]:
        """Return what the ephemeral container of a site sees of a connection."""
        if obstacle := self._pods.obstacle(position, protocol):
            return Outcome.CHECK_FAILED, obstacle
        seconds = self._settings.timeout
        command = agnhost.connecting(protocol, host, port, seconds)
        return agnhost.seen(self._ran(position, command, seconds + EXTRA), protocol, host)

    def close(self) -> None:
        """End the containers, if their image has ``kill``; others go on until their time is over."""
        for _ in at_once(self._end, sorted(self._made), self._settings.concurrency):
            pass
        self._made.clear()

    def _ran(self, position: int, command: Sequence[str], seconds: float) -> Any:
        site = self._sites[position]
        return self._channel.run(site.namespace, site.pod, self._run.name, command, seconds)

    def _begin(self, position: int, end: float) -> str:
        """Return why a site has no container that runs; empty where all is well."""
        site = self._sites[position]
        container = {
            "name": self._run.name,
            "image": self._settings.image,
            "imagePullPolicy": "IfNotPresent",
            "command": list(agnhost.waiting(self._settings.ttl)),
            "securityContext": LOCKED,
        }
        try:
            where = f"{site.pod}/ephemeralcontainers"
            self._objects.patch("Pod", site.namespace, where, {"spec": {"ephemeralContainers": [container]}})
            self._made.add(position)
            fault = self._await(site, end)
            if not fault:
                self._listen(position)
        except (RefusedError, SourceError) as error:
            return f"the ephemeral container was refused: {why(error)}"
        return fault

    def _await(self, site: ProbeSite, end: float) -> str:
        while True:
            pod = self._objects.get("Pod", site.namespace, site.pod)
            if pod is None:
                return "the pod is not there any more"
            state = state_of(pod, self._run.name, "ephemeralContainerStatuses")
            if state.is_ready or state.fault:
                return state.fault
            if time.monotonic() >= end:
                late = f"the ephemeral container did not start within {self._settings.ready_timeout:g} s"
                return f"{late}: {state.waiting}"
            time.sleep(_PAUSE)

    def _listen(self, position: int) -> None:
        """Listen on the ports of a site on which nothing does; a control tells where that was in vain."""
        here = self.address(position)
        for protocol, port in self._sites[position].listening:
            command = agnhost.connecting(protocol, here, port, self._settings.timeout)
            ran = self._ran(position, command, self._settings.timeout + EXTRA)
            if protocol != "SCTP" and agnhost.seen(ran, protocol, here)[0] is Outcome.REFUSED:
                serving = (position, agnhost.serving(protocol, port), float(self._settings.ttl))
                threading.Thread(target=self._serve, args=serving, daemon=True).start()
                time.sleep(_LISTENING_SECONDS)

    def _serve(self, position: int, command: Sequence[str], seconds: float) -> None:
        try:
            self._ran(position, command, seconds)
        except FiredoorError:
            return  # whoever connects sees that nothing listens

    def _end(self, position: int) -> None:
        spec = self._pods.pod(position)["spec"]
        if spec.get("shareProcessNamespace") or spec.get("hostPID"):
            return  # the first process is not that of the container
        try:
            self._ran(position, _TO_END, EXTRA)
        except FiredoorError:
            return  # it ends by itself
