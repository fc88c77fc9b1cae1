"""What the outside can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.exposure import ChainFinder, openings
from firedoor.model.calico_preview import with_staged
from firedoor.model.exposure import Exposure, ExposureReport, Opening
from firedoor.usecases.ends import require_namespace
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot


class ExposureFilter(msgspec.Struct, frozen=True):
    """What is asked for: `namespace` of the way in or of the backend, and `port` of the backend."""

    namespace: str = ""
    port: tuple[str, int] | None = None


def exposure(snapshot: Snapshot, cni: CniProfile, wanted: ExposureFilter, *, staged: bool = False) -> ExposureReport:
    """
    Return what the outside can reach, and what is open to pods that do not exist yet.

    With `staged` it is what there would be if Calico's staged policies were enforced.
    """
    snapshot = with_staged(snapshot) if staged else snapshot
    network = network_of(snapshot, cni)
    if wanted.namespace:
        require_namespace(network, wanted.namespace)
    finder = ChainFinder(network)
    exposures = tuple(each for each in finder.exposures() if _is_wanted(each, wanted))
    narrowed = (_narrow(each, wanted) for each in openings(network))
    found = tuple(each for each in narrowed if each.traffic or each.unknown)
    return ExposureReport(exposures, found, tuple(dict.fromkeys(finder.notes)), snapshot.gaps, cni.name)


def _is_wanted(each: Exposure, wanted: ExposureFilter) -> bool:
    if wanted.port is not None and (each.protocol, each.port) != wanted.port:
        return False
    workload = each.backend.workload
    spaces = {each.way.namespace, workload.namespace if workload is not None else ""}
    return not wanted.namespace or wanted.namespace in spaces


def _narrow(each: Opening, wanted: ExposureFilter) -> Opening:
    if wanted.namespace and each.workload.namespace != wanted.namespace:
        return msgspec.structs.replace(each, traffic=(), unknown=())
    if wanted.port is None:
        return each
    traffic, unknown = _only(each.traffic, wanted.port), _only(each.unknown, wanted.port)
    return msgspec.structs.replace(each, traffic=traffic, unknown=unknown)


def _only(traffic: Traffic, port: tuple[str, int]) -> Traffic:
    protocol, number = port
    return tuple(
        (protocol, number, number) for each, low, high in traffic if each == protocol and low <= number <= high
    )
