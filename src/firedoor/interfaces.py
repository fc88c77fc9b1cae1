"""What the use cases need from the world, as protocols; the adapters implement them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from firedoor.model.alerting import Notice, SinkState
    from firedoor.model.audit import AuditEvent, AuditSkip
    from firedoor.model.edits import FileEdit, Home
    from firedoor.model.feed import Turn
    from firedoor.model.flow_following import FlowPlace, FollowedFlows, FollowedPart
    from firedoor.model.flow_reading import (
        FlowCoverage,
        FlowQuestion,
        FlowRow,
        MalformedFlow,
        ReadPart,
        SourceEntry,
        SourceMemory,
        StoredHours,
    )
    from firedoor.model.flows import FlowEdge
    from firedoor.model.journal import Entry, Gates, ProbeGate
    from firedoor.model.leading import FoundLease, LeaseRecord
    from firedoor.model.places import ObjectRef
    from firedoor.model.preview import Foresight
    from firedoor.model.probing import Probe, ProbeSite, Sighting, Stand
    from firedoor.model.rollout import Manifest, PolicyRef, Step, Trial
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.watching import Gauge


class Progress(Protocol):
    """Somebody who wants to know how far long work has come."""

    def step(self, what: str, done: int, total: int | None) -> None:
        """Take note that `done` of `total` (None when not known) units of `what` are done."""


class SnapshotSource(Protocol):
    """Something that a snapshot can be read from: manifests, a cluster, a saved snapshot."""

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot; raises ``SourceError`` when nothing at all can be read."""


class ChangeFeed(Protocol):
    """A cluster that is followed as it changes."""

    def turns(self, progress: Progress) -> Iterator[Turn]:
        """Yield the cluster as it is, and then each time that it has changed; raises ``SourceError`` at first only."""


class WatchMemory(Protocol):
    """Clusters as they were when they were watched last."""

    def load(self, server: str) -> Snapshot | None:
        """Return the cluster of a server, None where it was never watched; raises ``SourceError``."""

    def save(self, server: str, snapshot: Snapshot) -> None:
        """Remember the cluster of a server instead of what was remembered; raises ``SourceError``."""


class WatchMeter(Protocol):
    """Somebody who counts what a watch sees and does."""

    def note(self, gauge: Gauge) -> None:
        """Take note of a turn."""

    def stand_by(self) -> None:
        """Take note that another replica leads, and that this one follows the cluster meanwhile."""


class LeaseStore(Protocol):
    """One Lease; every call is one request, and raises ``SourceError`` where it is not done."""

    @property
    def name(self) -> str:
        """Its name, for people."""

    def read(self) -> FoundLease | None:
        """Return it; None where there is none."""

    def create(self, record: LeaseRecord) -> FoundLease:
        """Make it, where there is none, and return it."""

    def update(self, found: FoundLease, record: LeaseRecord) -> FoundLease:
        """Write another record where nobody wrote since it was found, and return it."""


class Outbox(Protocol):
    """Sinks that events of a watch are sent to, each with what waits for it."""

    def put(self, notices: Mapping[str, Sequence[Notice]]) -> bool:
        """Let notices wait for the sinks of these names; return whether they stay even if the process is killed."""

    def states(self) -> Sequence[SinkState]:
        """Return how each sink is doing."""


class ClusterObjects(Protocol):
    """
    Objects of a cluster that firedoor itself keeps there.

    Raises ``WriteRefusedError`` where the server will never take an object, ``SourceError`` where something may pass.
    """

    def identity(self, ref: ObjectRef) -> tuple[str, str]:
        """Return the ``apiVersion`` and the ``uid`` of an object, empty where they cannot be known."""

    def create(self, manifest: Mapping[str, Any], plural: str) -> None:
        """Create an object; one of that name that is there stays as it is."""

    def apply(self, manifest: Mapping[str, Any], plural: str, part: str = "") -> bool:
        """
        Make an object, or a part of it such as its status, what it is meant to be, with server-side apply.

        Returns False where its namespace goes, and for a part where the object is gone.
        """

    def items(self, api_version: str, plural: str, selector: str) -> Sequence[Manifest]:
        """Return the objects with labels as the server has them, all where `selector` is empty."""

    def listed(self, api_version: str, plural: str, selector: str) -> Sequence[tuple[str, str]]:
        """Return the namespaces and names of the objects with labels."""

    def delete(self, api_version: str, plural: str, namespace: str, name: str) -> None:
        """Delete an object; that it is gone already is well."""


