"""Pods of a large list into columns, from the texts that were cut out of it; what they share is decoded once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from msgspec.structs import astuple

from firedoor.model.bulk_decoding import Blobs
from firedoor.model.declaring import Declarations
from firedoor.model.metadata import OwnerReference
from firedoor.model.owners import manager
from firedoor.model.pod_specs import SpecReader, SpecWire
from firedoor.model.pod_table import NUMBERS, CommonParts, PodColumns, PodTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.model.workloads import PodSpec

_ABSENT = tuple(bytes(each) for each in astuple(SpecWire())[1:])
"""What the texts of a specification are where its fields are not there."""


_NONE = np.empty((0, len(NUMBERS)), dtype=np.int32)


_OF_TEXTS = [number for number, name in enumerate(NUMBERS) if name not in {"line", "common", "spec"}]


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


class _Part:
    """What was there when a part of a list began, and the numbers of its texts."""

    def __init__(self, pods: int = 0, lines: int = 0, common: int = 0, specs: int = 0) -> None:
        self.pods, self.common = pods, common
        self.texts: list[int] = []
        self._before = np.zeros(len(NUMBERS), dtype=np.int32)
        self._before[[NUMBERS.index("line"), NUMBERS.index("common"), NUMBERS.index("spec")]] = lines, common, specs

    def moved(self, numbers: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return numbers of pods of the part as numbers of the list."""
        found = numbers + self._before
        # What is not there is -1, the last one.
        texts = np.array([*self.texts, -1], dtype=np.int32)
        found[:, _OF_TEXTS] = texts[numbers[:, _OF_TEXTS]]
        return found


class PodCollector:
    """Collects batches."""

    def __init__(self, source: str) -> None:
        """`source` is where the list is read."""
        self._columns = PodColumns(source, _NONE)
        self._numbers: list[NDArray[np.int32]] = []
        self._orders: list[NDArray[np.int32] | None] = []
        self._known: dict[str, int] = {}
        self._part = _Part()
        self._texts_of = Blobs(dict[str, str])
        self._owners_of = Blobs(tuple[OwnerReference, ...])
        self._specs = SpecReader()
        self._declarations = Declarations()

    def __len__(self) -> int:
        return len(self._columns.names)

    def take(self, batch: PodBatch) -> None:
        """Add a batch; raises `UnlikeError`, or ``msgspec.ValidationError`` for what only the general way reads."""
        columns, part, count = self._columns, self._part, len(self)
        columns.listed.update((count + at, tuple(listed)) for at, listed in batch.listed)
        columns.names += batch.names
        columns.uids += batch.uids
        columns.addresses += batch.addresses
        part.texts += map(self._text, batch.texts)
        common = list(map(self._common, batch.common))
        columns.common += common
        columns.labels += [labels for labels, _, _ in common]
        columns.managers += [manager(owners) for _, _, owners in common]
        specs = list(self._spec(batch.specs))
        columns.specs += specs
        columns.declared += map(self._declarations.of, specs)
        columns.is_host += [each.host_network for each in specs]
        numbers = np.frombuffer(batch.numbers, dtype=np.int32).reshape(-1, len(NUMBERS))
        self._numbers.append(part.moved(numbers) if self._orders else numbers)

    def end_part(self, order: bytes | None, lines: int) -> None:
        """
        Let the numbers of what is taken next begin anew, as those of another part of the list do.

        `order` (int32) is that of the pods of the part by namespace and name; None where one
        has no name or is there twice. `lines` are those of the list so far.
        """
        columns = self._columns
        self._orders.append(None if order is None else self._part.pods + np.frombuffer(order, dtype=np.int32))
        self._part = _Part(len(self), lines, len(columns.common), len(columns.specs))

    def order(self) -> NDArray[np.int32] | None:
        """Return the order of all pods by namespace and name; None where one has no name or is there twice."""
        parts = [each for each in self._orders if each is not None]
        if len(parts) < len(self._orders) or len(parts) < 2:  # noqa: PLR2004 - there is nothing to merge
            return parts[0] if len(parts) == len(self._orders) == 1 else None
        columns = self._columns
        spaces = map(columns.texts.__getitem__, np.concatenate(self._numbers)[:, NUMBERS.index("namespace")].tolist())
        keys = list(zip(spaces, columns.names, strict=True))
        # Each part is in order already.
        places = sorted(np.concatenate(parts).tolist(), key=keys.__getitem__)
        is_twice = any(keys[one] == keys[other] for one, other in pairwise(places))
        return None if is_twice else np.array(places, dtype=np.int32)

    def table(self, order: NDArray[np.int32] | None = None) -> PodTable:
        """Return the pods, as they came or in an order."""
        columns = self._columns
        columns.numbers = np.concatenate([_NONE, *self._numbers])
        return PodTable(columns if order is None else columns.sorted_by(order))

    def _text(self, text: str) -> int:
        texts = self._columns.texts
        number = self._known.setdefault(text, len(texts))
        if number == len(texts):
            texts.append(text)
        return number

    def _common(self, texts: tuple[bytes, bytes, bytes]) -> CommonParts:
        labels, annotations, owners = texts
        values = self._texts_of.value
        return values(labels or b"{}"), values(annotations or b"{}"), self._owners_of.value(owners or b"[]")

    def _spec(self, found: list[tuple[int, bool, tuple[bytes, ...]]]) -> Iterator[PodSpec]:
        for common, is_reduced, texts in found:
            whole = [text or absent for text, absent in zip(texts, _ABSENT, strict=True)]
            spec, name = self._specs.alone(whole, self._columns.common[self._part.common + common][2])
            if is_reduced and not name:
                raise UnlikeError
            yield spec
