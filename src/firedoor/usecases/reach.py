"""Who can reach whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.algebra.cidrs import parse_address
from firedoor.algebra.ports import Traffic
from firedoor.engine.reach.cni import CniProfile
from firedoor.engine.reach.connectivity import ConnectionLister, End, pod_ends, workload_ends
from firedoor.engine.reach.network import Network
from firedoor.model.calico_preview import with_staged
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd
from firedoor.model.labels import LabelSelector
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.ends import require_end, require_namespace
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class ReachFilter(msgspec.Struct, frozen=True):
    """
    What of the connections is asked for.

    `source` and `destination` name one end (``namespace/name``, ``namespace/*``, an
    address, or ``outside``); `namespace` and `labels` must hold for at least one
    end; `port` keeps only the traffic of that protocol and port.
    """

    source: str = ""
    destination: str = ""
    namespace: str = ""
    labels: LabelSelector | None = None
    port: tuple[str, int] | None = None
    pods: bool = False


def reach(
    snapshot: Snapshot, cni: CniProfile, wanted: ReachFilter, *, staged: bool = False, network_name: str = ""
) -> Connectivity:
    """
    Return the connections that the filter lets through, sorted by source and destination.

    With `staged` they are those that there would be if Calico's staged policies were enforced,
    with `network_name` those over the secondary network of that name.
    """
    network = network_of(with_staged(snapshot) if staged else snapshot, cni, network_name)
    ends = pod_ends(network) if wanted.pods else workload_ends(network)
    test = _test(network, wanted)
    found = [each for each in ConnectionLister(network, ends).connections(_asked_about(ends, wanted)) if test(each)]
    if wanted.port is not None:
        narrowed = (_narrow(each, wanted.port) for each in found)
        found = [each for each in narrowed if each.traffic or each.unknown]
    found.sort(key=lambda each: (each.src.sort_key, each.dst.sort_key))
    return Connectivity(tuple(found), network.snapshot.gaps, network.cni.name)


def _asked_about(ends: Sequence[End], wanted: ReachFilter) -> set[PeerEnd] | None:
    """Return ends one of which every connection has that is asked for; None where that narrows nothing."""
    for text in (wanted.destination, wanted.source):
        # What has no slash may name what is outside as well.
        if "/" in text:
            return {end.peer for end in ends if _is(end.peer, text)}
    if wanted.namespace:
        return {end.peer for end in ends if end.peer.sort_key[0] == wanted.namespace}
    return None


def _test(network: Network, wanted: ReachFilter) -> Callable[[PeerConnection], bool]:
    for text in filter(None, (wanted.source, wanted.destination)):
        require_end(network, text, pods=wanted.pods)
    if wanted.namespace:
        require_namespace(network, wanted.namespace)
    labelled = {
        each.workload for each in network.members if wanted.labels is not None and wanted.labels.matches(each.labels)
    }

    def test(each: PeerConnection) -> bool:
        if wanted.source and not _is(each.src, wanted.source):
            return False
        if wanted.destination and not _is(each.dst, wanted.destination):
            return False
        ends = [end.workload for end in (each.src, each.dst) if end.workload is not None]
        if wanted.namespace and all(end.namespace != wanted.namespace for end in ends):
            return False
        return wanted.labels is None or any(end in labelled for end in ends)

    return test


def _is(end: PeerEnd, text: str) -> bool:
    if end.workload is None:
        return text in {"outside", str(end)} or bool(end.ips and _in_range(text, end.ips))
    if text.endswith("/*"):
        return end.workload.namespace == text[:-2]
    names = {end.workload.name, f"{end.workload.namespace}/{end.workload.name}", str(end)}
    return text in names or bool(end.pod and text == end.pod)


def _in_range(text: str, ips: str) -> bool:
    first, _, last = ips.partition("-")
    try:
        family, number = parse_address(text)
    except ValueError:
        return False
    low, high = parse_address(first), parse_address(last)
    return low[0] is family and low[1] <= number <= high[1]


def _narrow(each: PeerConnection, port: tuple[str, int]) -> PeerConnection:
    details = tuple(
        msgspec.structs.replace(detail, traffic=_only(detail.traffic, port), unknown=_only(detail.unknown, port))
        for detail in each.details
    )
    narrowed = (msgspec.structs.replace(demand, traffic=_only(demand.traffic, port)) for demand in each.demands)
    return msgspec.structs.replace(
        each,
        traffic=_only(each.traffic, port),
        unknown=_only(each.unknown, port),
        details=details,
        demands=tuple(demand for demand in narrowed if demand.traffic),
    )


def _only(traffic: Traffic, port: tuple[str, int]) -> Traffic:
    protocol, number = port
    return tuple(
        (protocol, number, number) for each, low, high in traffic if each == protocol and low <= number <= high
    )