class FlowFollower(Protocol):
    """Files of flows, and others who tell them, that are followed while they do."""

    @property
    def troubles(self) -> Mapping[str, str]:
        """What cannot be followed at this time, and why."""

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:
        """
        Go on from some places of files, and marks of others.

        What has none is followed from its end: from now on.
        """

    def look(self) -> Iterator[FollowedPart]:
        """Yield what is new, of no more than some bytes of each."""

    def places(self) -> tuple[FlowPlace, ...]:
        """Return where the files were read to."""

    def marks(self) -> Mapping[str, bytes]:
        """Return how far those were followed that are no files, by a name for each kind of them."""


class FlowMemory(Protocol):
    """What is remembered of flows between two watches."""

    def load(self, server: str) -> FollowedFlows:
        """Return what is remembered for a server; nothing where it was never watched; raises ``SourceError``."""

    def save(self, server: str, flows: FollowedFlows) -> None:
        """Remember it; raises ``SourceError``."""


class AuditSource(Protocol):
    """Something that holds audit events of an API server."""

    def events(self, progress: Progress) -> Iterator[AuditEvent | AuditSkip]:
        """Yield the events, and what is left out of them; raises ``SourceError`` when nothing can be read."""


class ManifestEditor(Protocol):
    """Manifests that can be changed in memory, read again, and written when all is well."""

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot of the manifests with their changes."""

    def find(self, ref: ObjectRef) -> tuple[Home, ...]:
        """Return where an object is written."""

    def edit(self, home: Home, target: Mapping[str, Any]) -> None:
        """Make an object what it is meant to be; raises ``EditRefusedError``, and changes nothing then."""

    def add(self, manifest: Mapping[str, Any], beside: str) -> str:
        """Put a new object into a file of its own beside another, and return it; raises ``EditRefusedError``."""

    def notes(self) -> tuple[str, ...]:
        """Return what a person has to do for the new files."""

    def edits(self) -> tuple[FileEdit, ...]:
        """Return the changed and new files."""

    def mark(self) -> Any:
        """Return what `reset` takes to come back to the state of now."""

    def reset(self, mark: Any) -> None:
        """Take everything back that came after a mark."""

    def save(self) -> None:
        """Write the changed and new files; raises ``SourceError``, and leaves no file half-written."""


class ExpressionAnswer(Protocol):
    """What an expression says about an object: ``true``, ``false`` with a message, or ``fault`` with the reason."""

    @property
    def result(self) -> str:
        """One of the three words."""

    @property
    def text(self) -> str:
        """The message or the reason; empty where there is none."""


class Expressions(Protocol):
    """The expressions of custom checks."""

    def evaluate(
        self, value: bytes, namespace: bytes, numbers: Sequence[int]
    ) -> Iterator[tuple[int, ExpressionAnswer]]:
        """Yield what the checks with these numbers say about an object in that namespace, both as JSON."""


class OpenFlows(Protocol):
    """A source of flows that is open to be read once."""

    name: str
    format: str
    head: bytes
    is_cut: bool
    note: str

    def is_same(self, entry: SourceEntry) -> bool:
        """Return whether it begins as, and as far as can be told is, a source that was read before."""

    def parts(self, entry: SourceEntry, mark: bytes, progress: Progress) -> Iterator[ReadPart]:
        """
        Yield what comes after the position of the entry, part by part.

        A file is always cut in the same places; what has no positions goes on from the mark of its last part.
        """


class FlowSource(Protocol):
    """Something that tells flows of a data plane: a file, standard input, or a Hubble Relay."""

    def opened(self) -> AbstractContextManager[OpenFlows]:
        """Return the source, open; raises ``SourceError`` where it cannot be read."""


class FlowReader(Protocol):
    """Edges between workloads that were observed, for whoever needs them."""

    def edges(self, asked: FlowQuestion) -> Iterator[FlowEdge]:
        """Yield the edges that are asked for, those with most connections first."""

    def coverage(self, asked: FlowQuestion) -> FlowCoverage:
        """Return how much of what happened they are based on."""


class FlowStore(FlowReader, Protocol):
    """What flows are kept in."""

    @property
    def place(self) -> str:
        """Where it is."""

    def sources(self) -> Sequence[SourceEntry]:
        """Return the sources that were imported."""

    def hours(self) -> Sequence[StoredHours]:
        """Return what is held of each cluster."""

    def recall(self, entry: SourceEntry) -> SourceMemory:
        """Return what is remembered of a source."""

    def commit(
        self,
        entry: SourceEntry,
        before: int,
        rows: Sequence[FlowRow],
        malformed: Sequence[MalformedFlow],
        memory: SourceMemory,
    ) -> None:
        """Keep a part as a whole or not at all, if the source still ends at `before`; else raises ``SourceError``."""

    def compact(self, progress: Progress) -> None:
        """Put small files together."""

    def prune(self, is_old: Callable[[str, int, int], bool]) -> StoredHours:
        """Drop the hours of which `is_old` (cluster, hour, bytes) says so, newest first; return what went."""


class LivePolicies(Protocol):
    """The policies of a live cluster, one object at a time, as JSON has them."""

    @property
    def server(self) -> str:
        """The server's URL."""

    def get(self, ref: PolicyRef) -> Manifest | None:
        """Return an object as the server has it, None where it has none; raises ``SourceError``."""

    def try_out(self, manifest: Manifest, *, force: bool) -> Trial:
        """Return what the server would make of an object, without keeping it; `force` takes fields of others over."""

    def apply(self, manifest: Manifest, now: Manifest | None, *, force: bool) -> Manifest:
        """Make an object what a manifest says, if it is still as it is `now`; raises ``WriteRefusedError``."""

    def restore(self, now: Manifest | None, before: Manifest) -> None:
        """Make an object exactly what it was, if it is still as it is `now`; raises ``WriteRefusedError``."""

    def delete(self, now: Manifest) -> None:
        """Delete an object if it is still as it is `now`; raises ``WriteRefusedError``."""

    def ready(self, namespace: str) -> dict[str, int]:
        """Return how many pods are ready of each that makes pods, in a namespace or (empty) in all."""


