"""A great number of pods as columns, each of which is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import eq
from typing import TYPE_CHECKING, NamedTuple, TypeVar, overload

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from firedoor.model.launching import reduce_launch
from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.places import Place
from firedoor.model.workloads import Pod, PodIP, PodStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.model.declaring import Declared
    from firedoor.model.workloads import PodSpec

Part = TypeVar("Part")

CommonParts = tuple[dict[str, str], dict[str, str], tuple[OwnerReference, ...]]
"""Labels, annotations and owners, which replicas have in common."""

NO_LINES: dict[str, int] = {}
"""Shared by all objects that have none."""

NUMBERS = (
    "line",
    "namespace",
    "common",
    "generate_name",
    "created",
    "deleted",
    "spec",
    "node",
    "phase",
    "host_ip",
)
"""The numbers of `PodColumns`."""
_NAMESPACE, _COMMON, _SPEC, _NODE, _PHASE, _HOST_IP = map(
    NUMBERS.index, ("namespace", "common", "spec", "node", "phase", "host_ip")
)
_OF_STATUS = (_PHASE, _HOST_IP)
_TELLING = (_NAMESPACE, _COMMON, _SPEC, _PHASE)
"""Columns in which replicas of one workload are alike, and others nearly never."""


class PodColumns(Struct, gc=False):
    """
    Pods in any order, with one entry for each in every column but those of shared parts.

    `numbers` are int32 by pod and `NUMBERS`: the line, and numbers of shared parts, of
    `common` and `specs`, all others of `texts`. `created` and `deleted` are -1 where the
    time is not there. `listed` are the addresses of those that have not `addresses` alone.
    What the containers of `specs` are started with is still whole: a `PodTable` reduces it
    before it gives a pod away. `declared` and `is_host` say of each what `Telling` does, and
    `labels` and `managers` do of `common`.
    """

    source: str
    numbers: NDArray[np.int32]
    texts: list[str] = []
    common: list[CommonParts] = []
    labels: list[dict[str, str]] = []
    managers: list[OwnerReference | None] = []
    specs: list[PodSpec] = []
    declared: list[Declared] = []
    is_host: list[bool] = []
    names: list[str] = []
    uids: list[str] = []
    addresses: list[str] = []
    listed: dict[int, tuple[str, ...]] = {}

    def sorted_by(self, order: NDArray[np.int32]) -> PodColumns:
        """Return the pods in another order."""
        places = order.tolist()
        position = dict(zip(places, range(len(places)), strict=True)) if self.listed else {}
        return replace(
            self,
            names=_told(self.names, places),
            uids=_told(self.uids, places),
            addresses=_told(self.addresses, places),
            listed={position[each]: listed for each, listed in self.listed.items()},
            numbers=self.numbers[order],
        )


class Telling(NamedTuple):
    """
    What tells of some pods, one after the other, to which workload they belong, and what that is to the network.

    `managers` are the owners that make them, `declared` are the ports, `is_host` says which are
    on the network of their node.
    """

    namespaces: list[str]
    names: list[str]
    labels: list[dict[str, str]]
    managers: list[OwnerReference | None]
    declared: list[Declared]
    is_host: list[bool]
    phases: list[str]


class PodTable(Sequence[Pod]):
    """The pods of columns, in their order; the same object for the same pod."""

    def __init__(self, columns: PodColumns) -> None:
        """Make none of them yet."""
        self._columns = columns
        self._times: list[str | None] = [*columns.texts, None]
        self._made: list[Pod | None] = [None] * len(columns.names)
        self._reduced: set[int] = set()
        """Which containers are, by what they stand in: specifications share them."""

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> Pod: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Pod, ...]: ...
    def __getitem__(self, at: int | slice) -> Pod | tuple[Pod, ...]:
        if isinstance(at, slice):
            return tuple(map(self.__getitem__, range(*at.indices(len(self)))))
        pod = self._made[at]
        if pod is None:
            at = range(len(self))[at]
            pod = self._made[at] = self._pod(at)
        return pod

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(eq, self, other))

    __hash__ = None  # type: ignore[assignment] # what is compared part by part is nobody's key

    def node(self, at: int) -> str:
        """Return the node that a pod is on."""
        columns = self._columns
        return columns.texts[columns.numbers.item(at, _NODE)]

    def texts_for_addresses(self) -> set[str]:
        """Return what stands for addresses in the status of all pods, each text once."""
        columns = self._columns
        found = set(columns.addresses)
        found.update(_told(columns.texts, np.unique(columns.numbers[:, _HOST_IP]).tolist()))
        return found.union(*columns.listed.values())

    def status(self, at: int) -> PodStatus:
        """Return the status of a pod."""
        columns = self._columns
        phase, host = columns.numbers[at, _OF_STATUS].tolist()
        first, listed = columns.addresses[at], columns.listed.get(at)
        addresses = (PodIP(first),) if listed is None else tuple(map(PodIP, listed))
        return PodStatus(columns.texts[phase], first, addresses, columns.texts[host])

    def firsts(self, known: set[str]) -> tuple[Pod, ...]:
        """Return the first pod of each namespace that is not known."""
        columns, starts = self._columns, self._starts(_NAMESPACE)
        spaces = _told(columns.texts, columns.numbers[starts, _NAMESPACE].tolist())
        return tuple(self[start] for start, space in zip(starts, spaces, strict=True) if space not in known)

    def telling(self, places: list[int]) -> Telling:
        """Return what tells of some pods where they belong."""
        columns = self._columns
        spaces, common, specs, phases = columns.numbers[places][:, _TELLING].T.tolist()
        return Telling(
            _told(columns.texts, spaces),
            _told(columns.names, places),
            _told(columns.labels, common),
            _told(columns.managers, common),
            _told(columns.declared, specs),
            _told(columns.is_host, specs),
            _told(columns.texts, phases),
        )

    def starts(self) -> list[int]:
        """Return where pods begin that have something else in common than those before, of what replicas share."""
        return self._starts(*_TELLING)

    def held(self, places: Iterable[int]) -> Iterator[PodAt]:
        """Yield where pods are, without making them."""
        return map(PodAt, repeat(self), places)

    def _starts(self, *columns: int) -> list[int]:
        """Return where the values of columns change, and the first pod."""
        changes = np.ones(len(self), dtype=np.bool_)
        told = self._columns.numbers[:, columns]
        changes[1:] = (told[1:] != told[:-1]).any(axis=1)
        found: list[int] = np.flatnonzero(changes).tolist()
        return found

    def _pod(self, at: int) -> Pod:
        """Make one pod."""
        columns = self._columns
        texts = columns.texts
        line, namespace, common, generate_name, created, deleted, spec, node, *_ = columns.numbers[at].tolist()
        labels, annotations, owners = columns.common[common]
        metadata = ObjectMeta(
            columns.names[at],
            texts[namespace],
            labels,
            annotations,
            owners,
            texts[generate_name],
            columns.uids[at],
            self._times[created],
            self._times[deleted],
        )
        return Pod(
            metadata,
            replace(self._spec(spec), node_name=texts[node]),
            self.status(at),
            Place(columns.source, line, 1, NO_LINES),
        )

    def _spec(self, number: int) -> PodSpec:
        """Return a specification with no more of how its containers are started than may be kept."""
        spec = self._columns.specs[number]
        for each in (spec.containers, spec.init_containers, spec.ephemeral_containers):
            if id(each) not in self._reduced:
                self._reduced.add(id(each))
                reduce_launch(each)
        return spec


class PodAt(Struct, frozen=True, gc=False):
    """One pod of a table, by its position there."""

    table: PodTable
    at: int

    @property
    def pod(self) -> Pod:
        """The pod."""
        return self.table[self.at]

    @property
    def status(self) -> PodStatus:
        """Its status."""
        return self.table.status(self.at)

    @property
    def node(self) -> str:
        """The node that it is on."""
        return self.table.node(self.at)


def _told(parts: list[Part], numbers: Iterable[int]) -> list[Part]:
    return list(map(parts.__getitem__, numbers))
