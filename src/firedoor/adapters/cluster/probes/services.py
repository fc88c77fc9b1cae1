"""Services of our own, each of which leads to one site alone."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from firedoor.adapters.cluster.probes import manifests
from firedoor.adapters.cluster.probes.objects import RefusedError, why
from firedoor.errors import SourceError
from firedoor.model.probing import Outcome

if TYPE_CHECKING:
    from firedoor.adapters.cluster.probes.anchors import Anchors
    from firedoor.adapters.cluster.probes.ends import Ends
    from firedoor.adapters.cluster.probes.objects import Objects
    from firedoor.adapters.cluster.probes.settings import Run
    from firedoor.model.probing import ProbeSite

KINDS_OF_SERVICES = ("Service", "Job")
"""What is made for them: themselves, and the timer that they hang on."""

_PATIENCE = 5.0
"""How long a service may take to lead somewhere: seconds from its creation to the rules on the nodes."""
_SETTLING = 1.0
"""What other nodes may be behind: kube-proxy writes its rules once a second at most."""


class Services:
    """Makes services when they are asked for; may be used by several threads at the same time."""

    def __init__(self, objects: Objects, anchors: Anchors, run: Run, ends: Ends) -> None:
        """Make them in this cluster, for the sites that `ends` knows."""
        self._objects = objects
        self._anchors = anchors
        self._run = run
        self._ends = ends
        self._guard = threading.Lock()
        self._locks: dict[int, threading.Lock] = {}
        self._found: dict[int, tuple[str, str]] = {}

    def address(self, position: int, site: ProbeSite) -> tuple[str, str]:
        """Return the cluster IP of the service of a site, or an empty one and why there is none."""
        with self._guard:
            lock = self._locks.setdefault(position, threading.Lock())
        with lock:
            if position not in self._found:
                self._found[position] = self._made(position, site)
            return self._found[position]

    def _made(self, position: int, site: ProbeSite) -> tuple[str, str]:
        address = self._ends.address(position)
        selector = self._ends.selector(position)
        wanted = manifests.service(self._run, position, site, "IPv6" if ":" in address else "IPv4", selector)
        try:
            timer = self._anchors.timer(site.namespace)
            made = self._objects.create(manifests.owned(wanted, timer), site.namespace)
            if not selector:
                leading = manifests.endpoints(self._run, position, site, address)
                self._objects.create(manifests.owned(leading, made), site.namespace)
        except (RefusedError, SourceError) as error:
            return "", f"no service could be made: {why(error)}"
        found = str(made["spec"]["clusterIP"])
        self._settle(position, site, found)
        return found, ""

    def _settle(self, position: int, site: ProbeSite, address: str) -> None:
        """Wait until the service leads to the site, as far as the site itself can tell."""
        end = time.monotonic() + _PATIENCE
        protocol, port = site.listening[0]
        while time.monotonic() < end:
            outcome, _ = self._ends.attempt(position, protocol, address, port)
            if outcome is Outcome.CONNECTED:
                break
            time.sleep(_SETTLING / 4)
        time.sleep(_SETTLING)


def has_ipv4(objects: Objects, run: Run, namespace: str) -> bool:
    """Return whether services, and so pods, have IPv4 addresses; nothing is made to find it out."""
    spec: dict[str, Any] = {"ports": [{"port": 1}], "ipFamilyPolicy": "PreferDualStack"}
    metadata = {"name": run.name, "labels": {}}
    asked = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}
    try:
        made = objects.create(asked, namespace, is_trial=True)
    except RefusedError:
        return True
    return "IPv4" in (made["spec"].get("ipFamilies") or ["IPv4"])
