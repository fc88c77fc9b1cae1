"""What the streams of a cluster tell, put into what was read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.adapters.cluster.readout import MESH_GROUP, Readout
from firedoor.adapters.cluster.watching import Lost, News, Put, Replaced
from firedoor.model.assembly import reference
from firedoor.model.feed import ObjectChange
from firedoor.model.keeping import SnapshotKeeper
from firedoor.model.places import Gap
from firedoor.model.sharing import PodSharing
from firedoor.model.workloads import Pod

if TYPE_CHECKING:
    from firedoor.adapters.cluster.readout import Held
    from firedoor.model.decoding import ModelObject
    from firedoor.model.snapshot import Origin, Snapshot


class Following:
    """
    Keeps a `Readout` up to date, and remembers what it was at the last turn.

    `is_outdated` says that it has to be made anew, because a list is lost or another would have been read too.
    """

    def __init__(self, readout: Readout, *, is_whole: bool) -> None:
        """`is_whole` says that the whole cluster was asked for, not some namespaces."""
        self._readout = readout
        # Some kinds were listed namespace by namespace: those of a new one are not followed yet.
        self._is_by_namespace = is_whole and any(each.namespace for each in readout.held)
        self._before: dict[str, ModelObject | None] = {}
        self._after: dict[str, ModelObject | None] = {}
        self._sharing = PodSharing()
        self._keeper: SnapshotKeeper | None = None
        self._settings: ModelObject | Gap | None = None
        """Those that the keeper has."""
        self.troubles: dict[str, str] = {}
        self.is_outdated = False
        self.has_news = False
        self.wants_settings = False

    def take(self, news: News) -> None:
        """Take one piece of news."""
        if isinstance(news, Lost):
            self.is_outdated = True
        elif isinstance(news, Put):
            self._put(news.held, news.path, news.value)
        elif isinstance(news, Replaced):
            self._replace(news)
        else:
            self._tell(news.held, news.reason)

    def snapshot(self, origin: Origin) -> Snapshot:
        """Return the cluster as it is now."""
        readout = self._readout
        if self._keeper is None or self._settings is not readout.settings:
            self._keeper, self._settings = SnapshotKeeper(), readout.settings
            readout.fill(self._keeper)
        if self._keeper.is_exact:
            snapshot = self._keeper.build(origin, readout.all_gaps())
            if self._keeper.is_exact:
                return snapshot
        return readout.builder().build(origin)

    def changes(self) -> tuple[ObjectChange, ...]:
        """Return what changed since this was last called, as a whole for each object."""
        made = [
            ObjectChange(reference(some), before, after)
            for path, before in self._before.items()
            if before != (after := self._after[path]) and (some := after or before) is not None
        ]
        self._before, self._after = {}, {}
        self.has_news = self.wants_settings = False
        return tuple(made)

    def _put(self, held: Held, path: str, value: ModelObject | Gap | None) -> None:
        listing = held.listing
        old: ModelObject | Gap | None = listing.objects.get(path) or listing.gaps.get(path)
        if old == value:
            return
        before = listing.objects.pop(path, None)
        listing.gaps.pop(path, None)
        after: ModelObject | None = None
        if isinstance(value, Gap):
            listing.gaps[path] = value
        elif value is not None:
            after = listing.objects[path] = self._shared(value) if isinstance(value, Pod) else value
        if self._keeper is not None:
            self._keeper.exchange(before, after)
        self._before.setdefault(path, before)
        self._after[path] = after
        self.has_news = True
        self.wants_settings |= held.resource.group == MESH_GROUP
        if self._is_by_namespace and held.resource.kind == "Namespace" and before is None:
            self.is_outdated = True

    def _shared(self, pod: Pod) -> Pod:
        """Return an equal pod that shares what its replicas have in common with them."""
        if self._sharing.is_full:
            self._sharing.learn(
                each
                for held in self._readout.held
                if held.resource.kind == "Pod"
                for each in held.listing.objects.values()
                if isinstance(each, Pod)
            )
        return self._sharing.shared(pod)

    def _replace(self, news: Replaced) -> None:
        held, new = news.held, news.listing
        for path in [*held.listing.objects, *held.listing.gaps]:
            if path not in new.objects and path not in new.gaps:
                self._put(held, path, None)
        for path, value in [*new.objects.items(), *new.gaps.items()]:
            self._put(held, path, value)

    def _tell(self, held: Held, reason: str) -> None:
        path = held.resource.path(held.namespace)
        if self.troubles.get(path, "") == reason:
            return
        self.has_news = True
        self.troubles[path] = reason
        if not reason:
            del self.troubles[path]
