"""The objects of a cluster as an API server keeps them: lists at a version, and the events since."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from threading import Condition
from typing import Any, NamedTuple

import msgspec

KEPT = 20_000
"""So many events of a kind are kept; who asks for older ones is told that they are gone, as etcd's compaction does."""
CLUSTER_SCOPED = {"Namespace", "Node"}
Manifest = dict[str, Any]


class _Head(msgspec.Struct):
    apiVersion: str  # noqa: N815 - the name in the document
    kind: str


class _Items(msgspec.Struct):
    items: list[msgspec.Raw]


class Event(NamedTuple):
    """A line of a stream, and the version that it leads to."""

    version: int
    line: bytes


class Kind:
    """All objects of one kind."""

    def __init__(self, api_version: str, kind: str) -> None:
        """Start with none."""
        self.api_version = api_version
        self.kind = kind
        self.plural = f"{kind.lower()[:-1]}ies" if kind.endswith("y") else f"{kind.lower()}s"
        self.objects: dict[tuple[str, str], bytes] = {}
        self.events: deque[Event] = deque(maxlen=KEPT)
        self.gone = 0
        """The version before the oldest event that is kept."""


class Store:
    """All kinds; every change has a version, and wakes those who wait for one."""

    def __init__(self, kinds: Iterable[tuple[str, str]]) -> None:
        """`kinds` are served even where there are no objects of them, as ``(apiVersion, kind)``."""
        self.kinds = {each: Kind(*each) for each in kinds}
        self.version = 1
        self.changed = Condition()

    def load(self, path: Path) -> None:
        """Take in what ``kubectl get -o json`` prints."""
        by_kind: dict[tuple[str, str], list[msgspec.Raw]] = defaultdict(list)
        for raw in msgspec.json.decode(path.read_bytes(), type=_Items).items:
            head = msgspec.json.decode(raw, type=_Head)
            by_kind[head.apiVersion, head.kind].append(raw)
        for key, found in by_kind.items():
            kind = self.kinds[key]
            for raw in found:
                metadata = msgspec.json.decode(raw, type=dict[str, Any])["metadata"]
                kind.objects[metadata.get("namespace", ""), metadata["name"]] = bytes(raw)

    def get(self, key: tuple[str, str], namespace: str, name: str) -> Manifest:
        """Return one object."""
        found: Manifest = msgspec.json.decode(self.kinds[key].objects[namespace, name])
        return found

    def put(self, manifest: Manifest) -> None:
        """Add an object, or change the one of that name."""
        self._change(manifest, is_gone=False)

    def delete(self, manifest: Manifest) -> None:
        """Take an object away."""
        self._change(manifest, is_gone=True)

    def _change(self, manifest: Manifest, *, is_gone: bool) -> None:
        kind = self.kinds[manifest["apiVersion"], manifest["kind"]]
        metadata = manifest["metadata"]
        place = metadata.get("namespace", ""), metadata["name"]
        with self.changed:
            self.version += 1
            metadata["resourceVersion"] = str(self.version)
            data = msgspec.json.encode(manifest)
            word = b"DELETED" if is_gone else b"MODIFIED" if place in kind.objects else b"ADDED"
            if is_gone:
                kind.objects.pop(place, None)
            else:
                kind.objects[place] = data
            if len(kind.events) == KEPT:
                kind.gone = kind.events[0].version
            kind.events.append(Event(self.version, b'{"type":"%b","object":%b}\n' % (word, data)))
            self.changed.notify_all()

    def since(self, kind: Kind, version: int, timeout: float) -> list[Event] | None:
        """Return the events after a version, waiting for one; nothing after `timeout`; None where they are gone."""
        with self.changed:
            if version < kind.gone:
                return None
            if not kind.events or kind.events[-1].version <= version:
                self.changed.wait(timeout)
            first = bisect_right(kind.events, version, key=lambda each: each.version)
            return list(islice(kind.events, first, None))
