"""Read flows into the store: each part of a source counted, attributed, and kept as a whole or not at all."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.flows.counting import count_part
from firedoor.engine.flows.remembering import Remembered
from firedoor.engine.flows.resolving import Resolver
from firedoor.errors import UsageError
from firedoor.model.flow_reading import FlowTally, Imported, MalformedFlow, ReadPart, SourceEntry, SourceMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.engine.flows.history import History
    from firedoor.interfaces import FlowSource, FlowStore, OpenFlows, Progress

MOST_SAMPLES = 5
"""Malformed lines that are shown of each source; all are in the reject file."""

_HEAD = 4096
_MOST_OWNERS = 50_000
_PARTS_BETWEEN = 64


def import_flows(
    source: FlowSource,
    store: FlowStore,
    history: History,
    cluster: str,
    progress: Progress,
    tidy: Callable[[], object] = lambda: None,
) -> Imported:
    """
    Read what is new of a source into the store, and return what came of it.

    A source that was imported before, as a whole or in part, goes on where it ended then:
    nothing is counted twice. `tidy` is called now and then, and may drop what is old. Raises ``SourceError`` where it
    cannot be read or kept.
    """
    with source.opened() as flows:
        entry = _entry(flows, store, cluster)
        skipped, tally = entry.position, FlowTally()
        samples: list[MalformedFlow] = []
        if entry.is_whole:
            note = "it was read as a whole before, and is not read again"
            return Imported(entry, tally, skipped, (), is_cut=False, note=note)
        memory = store.recall(entry)
        owners, remembered = memory.owners, Remembered(memory.hashes)
        for number, read in enumerate(flows.parts(entry, memory.mark, progress), 1):
            part = read.part
            owners |= part.owners
            rows = count_part(part, Resolver(history, owners), remembered)
            before = entry.position
            entry = _gone_on(entry, read)
            kept = SourceMemory(remembered.hashes(), _latest(owners), read.mark)
            store.commit(entry, before, rows, part.malformed, kept)
            tally.add(part.tally)
            samples += part.malformed[: MOST_SAMPLES - len(samples)]
            if number % _PARTS_BETWEEN == 0:
                # A source that is followed has no end after which it could be done.
                store.compact(progress)
                tidy()
        return Imported(entry, tally, skipped, tuple(samples), flows.is_cut, flows.note)


def _entry(flows: OpenFlows, store: FlowStore, cluster: str) -> SourceEntry:
    """Return the entry of a source that was imported before, or a new one."""
    for known in store.sources():
        if flows.is_same(known):
            if known.cluster != cluster:
                raise UsageError(
                    f"was imported into the cluster {known.cluster!r} before",
                    place=flows.name,
                    remedy=f"say --cluster {known.cluster}, or use another store with --store",
                )
            return known
    head = flows.head[:_HEAD]
    digest = blake2b(head, digest_size=16).hexdigest()
    taken = {each.id for each in store.sources()}
    number = next(number for number in range(len(taken) + 1) if f"{digest}-{number}" not in taken)
    return SourceEntry(
        id=f"{digest}-{number}",
        name=flows.name,
        format=flows.format,
        cluster=cluster,
        head=digest,
        head_length=len(head),
    )


def _gone_on(entry: SourceEntry, read: ReadPart) -> SourceEntry:
    tally = FlowTally()
    tally.add(entry.tally)
    tally.add(read.part.tally)
    tail = blake2b(read.tail, digest_size=16).hexdigest() if read.tail else ""
    return replace(
        entry,
        position=read.position,
        lines=read.lines,
        tail=tail,
        tail_length=len(read.tail),
        is_whole=read.is_whole,
        tally=tally,
    )


def _latest(owners: dict[str, str]) -> dict[str, str]:
    """Return the owners that are kept: the ones that were told last."""
    while len(owners) > _MOST_OWNERS:
        del owners[next(iter(owners))]
    return owners
