"""What a page is about: the cluster, read when it is asked for first and kept until somebody reads it anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from firedoor.usecases.connection_map import Atlas
from firedoor.usecases.custom_checks import NO_CHECKS
from firedoor.usecases.diagnose import Diagnosis, diagnose
from firedoor.usecases.what_if import policy_refs

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.interfaces import ManifestEditor
    from firedoor.model.exceptions import Rules
    from firedoor.model.flows import FlowEdge
    from firedoor.model.raw_objects import RawObject, RawObjects
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.custom_checks import OwnChecks

Answer = TypeVar("Answer")

MOST_KEPT = 200
"""Answers that are kept."""


@dataclass(frozen=True, slots=True)
class Means:
    """
    How to read what the page is about.

    `load` brings the cluster and the policies as they are written, `edges` the connections that were seen (None
    where nobody looks), `editor` the manifests (None where they cannot be changed), `rules` how findings are sifted
    on the day, and `own` the checks of the configuration.
    """

    name: str
    load: Callable[[], tuple[Snapshot, RawObjects]]
    cni: CniProfile
    namespace: str = ""
    kubernetes_version: str = ""
    edges: Callable[[], Sequence[FlowEdge]] | None = None
    editor: Callable[[], ManifestEditor] | None = None
    rules: Callable[[], Rules | None] = lambda: None
    own: Callable[[RawObjects], OwnChecks] = lambda _: NO_CHECKS


@dataclass(frozen=True, slots=True)
class _Read:
    snapshot: Snapshot
    raw: RawObjects
    edges: tuple[FlowEdge, ...] | None


@dataclass(slots=True)
class Subject:
    """The cluster of a page, and the answers about it, each worked out once; one at a time is."""

    means: Means
    _read: _Read | None = None
    _kept: dict[Hashable, object] = field(default_factory=dict)
    _lock: RLock = field(default_factory=RLock)

    def read_anew(self) -> None:
        """Read the cluster and the connections again; what was read before stays where that fails."""
        edges = None if self.means.edges is None else tuple(self.means.edges())
        snapshot, raw = self.means.load()
        with self._lock:
            self._read = _Read(snapshot, raw, edges)
            self._kept.clear()

    def kept(self, key: Hashable, work: Callable[[], Answer]) -> Answer:
        """Return the answer of that key, worked out now if it was not before."""
        with self._lock:
            if key not in self._kept:
                found = work()
                while len(self._kept) >= MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[key] = found
            return self._kept[key]  # type: ignore[return-value] # what was kept under a key is of its work

    @property
    def _now(self) -> _Read:
        with self._lock:
            if self._read is None:
                self.read_anew()
            assert self._read is not None  # noqa: S101 - it was read, or that raised
            return self._read

    @property
    def snapshot(self) -> Snapshot:
        """The cluster."""
        return self._now.snapshot

    @property
    def edges(self) -> tuple[FlowEdge, ...] | None:
        """The connections that were seen, None where nobody looks."""
        return self._now.edges

    @property
    def policies(self) -> tuple[RawObject, ...]:
        """The policies as they are written."""
        known = policy_refs(self.snapshot)
        return tuple(each for each in self._now.raw.found if each.ref in known)

    @property
    def atlas(self) -> Atlas:
        """What makes maps."""
        means = self.means
        return self.kept(Atlas, lambda: Atlas(self.snapshot, means.cni, self.edges, means.namespace))

    @property
    def diagnosis(self) -> Diagnosis:
        """The findings and numbers."""

        def work() -> Diagnosis:
            means = self.means
            own = means.own(self._now.raw)
            return diagnose(self.snapshot, means.cni, means.namespace, means.rules(), own=own)

        return self.kept(Diagnosis, work)
