"""Texts in the status of nodes and pods that should be addresses, and are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address, not_addresses
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.pod_table import PodTable
from firedoor.model.untyped import described

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.places import Place
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.workloads import Node, Pod


def address_gaps(snapshot: Snapshot) -> Iterator[Gap]:
    """Yield a gap for each text that is no IP address where the API has one."""
    yield from node_address_gaps(snapshot.nodes)
    yield from pod_address_gaps(snapshot.pods)


def node_address_gaps(nodes: Iterable[Node]) -> Iterator[Gap]:
    """Yield a gap for each text in the status of nodes that is no IP address where the API has one."""
    for node in nodes:
        for number, address in enumerate(node.status.addresses):
            if address.type in {"InternalIP", "ExternalIP"} and not is_address(address.address):
                ref = ObjectRef("Node", "", node.metadata.name)
                yield _gap(ref, node.place, f"status.addresses[{number}].address", address.address)


def pod_address_gaps(pods: Sequence[Pod]) -> Iterator[Gap]:
    """Yield the same of pods."""
    # Nearly always there is nothing to tell: each distinct text is looked at once, and pods only if one is wrong.
    texts = pods.texts_for_addresses() if isinstance(pods, PodTable) else _texts(pods)
    wrong = not_addresses(texts - {""})
    for pod in pods if wrong else ():
        told = [("status.podIP", pod.status.pod_ip), ("status.hostIP", pod.status.host_ip)]
        told += ((f"status.podIPs[{number}].ip", each.ip) for number, each in enumerate(pod.status.pod_ips))
        for path, text in told:
            if text in wrong:
                yield _gap(ObjectRef("Pod", pod.metadata.namespace, pod.metadata.name), pod.place, path, text)


def _texts(pods: Iterable[Pod]) -> set[str]:
    """Return what stands for addresses in the status of pods, each text once."""
    own, hosts = set[str](), set[str]()
    for pod in pods:
        status = pod.status
        first, listed = status.pod_ip, status.pod_ips
        own.add(first)
        hosts.add(status.host_ip)
        if len(listed) != 1 or listed[0].ip != first:
            own.update(each.ip for each in listed)
    return own | hosts


def _gap(ref: ObjectRef, place: Place, path: str, text: str) -> Gap:
    return Gap(
        GapKind.INCOMPLETE,
        place.at(path),
        f"{ref}: {path}: found {described(text)}, expected an IP address; it is taken as not known",
        "write an address such as 10.0.0.7 or fd00::7, or leave the field out",
        ref,
        path=path,
    )