class Journal(Protocol):
    """What survives when an apply does not."""

    def append(self, entry: Entry) -> None:
        """Keep an entry, for good once this returns; raises ``SourceError``."""


class Surroundings(Protocol):
    """What happens outside of the cluster between two waves."""

    def wait(self, seconds: float) -> None:
        """Wait."""

    def now(self) -> int:
        """Return the time, in nanoseconds since 1970."""

    def check(self, command: str, timeout: float) -> str:
        """Run a command, and return why it does not hold; empty where it ended with 0."""

    def denied(self, store: str, asked: FlowQuestion) -> Sequence[FlowEdge]:
        """Return what was denied, by the store of flows in a folder (empty: the default one)."""

    def foresee(self, gates: Gates, steps: Sequence[Step], since: int) -> Foresight:
        """Return what steps that are not done would cut of what the store of flows saw since a time."""

    def verify(self, gate: ProbeGate, cni: str, steps: Sequence[Step]) -> str:
        """Try what steps that were done change and must keep, and return what is otherwise; empty where nothing is."""

    def tell(self, text: str) -> None:
        """Say what is being done."""


class Prober(Protocol):
    """Something that tries connections between pods of a live cluster."""

    def prepare(self, sites: Sequence[ProbeSite], progress: Progress) -> Mapping[int, str]:
        """
        Make the sites ready, and return those (by position) that cannot be used, with the reason.

        Raises ``SourceError`` where nothing can be probed at all; what was made until then is removed by `close`.
        """

    def run(self, probes: Iterable[Probe]) -> Iterator[Sighting]:
        """Yield what is seen of each probe, as soon as it is seen; several are tried at the same time."""

    def close(self) -> None:
        """Remove all that was made; raises ``SourceError``, which says what is left, where that fails."""


class PlacedProber(Prober, Protocol):
    """A prober that tells where its sites are."""

    def stands(self) -> Mapping[int, Stand]:
        """Return the pod that stands for each usable site, by position; known after `prepare`."""


class Watch(Protocol):
    """The time that goes by while connections are tried, and somebody who is told what is being done."""

    def now(self) -> float:
        """Return the seconds since any instant that stays the same."""

    def wait(self, seconds: float) -> None:
        """Wait."""

    def tell(self, text: str) -> None:
        """Say what is being done."""


class Scratch(Protocol):
    """Namespaces of a live cluster that are made for a while, and the policies in them."""

    def nodes(self) -> Sequence[Manifest]:
        """Return all nodes as the server has them; raises ``SourceError``."""

    def make(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make a namespace in which pods can be made; raises ``SourceError``."""

    def put(self, policy: Manifest) -> None:
        """Make a NetworkPolicy, or make it what the manifest says; raises ``WriteRefusedError`` where it is refused."""

    def remove(self, policy: Manifest) -> None:
        """Delete a NetworkPolicy."""

    def relabel(self, ref: ObjectRef, labels: Mapping[str, str | None]) -> None:
        """Set labels of a pod or a namespace, and take those away that are None."""

    def close(self) -> None:
        """Delete the namespaces, and all in them; raises ``SourceError``, which says what is left."""


class Silent:
    """A `Progress` that keeps quiet."""

    def step(self, what: str, done: int, total: int | None) -> None:
        """Do nothing."""
