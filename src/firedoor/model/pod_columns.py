"""
Pods as columns: the form in which one process hands a great number of them to another.

What pods share, labels, containers and texts, is there once and told by its number.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from firedoor.model.bulk_decoding import NO_LINES, CommonParts
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Place
from firedoor.model.volumes import VolumeFields
from firedoor.model.workloads import Container, Pod, PodIP, PodSpec, PodStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.bulk_decoding import PodWire

Part = TypeVar("Part")

_NO_CONTAINERS: tuple[Container, ...] = ()
_NO_VOLUMES: tuple[VolumeFields, ...] = ()


class SharedSpec(Struct, array_like=True, gc=False):
    """A specification of pods, less its node; its containers and volumes by their numbers."""

    spec: PodSpec
    containers: int
    volumes: int


class PodColumns(Struct, array_like=True, gc=False):
    """
    Pods in their order; all columns but those of shared parts have one entry for each.

    `namespaces`, `generate_names`, `created`, `deleted`, `nodes`, `phases` and `host_ips`
    are numbers of `texts`, `common` and `specs` those of shared parts. `created` and
    `deleted` are -1 where the time is not there; `pod_ips` is None for the address of
    `pod_ip` alone.
    """

    texts: list[str] = field(default_factory=list)
    shared_common: list[CommonParts] = field(default_factory=list)
    shared_containers: list[tuple[Container, ...]] = field(default_factory=list)
    shared_volumes: list[tuple[VolumeFields, ...]] = field(default_factory=list)
    shared_specs: list[SharedSpec] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)
    namespaces: list[int] = field(default_factory=list)
    common: list[int] = field(default_factory=list)
    generate_names: list[int] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    specs: list[int] = field(default_factory=list)
    nodes: list[int] = field(default_factory=list)
    phases: list[int] = field(default_factory=list)
    pod_ip: list[str] = field(default_factory=list)
    host_ips: list[int] = field(default_factory=list)
    pod_ips: list[tuple[str, ...] | None] = field(default_factory=list)


class PodColumnsWriter:
    """Fills columns."""

    def __init__(self, namespace: str) -> None:
        """`namespace` is that of pods that name none."""
        self._columns = PodColumns()
        self._namespace = namespace
        self._texts: dict[str, int] = {}
        self._common: _Numbers[CommonParts] = _Numbers()
        self._specs: _Numbers[PodSpec] = _Numbers()
        self._containers: _Numbers[tuple[Container, ...]] = _Numbers()
        self._volumes: _Numbers[tuple[VolumeFields, ...]] = _Numbers()

    def add(self, line: int, wire: PodWire, common: CommonParts, spec: PodSpec) -> None:
        """Add a pod, in the parts that `PodWay.read` returns."""
        columns, meta, status, text = self._columns, wire.metadata, wire.status, self._text
        columns.lines.append(line)
        columns.names.append(meta.name)
        columns.uids.append(meta.uid)
        columns.namespaces.append(text(meta.namespace or self._namespace))
        columns.common.append(self._common.of(common))
        columns.generate_names.append(text(meta.generate_name))
        created, deleted = meta.creation_timestamp, meta.deletion_timestamp
        columns.created.append(-1 if created is None else text(created))
        columns.deleted.append(-1 if deleted is None else text(deleted))
        columns.specs.append(self._specs.of(spec))
        columns.nodes.append(text(wire.spec.node_name))
        columns.phases.append(text(status.phase))
        columns.pod_ip.append(status.pod_ip)
        columns.host_ips.append(text(status.host_ip))
        listed = status.pod_ips
        is_same = len(listed) == 1 and listed[0].ip == status.pod_ip
        columns.pod_ips.append(None if is_same else tuple([each.ip for each in listed]))

    def finished(self) -> PodColumns:
        """Return the columns of all pods that were added."""
        columns = self._columns
        columns.shared_common = self._common.kept
        for spec in self._specs.kept:
            bare = replace(spec, containers=_NO_CONTAINERS, volume_fields=_NO_VOLUMES)
            numbers = self._containers.of(spec.containers), self._volumes.of(spec.volume_fields)
            columns.shared_specs.append(SharedSpec(bare, *numbers))
        columns.shared_containers, columns.shared_volumes = self._containers.kept, self._volumes.kept
        return columns

    def _text(self, text: str) -> int:
        number = self._texts.setdefault(text, len(self._texts))
        if number == len(self._columns.texts):
            self._columns.texts.append(text)
        return number


class _Numbers(Generic[Part]):
    """Numbers of parts, told apart by being the same object; those of replicas come one after the other."""

    def __init__(self) -> None:
        self.kept: list[Part] = []
        self._known: dict[int, int] = {}

    def of(self, part: Part) -> int:
        # What is kept cannot be another object later, so that its identity stays its own.
        number = self._known.setdefault(id(part), len(self.kept))
        if number == len(self.kept):
            self.kept.append(part)
        return number


def pods_of(columns: PodColumns, source: str) -> list[Pod]:
    """Return the pods, which `source` holds, with what they share shared."""
    texts, times = columns.texts, [*columns.texts, None]
    specs = [
        replace(
            each.spec,
            containers=columns.shared_containers[each.containers],
            volume_fields=columns.shared_volumes[each.volumes],
        )
        for each in columns.shared_specs
    ]
    labels, annotations, owners = zip(*columns.shared_common, strict=True) if columns.shared_common else ((), (), ())
    metadata = map(
        ObjectMeta,
        columns.names,
        _told(texts, columns.namespaces),
        _told(labels, columns.common),
        _told(annotations, columns.common),
        _told(owners, columns.common),
        _told(texts, columns.generate_names),
        columns.uids,
        _told(times, columns.created),
        _told(times, columns.deleted),
    )
    placed = [
        replace(specs[spec], node_name=texts[node]) for spec, node in zip(columns.specs, columns.nodes, strict=True)
    ]
    addresses = [
        (PodIP(first),) if listed is None else tuple(map(PodIP, listed))
        for first, listed in zip(columns.pod_ip, columns.pod_ips, strict=True)
    ]
    status = map(PodStatus, _told(texts, columns.phases), columns.pod_ip, addresses, _told(texts, columns.host_ips))
    places = map(Place, repeat(source), columns.lines, repeat(1), repeat(NO_LINES))
    return list(map(Pod, metadata, placed, status, places))


def _told(parts: list[Part] | tuple[Part, ...], numbers: Iterable[int]) -> Iterator[Part]:
    return map(parts.__getitem__, numbers)
