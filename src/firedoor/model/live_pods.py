"""
The live pods that take part in the network, sorted, each with what it has in common with its replicas.

Replicas share what tells their workload, so that they are looked at once. Where workloads
have one pod each there is little to share, and reading the pods is most of the work: they
are read in the order in which they lie in memory, which is twice as fast as in any other.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate, chain, compress, count, pairwise, repeat
from operator import add, attrgetter, ne, not_, sub
from typing import TYPE_CHECKING

from firedoor.model.members import Kin, Listening, Member, Named
from firedoor.model.metadata import ObjectMeta
from firedoor.model.owners import Owners, manager
from firedoor.model.pod_groups import NOT_ALWAYS_ENDPOINTS, Nodes, addressed, declared, grouped
from firedoor.model.pod_table import PodAt, PodTable
from firedoor.model.workloads import Pod, PodSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.places import ObjectRef
    from firedoor.model.workloads import ContainerPort

_NAME = attrgetter("pod.metadata.name")
_SAMPLE = 512
"""So many pods are asked whether the next one is a replica."""

REF_ORDER = attrgetter("namespace", "kind", "name")
"""The order of workloads."""


class LivePods:
    """The pods that take part, as members sorted by namespace, workload and name."""

    def __init__(self, pods: Sequence[Pod], owners: Owners, nodes: Nodes) -> None:
        """Find the workload of every pod."""
        if _are_replicas(pods):
            groups = grouped(pods, owners, nodes)
            self.namespaces = groups.namespaces
            """Those of all pods, of those too that take no part."""
            found = map(groups.found.__getitem__, sorted(groups.found, key=REF_ORDER))
            self.members = list(chain.from_iterable(found))
            return
        if isinstance(pods, PodTable):
            self.namespaces, self.members = _of_table(pods, owners, nodes)
            return
        lying = _Lying(pods)
        metadata = list(map(attrgetter("metadata"), lying.firsts))
        self.namespaces = set(map(attrgetter("namespace"), metadata))
        refs = owners.tops(metadata)
        kins = _kins(refs, metadata, list(map(attrgetter("spec"), lying.firsts)))
        runs, ends = _sorted(lying.met(), refs, kins)
        self.members = lying.members(runs, ends, kins, nodes)

    @property
    def workloads(self) -> set[ObjectRef]:
        """The workloads of all members."""
        return {each.workload for each in self.members}

    def place(self, ref: ObjectRef) -> int:
        """Return where the members of a workload begin, or would."""
        return bisect_left(self.members, REF_ORDER(ref), key=lambda each: REF_ORDER(each.workload))


class _Lying:
    """
    Pods in the order in which they lie in memory.

    Those of one run share all that tells their workload, and whether they take part.
    """

    def __init__(self, pods: Sequence[Pod]) -> None:
        # Floats are compared faster than large integers, and hold every address.
        self._positions = sorted(range(len(pods)), key=list(map(float, map(id, pods))).__getitem__)
        """Where each pod stands among those that were given."""
        self.pods = list(map(pods.__getitem__, self._positions))
        self._starts: list[int] = []
        """Where runs start, and last where the last one ends."""
        self._waiting: set[int] = set()
        """The runs of which it is to be asked for each pod whether it takes part."""
        self._mixed: set[int] = set()
        """The runs whose pods are not sorted by name."""
        containers, initial, is_host = PodSpec().containers, PodSpec().init_containers, False
        labels, owned, space, phase, name = dict[str, str](), ObjectMeta().owner_references, "", "", ""
        start, starts = -1, self._starts
        for place, pod in enumerate(self.pods):
            metadata, spec = pod.metadata, pod.spec
            if (
                spec.containers is not containers
                or metadata.labels is not labels
                or metadata.owner_references is not owned
                or metadata.namespace is not space
                or spec.host_network is not is_host
                or spec.init_containers is not initial
                or pod.status.phase != phase
                # A pod without owner is a workload of its own.
                or (place == start + 1 and manager(metadata) is None)
            ):
                containers, initial, is_host = spec.containers, spec.init_containers, spec.host_network
                labels, owned, space = metadata.labels, metadata.owner_references, metadata.namespace
                phase, start = pod.status.phase, place
                if phase != "Running" and phase in NOT_ALWAYS_ENDPOINTS:
                    self._waiting.add(len(starts))
                starts.append(place)
            elif metadata.name < name:
                self._mixed.add(len(starts) - 1)
            name = metadata.name
        self.firsts = list(map(self.pods.__getitem__, starts))
        """The first pod of each run."""
        starts.append(len(pods))
        self._lengths = list(map(sub, starts[1:], starts))

    def met(self) -> list[int]:
        """Return the runs in the order in which the pods were given, as far as they are not mixed."""
        positions = list(map(self._positions.__getitem__, self._starts[:-1]))
        return sorted(range(len(positions)), key=positions.__getitem__)

    def members(self, runs: Sequence[int], ends: Sequence[bool], kins: Sequence[Kin], nodes: Nodes) -> list[Member]:
        """
        Return the pods that take part as members.

        They come run by run, those of the runs up to one that `ends` sorted by name; `kins` are those of runs.
        """
        starts, lengths = self._starts, self._lengths
        made = list(map(Member, chain.from_iterable(map(repeat, kins, lengths)), self.pods))
        for run in compress(count(), map(attrgetter("host_network"), kins)):
            for place in range(starts[run], starts[run + 1]):
                made[place] = Member(kins[run], addressed(self.pods[place], nodes))
        found: list[Member] = []
        first, is_mixed = 0, False
        for run, is_end in zip(runs, ends, strict=True):
            start, length = starts[run], lengths[run]
            if run in self._waiting:
                # As the pod tells it: the address of its node makes no endpoint of one that waits.
                found += [made[place] for place in range(start, start + length) if self.pods[place].is_endpoint]
            elif length == 1:
                found.append(made[start])
            else:
                found += made[start : start + length]
            is_mixed = is_mixed or not is_end or run in self._mixed
            if is_end:
                if is_mixed:
                    found[first:] = sorted(found[first:], key=_NAME)
                first, is_mixed = len(found), False
        return found


def _of_table(table: PodTable, owners: Owners, nodes: Nodes) -> tuple[set[str], list[Member]]:
    """Return the namespaces of all pods, and those that take part as members; hardly any pod is made for that."""
    starts = table.starts()
    metadata, specs, phases = table.telling(starts)
    # A pod without owner is a workload of its own.
    parted = [
        place
        for one, (start, stop) in zip(metadata, pairwise([*starts, len(table)]), strict=True)
        for place in (range(start, stop) if stop > start + 1 and manager(one) is None else (start,))
    ]
    if len(parted) > len(starts):
        starts = parted
        metadata, specs, phases = table.telling(starts)
    refs = owners.tops(metadata)
    kins = _kins(refs, metadata, specs)
    # Pods of one workload are in one namespace, and so by name already.
    runs, _ = _sorted(list(range(len(starts))), refs, kins)
    ends = [*starts[1:], len(table)]
    firsts, lasts = list(map(starts.__getitem__, runs)), list(map(ends.__getitem__, runs))
    lengths = list(map(sub, lasts, firsts))
    places = list(chain.from_iterable(map(range, firsts, lasts)))
    shared = chain.from_iterable(map(repeat, map(kins.__getitem__, runs), lengths))
    made: list[Member | None] = list(map(Member, shared, map(PodAt, repeat(table), places)))
    for run, first, length in zip(runs, accumulate(lengths, initial=0), lengths, strict=False):
        kin, phase = kins[run], phases[run]
        if kin.host_network or (phase != "Running" and phase in NOT_ALWAYS_ENDPOINTS):
            for number in range(first, first + length):
                pod = table[places[number]]
                itself = addressed(pod, nodes) if kin.host_network else pod
                made[number] = Member(kin, itself) if pod.is_endpoint else None
    found = [each for each in made if each is not None]
    return set(map(attrgetter("namespace"), metadata)), found


def _are_replicas(pods: Sequence[Pod]) -> bool:
    """Return whether most pods stand by a replica, as far as some of them tell."""
    if isinstance(pods, PodTable):
        return pods.are_replicas
    sample = range(0, len(pods) - 1, len(pods) // _SAMPLE + 1)
    return 2 * sum(pods[each].metadata.labels is pods[each + 1].metadata.labels for each in sample) > len(sample)


def _sorted(runs: list[int], refs: Sequence[ObjectRef], kins: list[Kin]) -> tuple[list[int], list[bool]]:
    """
    Return runs sorted by their workloads, and which of them are the last of their workload.

    Those of one workload that have all in common share it from then on.
    """
    spaces, kinds, names = (list(map(attrgetter(each), refs)) for each in ("namespace", "kind", "name"))
    # Texts that lie together and are compared as a whole are sorted several times faster than the workloads.
    begins = map(add, _sortable(spaces), _sortable(kinds))
    texts = list(map(add, begins, names))
    runs = sorted(runs, key=texts.__getitem__)
    ordered = list(map(texts.__getitem__, runs))
    ends = [*map(ne, ordered, ordered[1:]), True][: len(runs)]
    for one, other in compress(pairwise(runs), map(not_, ends)):
        first, kin = kins[one], kins[other]
        is_same = kin.labels is first.labels and kin.host_network is first.host_network
        if is_same and kin.ports is first.ports and kin.listening is first.listening:
            kins[other] = first
    return runs, ends


def _sortable(names: Iterable[str]) -> Iterator[str]:
    """Return for each name a text of one length that stands in the same order."""
    known: dict[str, int] = {}
    # The first one that has a name gives it its own number.
    which = list(map(known.setdefault, names, count()))
    texts = {known[name]: f"{place:08x}" for place, name in enumerate(sorted(known))}
    return map(texts.__getitem__, which)


def _kins(refs: Iterable[ObjectRef], metadata: Iterable[ObjectMeta], specs: Sequence[PodSpec]) -> list[Kin]:
    """Return what pods of these workloads have in common with their replicas."""
    listed = [
        serving[0].ports if len(serving) == 1 else tuple([port for each in serving for port in each.ports])
        for spec in specs
        for serving in (spec.serving_containers if spec.init_containers else spec.containers,)
    ]
    known: dict[tuple[ContainerPort, ...], int] = {}
    which = list(map(known.setdefault, listed, count()))
    named: dict[int, Named] = {}
    listening: dict[int, Listening] = {}
    for ports, number in known.items():
        named[number], listening[number] = declared(ports)
    labels: Iterable[dict[str, str]] = map(attrgetter("labels"), metadata)
    is_host: Iterable[bool] = map(attrgetter("host_network"), specs)
    return list(map(Kin, refs, labels, map(named.__getitem__, which), map(listening.__getitem__, which), is_host))
