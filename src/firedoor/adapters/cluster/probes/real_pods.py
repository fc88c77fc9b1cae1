"""The pods of workloads as they are, and whatever their containers have."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes import detection
from firedoor.adapters.cluster.probes.objects import RefusedError, why
from firedoor.adapters.cluster.probes.pacing import at_once
from firedoor.adapters.cluster.probes.pod_states import addresses_of, stand_of
from firedoor.adapters.cluster.probes.services import KINDS_OF_SERVICES
from firedoor.adapters.cluster.probes.standing_in import EXTRA
from firedoor.model.probing import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.adapters.cluster.probes.channel import Channel
    from firedoor.adapters.cluster.probes.objects import Objects
    from firedoor.adapters.cluster.probes.settings import ProbeSettings
    from firedoor.adapters.cluster.probes.tools import Tool
    from firedoor.interfaces import Progress
    from firedoor.model.probing import ProbeSite, Stand

Manifest = dict[str, Any]

_DEFAULT = "kubectl.kubernetes.io/default-container"
PROXIES = frozenset({"istio-proxy", "linkerd-proxy", "kuma-sidecar", "consul-dataplane", "envoy-sidecar"})
"""Sidecars that take every TCP connection of their pod themselves, and make another one."""
_MOST_EACH = 2


class RealPods:
    """Real pods as the ends of connections."""

    def __init__(self, objects: Objects, channel: Channel, settings: ProbeSettings) -> None:
        """Find them in this cluster."""
        self._objects = objects
        self._channel = channel
        self._settings = settings
        self._sites: Sequence[ProbeSite] = ()
        self._pods: dict[int, Manifest] = {}
        self._guard = threading.Lock()
        self._locks: dict[int, threading.Lock] = {}
        self._tools: dict[int, tuple[str, list[Tool], str]] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        """What services need."""
        return KINDS_OF_SERVICES

    @property
    def most_each(self) -> int:
        """Few: their memory and processor time are those of the workload."""
        return _MOST_EACH

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> dict[int, str]:
        """Look for the pods, and return the sites that have none that runs."""
        self._sites = sites
        unusable: dict[int, str] = {}
        looked = at_once(lambda each: (each, self._look(each)), range(len(sites)), self._settings.concurrency)
        for number, (position, fault) in enumerate(looked, 1):
            if fault:
                unusable[position] = fault
            progress.step("pods found", number, len(sites))
        return unusable

    def pod(self, position: int) -> Manifest:
        """Return the pod of a site, as it was when it was found."""
        return self._pods[position]

    def address(self, position: int) -> str:
        """Return the address of the pod of a site."""
        return self.stand(position).addresses[0]

    def stand(self, position: int) -> Stand:
        """Return the pod of a site."""
        return stand_of(self._pods[position], addresses_of(self._pods[position]))

    def selector(self, position: int) -> dict[str, str]:  # noqa: ARG002 - the pod of a workload gets no label from us
        """Return no labels."""
        return {}

    def obstacle(self, position: int, protocol: str) -> str:
        """Return why nothing can be seen of a protocol from the pod of a site; empty where something can."""
        proxy = proxy_in(self._pods[position]) if protocol == "TCP" else ""
        return f"the sidecar {proxy} takes every connection of this pod itself" if proxy else ""

    def attempt(self, position: int, protocol: str, host: str, port: int) -> tuple[Outcome, str]:
        """Return what a program in the pod of a site sees of a connection."""
        if obstacle := self.obstacle(position, protocol):
            return Outcome.CHECK_FAILED, obstacle
        container, tools, trouble = self._tools_of(position)
        tool = next((each for each in tools if protocol in each.protocols), None)
        if tool is None:
            have = ", ".join(each.name for each in tools) or trouble or "none that is known"
            return Outcome.CHECK_FAILED, f"no program in the pod can try {protocol}: {have}"
        seconds = self._settings.timeout
        command = tool.command(protocol, host, port, seconds)
        site = self._sites[position]
        ran = self._channel.run(site.namespace, site.pod, container, command, seconds + EXTRA)
        outcome, said = tool.seen(ran, protocol, host)
        return outcome, f"{tool.name}: {said}" if said else tool.name

    def close(self) -> None:
        """Do nothing: nothing was made."""

    def _look(self, position: int) -> str:
        site = self._sites[position]
        if not site.pod:
            return "there is no pod of it to probe from or to"
        try:
            pod = self._objects.get("Pod", site.namespace, site.pod)
        except RefusedError as error:
            return f"the pod cannot be read: {why(error)}"
        if pod is None:
            return "the pod is not there any more"
        if (pod.get("status") or {}).get("phase") != "Running" or not addresses_of(pod):
            return f"the pod does not run (status.phase is {(pod.get('status') or {}).get('phase')})"
        self._pods[position] = pod
        return ""

    def _tools_of(self, position: int) -> tuple[str, list[Tool], str]:
        """Return the first container of a pod that has a known program, and its programs, or why none; asked once."""
        with self._guard:
            lock = self._locks.setdefault(position, threading.Lock())
        with lock:
            if position not in self._tools:
                self._tools[position] = self._asked(position)
            return self._tools[position]

    def _asked(self, position: int) -> tuple[str, list[Tool], str]:
        pod = self._pods[position]
        site = self._sites[position]
        wanted = (pod["metadata"].get("annotations") or {}).get(_DEFAULT, "")
        names = [each["name"] for each in pod["spec"]["containers"] if each["name"] not in PROXIES]
        trouble = "it has no container of its own"
        for name in sorted(names, key=lambda each: each != wanted):
            tools, trouble = detection.found(
                lambda command, name=name: self._channel.run(site.namespace, site.pod, name, command, EXTRA)  # type: ignore[misc]
            )
            if tools:
                return name, tools, ""
        return "", [], trouble


def proxy_in(pod: Manifest) -> str:
    """Return the container of a pod that takes its TCP connections, empty where there is none."""
    names = (each["name"] for kind in ("initContainers", "containers") for each in pod["spec"].get(kind) or ())
    return next((each for each in names if each in PROXIES), "")
