"""Pods of a large list into columns, from the texts that were cut out of it; what they share is decoded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import astuple

from firedoor.model.bulk_decoding import Blobs
from firedoor.model.metadata import OwnerReference
from firedoor.model.pod_specs import SpecReader, SpecWire
from firedoor.model.pod_table import NUMBERS, CommonParts, PodColumns, PodTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.model.workloads import PodSpec

_ABSENT = tuple(bytes(each) for each in astuple(SpecWire())[1:])
"""What the texts of a specification are where its fields are not there."""


_NONE = np.empty((0, len(NUMBERS)), dtype=np.int32)


class UnlikeError(Exception):
    """Pods were taken for replicas that are none, or have a form that only the general way reads."""


class PodBatch(NamedTuple):
    """
    Pods of a list, one after the other, and what is new in them.

    `numbers` are `NUMBERS` of each pod, int32; `listed` are the
    addresses of pods that have not one alone, by their number in the batch; `texts`,
    `common` (labels, annotations, owners) and `specs` (the number of the common parts of
    the first pod with them, whether the random end of the name of its token's volume was
    left out to tell it, and its texts as `SpecWire` has them) go on where the batch
    before ended. A text of a field that is not there is empty.
    """

    names: list[str]
    uids: list[str]
    addresses: list[str]
    listed: list[tuple[int, list[str]]]
    numbers: bytes
    texts: list[str]
    common: list[tuple[bytes, bytes, bytes]]
    specs: list[tuple[int, bool, tuple[bytes, ...]]]


class PodCollector:
    """Collects batches."""

    def __init__(self, source: str) -> None:
        """`source` is where the list is read."""
        self._columns = PodColumns(source, [], [], [], [], [], [], {}, _NONE)
        self._numbers: list[NDArray[np.int32]] = []
        self._texts_of = Blobs(dict[str, str])
        self._owners_of = Blobs(tuple[OwnerReference, ...])
        self._specs = SpecReader()

    def __len__(self) -> int:
        return len(self._columns.names)

    def take(self, batch: PodBatch) -> None:
        """Add a batch; raises `UnlikeError`, or ``msgspec.ValidationError`` for what only the general way reads."""
        columns, count = self._columns, len(self)
        columns.listed.update((count + at, tuple(listed)) for at, listed in batch.listed)
        columns.names += batch.names
        columns.uids += batch.uids
        columns.addresses += batch.addresses
        columns.texts += batch.texts
        columns.common += map(self._common, batch.common)
        columns.specs += self._spec(batch.specs)
        self._numbers.append(np.frombuffer(batch.numbers, dtype=np.int32).reshape(-1, len(NUMBERS)))

    def table(self, order: bytes | None = None) -> PodTable:
        """Return the pods, as they came or in an order (int32)."""
        columns = self._columns
        columns.numbers = np.concatenate([_NONE, *self._numbers])
        return PodTable(columns if order is None else columns.sorted_by(np.frombuffer(order, dtype=np.int32)))

    def _common(self, texts: tuple[bytes, bytes, bytes]) -> CommonParts:
        labels, annotations, owners = texts
        values = self._texts_of.value
        return values(labels or b"{}"), values(annotations or b"{}"), self._owners_of.value(owners or b"[]")

    def _spec(self, found: list[tuple[int, bool, tuple[bytes, ...]]]) -> Iterator[PodSpec]:
        for common, is_reduced, texts in found:
            whole = [text or absent for text, absent in zip(texts, _ABSENT, strict=True)]
            spec, is_renamed = self._specs.alone(whole, self._columns.common[common][2])
            if is_reduced and not is_renamed:
                raise UnlikeError
            yield spec
