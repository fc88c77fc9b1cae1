"""What the outside can reach, and what pods that do not exist yet could."""

from __future__ import annotations

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import PeerEnd
from firedoor.model.places import Gap, ObjectRef
from firedoor.model.verdicts import Verdict


class Arrival(Struct, frozen=True, gc=False):
    """
    Which addresses outside get through to one port of one pod.

    `accepted` and `unknown` are ranges ``first-last``; the rest is denied. `because` says
    in words what the verdict hangs on.
    """

    verdict: Verdict
    accepted: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


class Hop(Struct, frozen=True, gc=False):
    """One step of a chain; `src` is ``outside`` or ``namespace/name`` of a controller's workload."""

    src: str
    dst: str
    verdict: Verdict


class Exposure(Struct, frozen=True, gc=False):
    """
    One port of one backend that an object exposes, and whether the outside gets there.

    `way` is the object, `door` how it exposes: ``LoadBalancer``, ``NodePort``, ``externalIPs``,
    ``host port``, or the kind of a route. `service` is ``namespace/name``; `backend` is a
    workload or an address, and `pods` names the pods it holds for where those of the workload
    differ. `port` is the pod's own. The chain of a route is in `hops`; a Service has none.
    """

    way: ObjectRef
    door: str
    service: str
    backend: PeerEnd
    protocol: str
    port: int
    arrival: Arrival
    pods: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    tls_hosts: tuple[str, ...] = ()
    hops: tuple[Hop, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Whether any address outside gets there."""
        return self.arrival.verdict


class Opening(Struct, frozen=True, gc=False):
    """
    Pods that would be let in, whoever creates them.

    `namespaces` and `pods` say in words which; `matching` is how many pods there are now
    that are meant. `traffic` is surely accepted, `unknown` cannot be decided. `rules` are the
    rules that let them in, as ``namespace/name spec.ingress[0]``; empty where no policy isolates.
    """

    workload: ObjectRef
    namespaces: str
    pods: str
    matching: int
    traffic: Traffic
    unknown: Traffic = ()
    rules: tuple[str, ...] = ()


class ExposureReport(Struct, frozen=True, gc=False):
    """All exposures and openings in a stable order, remarks on what exposes nothing, and the gaps."""

    exposures: tuple[Exposure, ...] = ()
    openings: tuple[Opening, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
