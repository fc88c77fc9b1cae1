"""
The live pods that take part in the network, sorted, each with what it has in common with its replicas.

Pods that stand together and share what tells their workload are looked at once.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain, compress, count, pairwise
from operator import add, attrgetter, itemgetter, ne, not_, or_
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import is_address
from firedoor.model.declaring import Declarations
from firedoor.model.members import Kin, Member, with_addresses
from firedoor.model.metadata import ObjectMeta
from firedoor.model.owners import Owners, manager
from firedoor.model.pod_table import PodTable, Telling
from firedoor.model.workloads import FINISHED_PHASES, Pod, PodSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.metadata import OwnerReference
    from firedoor.model.places import ObjectRef
    from firedoor.model.workloads import Node, PodStatus

_NOT_ALWAYS_ENDPOINTS = FINISHED_PHASES | {"Pending"}
"""
Phases of pods that may take no part in the network.

A finished pod does not, and its address may already belong to another; neither does one that waits for an address.
"""
_BY_NAME = attrgetter("metadata.namespace", "metadata.name")

REF_ORDER = attrgetter("namespace", "kind", "name")
"""The order of workloads."""


class Nodes:
    """The addresses of nodes, which few pods have to be told by."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        """Know these nodes."""
        self._named = {node.metadata.name: node for node in nodes}

    def addresses(self, name: str) -> tuple[str, ...]:
        """Return those that connections from a node carry; none of a node that nobody knows."""
        node = self._named.get(name)
        return () if node is None else node.internal_addresses

    def addressed(self, pod: Pod) -> Pod:
        """Return a pod on the network of its node, which tells no address of its own, with those of the node."""
        host = pod.status.host_ip
        return with_addresses(pod, (host,) if is_address(host) else self.addresses(pod.spec.node_name))


class LivePods:
    """The pods that take part, as members sorted by namespace, workload and name."""

    def __init__(self, pods: Sequence[Pod], owners: Owners, nodes: Nodes) -> None:
        """Find the workload of every pod."""
        found = pods if isinstance(pods, PodTable) else _Listed(pods)
        starts = found.starts()
        told = found.telling(starts)
        alone = _alone(starts, told.managers, len(pods))
        if alone:
            starts = sorted({*starts, *alone})
            told = found.telling(starts)
        self.namespaces = set(told.namespaces)
        """Those of all pods, of those too that take no part."""
        refs = owners.tops(told.namespaces, told.names, told.labels, told.managers)
        kins = _kins(refs, told)
        # Pods of one workload are in one namespace, and so by name already.
        runs = _sorted(refs, kins)
        order, at = np.asarray(runs, dtype=np.int64), np.asarray(starts, dtype=np.int64)
        lengths = np.diff(at, append=len(pods))[order]
        ends = lengths.cumsum()
        # All pods of the runs in their order, and the run of each.
        places: list[int] = (np.arange(len(pods)) + np.repeat(at[order] - (ends - lengths), lengths)).tolist()
        shared = map(kins.__getitem__, np.repeat(order, lengths).tolist())
        made = list(map(Member, shared, found.held(places)))
        takes_part = bytearray(b"\1") * len(made)
        begins: list[int] = [0, *ends.tolist()]
        phases, is_host = (list(map(each.__getitem__, runs)) for each in (told.phases, told.is_host))
        # Of most pods nothing more is asked.
        for run in compress(count(), map(or_, is_host, map(_NOT_ALWAYS_ENDPOINTS.__contains__, phases))):
            first, end, phase = begins[run], begins[run + 1], phases[run]
            if phase in FINISHED_PHASES:
                takes_part[first:end] = bytes(end - first)
                continue
            for number in range(first, end):
                if not found.status(places[number]).addresses:
                    if phase == "Pending":
                        # The address of its node makes no endpoint of a pod that waits.
                        takes_part[number] = 0
                    else:
                        made[number] = Member(kins[runs[run]], nodes.addressed(found[places[number]]))
        self.members = list(compress(made, takes_part))

    @property
    def workloads(self) -> set[ObjectRef]:
        """The workloads of all members."""
        return {each.workload for each in self.members}

    def place(self, ref: ObjectRef) -> int:
        """Return where the members of a workload begin, or would."""
        return bisect_left(self.members, REF_ORDER(ref), key=lambda each: REF_ORDER(each.workload))


class _Listed:
    """Pods that are there already, asked as a `PodTable` is."""

    def __init__(self, pods: Sequence[Pod]) -> None:
        self._pods = pods
        starts = _starts(pods)
        if starts is None:
            self._pods = sorted(pods, key=_BY_NAME)
            starts = _starts(self._pods)
        self._found = starts or []

    def __getitem__(self, place: int) -> Pod:
        return self._pods[place]

    def status(self, place: int) -> PodStatus:
        return self._pods[place].status

    def starts(self) -> list[int]:
        return self._found

    def telling(self, places: list[int]) -> Telling:
        pods = list(map(self._pods.__getitem__, places))
        return Telling(
            list(map(attrgetter("metadata.namespace"), pods)),
            list(map(attrgetter("metadata.name"), pods)),
            list(map(attrgetter("metadata.labels"), pods)),
            list(map(manager, map(attrgetter("metadata.owner_references"), pods))),
            list(map(Declarations().of, map(attrgetter("spec"), pods))),
            list(map(attrgetter("spec.host_network"), pods)),
            list(map(attrgetter("status.phase"), pods)),
        )

    def held(self, places: Iterable[int]) -> Iterator[Pod]:
        return map(self._pods.__getitem__, places)


def _starts(pods: Sequence[Pod]) -> list[int] | None:
    """Return where pods begin that share something else than those before; None where pods are not in order."""
    starts: list[int] = []
    containers, initial, is_host = PodSpec().containers, PodSpec().init_containers, False
    labels, owned, space, phase, name = dict[str, str](), ObjectMeta().owner_references, "", "", ""
    for place, pod in enumerate(pods):
        metadata, spec = pod.metadata, pod.spec
        if (
            spec.containers is not containers
            or metadata.labels is not labels
            or metadata.owner_references is not owned
            or metadata.namespace is not space
            or spec.host_network is not is_host
            or spec.init_containers is not initial
            or pod.status.phase != phase
        ):
            containers, initial, is_host = spec.containers, spec.init_containers, spec.host_network
            labels, owned, phase = metadata.labels, metadata.owner_references, pod.status.phase
            if metadata.namespace != space:
                if metadata.namespace < space:
                    return None
                name = ""
            space = metadata.namespace
            starts.append(place)
        if metadata.name < name:
            return None
        name = metadata.name
    return starts


def _alone(starts: list[int], managers: Sequence[OwnerReference | None], end: int) -> list[int]:
    """Return the pods in runs of several that have no owner: each of them is a workload of its own."""
    lengths = np.diff(np.asarray(starts, dtype=np.int64), append=end)
    runs = [run for run in np.flatnonzero(lengths > 1).tolist() if managers[run] is None]
    return [place for run in runs for place in range(starts[run], starts[run] + int(lengths[run]))]


def _sorted(refs: Sequence[ObjectRef], kins: list[Kin]) -> list[int]:
    """
    Return the numbers of runs sorted by their workloads; they come sorted by namespace.

    Those of one workload that have all in common share it from then on.
    """
    spaces, kinds, names = (list(map(attrgetter(each), refs)) for each in ("namespace", "kind", "name"))
    # Texts that lie together and are compared as a whole are sorted several times faster than the workloads.
    texts = list(map(add, _sortable(kinds), names))
    begins = [0, *compress(count(1), map(ne, spaces, spaces[1:])), len(refs)]
    runs = list(chain.from_iterable(sorted(range(*each), key=texts.__getitem__) for each in pairwise(begins)))
    ordered = list(map(texts.__getitem__, runs))
    for one, other in compress(pairwise(runs), map(not_, map(ne, ordered, ordered[1:]))):
        first, kin = kins[one], kins[other]
        is_same = kin.labels is first.labels and kin.host_network is first.host_network
        if is_same and kin.ports is first.ports and kin.listening is first.listening and spaces[one] == spaces[other]:
            kins[other] = first
    return runs


def _sortable(names: Iterable[str]) -> Iterator[str]:
    """Return for each name a text of one length that stands in the same order."""
    known: dict[str, int] = {}
    # The first one that has a name gives it its own number.
    which = list(map(known.setdefault, names, count()))
    texts = {known[name]: f"{place:08x}" for place, name in enumerate(sorted(known))}
    return map(texts.__getitem__, which)


def _kins(refs: Iterable[ObjectRef], told: Telling) -> list[Kin]:
    """Return what pods of these workloads have in common with their replicas."""
    named, listening = map(itemgetter(0), told.declared), map(itemgetter(1), told.declared)
    return list(map(Kin, refs, told.labels, named, listening, told.is_host))
