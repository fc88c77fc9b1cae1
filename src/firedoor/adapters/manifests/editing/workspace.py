"""Manifests that can be changed in memory, read again, and written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firedoor.adapters.manifests.contents import ContentSource
from firedoor.adapters.manifests.documents import _reference
from firedoor.adapters.manifests.editing.changing import changed_json, changed_yaml
from firedoor.adapters.manifests.editing.refusing import kustomization_beside, obstacle
from firedoor.adapters.manifests.editing.saving import Pending, save
from firedoor.adapters.manifests.editing.writing import Layout, mapping_lines
from firedoor.adapters.manifests.files import MOST_YAML_BYTES, manifest_files, read_bytes
from firedoor.adapters.manifests.texts import NotTextError, decode_text, is_json
from firedoor.adapters.manifests.validation import LATEST
from firedoor.adapters.manifests.yaml_reader import Document, UnreadableError, read
from firedoor.errors import EditRefusedError, SourceError
from firedoor.model.edits import FileEdit, Home
from firedoor.model.edits import Path as Steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.interfaces import Progress
    from firedoor.model.places import ObjectRef
    from firedoor.model.snapshot import Snapshot

_SEPARATOR = re.compile(r"(^---.*(?:\n|\Z))", re.MULTILINE)
_WORD = re.compile(r"[^\s\"',{}\[\]]+")
_NOTES = re.compile(r"^(?:#|---).*\n?", re.MULTILINE)
_UID = re.compile(r"(?:^|[\s{,])\"?uid\"?\s*:", re.MULTILINE)
_SERVED = "it was read from a live cluster, which gave it a uid: change the manifest that it was made from"
_BOM = "\ufeff"

Texts = dict[str, str]


@dataclass(slots=True)
class ManifestWorkspace:
    """
    Files and folders of manifests with changes that are not on the disk yet.

    `namespace` is given to objects that name none, `version` is the release whose API
    server would take them, and `folder` is where new objects go; where it is empty they
    go beside the objects that they are for.
    """

    paths: tuple[str, ...]
    namespace: str = "default"
    version: str = LATEST
    folder: str = ""
    _files: list[str] = field(default_factory=list)
    _read: dict[str, bytes] = field(default_factory=dict)
    _changed: Texts = field(default_factory=dict)
    _new: Texts = field(default_factory=dict)
    _texts: dict[str, str | None] = field(default_factory=dict)
    _documents: dict[str, Document | None] = field(default_factory=dict)
    _holding: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in self.paths:
            files = [str(each) for each in manifest_files(path)]
            if not files:
                problem = "no .yaml, .yml or .json file in this folder"
                raise SourceError(problem, place=path, remedy="give the folder that holds the manifests")
            self._files += files

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot of the manifests with their changes."""
        source = ContentSource(self.paths, None, self.namespace, self.version, bring=self._bring)
        return source.load(progress)

    def find(self, ref: ObjectRef) -> tuple[Home, ...]:
        """Return where an object is written."""
        return tuple(home for home, about in self._homes(ref.name) if about == ref)

    def edit(self, home: Home, target: Mapping[str, Any]) -> None:
        """Make an object what it is meant to be; raises ``EditRefusedError``, and changes nothing then."""
        text = self._text(home.file) or ""
        parts = _parts(text)
        part = parts[home.part]
        if _metadata(home.value).get("uid"):
            raise EditRefusedError(_SERVED, place=str(home))
        if reason := obstacle(home.file, text, _with_separator(parts, home.part)):
            raise EditRefusedError(reason, place=str(home))
        change = dict(target)
        try:
            if is_json(part):
                parts[home.part] = changed_json(part, home.path, change)
            else:
                parts[home.part] = changed_yaml(part, home.path, home.value, change)
        except EditRefusedError as error:
            line = "".join(parts[: home.part]).count("\n") + 1 + int(error.place)
            place = f"{home.file}:{line}" if error.place != "0" else str(home)
            raise EditRefusedError(error.problem, place=place) from error
        self._store(home.file, "".join(parts))

    def add(self, manifest: Mapping[str, Any], beside: str) -> str:
        """
        Put a new object into a file of its own, and return the file.

        It goes beside the file `beside`, in the way its objects name their namespace.
        Raises ``EditRefusedError`` where a file of every fitting name is there already.
        """
        text = self._text(beside) or ""
        notes = "".join(_NOTES.findall(text))
        reason = _SERVED if _UID.search(text) else obstacle(beside, text, notes)
        if reason and not self.folder:
            raise EditRefusedError(f"there is no place for a new object: {reason}")
        metadata = dict(manifest["metadata"])
        name, space = str(metadata["name"]), str(metadata.get("namespace") or "")
        if space == self.namespace and not self._names(beside, space):
            del metadata["namespace"]
        written = {**manifest, "metadata": metadata}
        folder = self.folder or os.path.dirname(beside)  # noqa: PTH120 - as the person wrote it
        kind = str(manifest["kind"]).lower()
        for stem in (f"{kind}-{name}", f"{kind}-{space}-{name}"):
            path = os.path.join(folder, f"{_file_name(stem)}.yaml")  # noqa: PTH118
            if path not in self._new and not os.path.lexists(path):
                self._new[path] = "\n".join(mapping_lines(written, 0, Layout())) + "\n"
                return path
        raise EditRefusedError(f"there is a file {path} already, and none is overwritten", place=path)

    def notes(self) -> tuple[str, ...]:
        """Return what a person has to do for the new files."""
        return tuple(
            f"add {Path(path).name} to the resources of {found}"
            for path in sorted(self._new)
            if (found := kustomization_beside(os.path.dirname(path)))  # noqa: PTH120
        )

    def edits(self) -> tuple[FileEdit, ...]:
        """Return the changed and new files, in order of their names."""
        changed = [FileEdit(path, self._read[path].decode(), text) for path, text in self._changed.items()]
        added = [FileEdit(path, "", text, is_new=True) for path, text in self._new.items()]
        return tuple(sorted([*changed, *added], key=lambda each: each.path))

    def mark(self) -> tuple[Texts, Texts]:
        """Return what `reset` takes to come back to the state of now."""
        return dict(self._changed), dict(self._new)

    def reset(self, mark: tuple[Texts, Texts]) -> None:
        """Take everything back that came after a mark."""
        self._changed, self._new = dict(mark[0]), dict(mark[1])

    def save(self) -> None:
        """Write the changed and new files; raises ``SourceError``."""
        if self._new and self.folder:
            try:
                Path(self.folder).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                problem = f"cannot be made: {error.strerror or error}"
                raise SourceError(problem, place=self.folder, remedy="name another folder") from error
        save(
            Pending(each.path, None if each.is_new else self._read[each.path], each.after.encode())
            for each in self.edits()
        )

    def _bring(self, progress: Progress) -> Iterator[tuple[str, bytes | SourceError]]:
        names = [*self._files, *sorted(self._new)]
        for done, name in enumerate(names, 1):
            if name in self._new or name in self._changed:
                yield name, (self._new | self._changed)[name].encode()
            else:
                try:
                    yield name, read_bytes(Path(name))
                except SourceError as error:
                    yield name, error
            progress.step("files", done, len(names))

    def _text(self, file: str) -> str | None:
        """Return the text of a file that can be edited."""
        if file in self._new or file in self._changed:
            return (self._new | self._changed)[file].removeprefix(_BOM)
        if file not in self._texts:
            self._texts[file] = None
            if file in self._files:
                with suppress(SourceError, NotTextError):
                    data = read_bytes(Path(file))
                    if len(data) <= MOST_YAML_BYTES:
                        self._read[file], self._texts[file] = data, decode_text(data)
        return self._texts[file]

    def _store(self, file: str, text: str) -> None:
        if file in self._new:
            self._new[file] = text
            return
        self._changed[file] = _BOM + text if self._read[file].startswith(_BOM.encode()) else text

    def _homes(self, name: str) -> Iterator[tuple[Home, ObjectRef]]:
        """Yield the objects in all documents that hold a name."""
        if not self._holding:
            for file in dict.fromkeys(self._files):
                for word in set(_WORD.findall(self._text(file) or "")):
                    self._holding.setdefault(word, []).append(file)
        for file in [*self._holding.get(name, ()), *self._new]:
            line = 1
            for number, part in enumerate(_parts(self._text(file) or "")):
                if name in part and not part.startswith("---"):
                    yield from self._objects(part, file, number, line)
                line += part.count("\n")

    def _objects(self, part: str, file: str, number: int, line: int) -> Iterator[tuple[Home, ObjectRef]]:
        if part not in self._documents:
            try:
                self._documents[part] = read(part, 1)
            except UnreadableError:
                self._documents[part] = None
        document = self._documents[part]
        for path, value, kind in _objects(document.value if document is not None else None, (), ""):
            text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
            at = document.line_of(text) if document is not None else 1
            yield Home(file, line + at - 1, number, path, value), _reference({"kind": kind, **value}, self.namespace)

    def _names(self, file: str, namespace: str) -> bool:
        """Return whether objects of a file name a namespace."""
        return any(
            home.file == file and (about.name == namespace or _metadata(home.value).get("namespace") == namespace)
            for home, about in self._homes(namespace)
        )


@lru_cache(8)
def _split(text: str) -> tuple[str, ...]:
    return (text,) if is_json(text) else tuple(_SEPARATOR.split(text))


def _parts(text: str) -> list[str]:
    """Return the documents of a text and the lines between them, each by itself; JSON is a single one."""
    return list(_split(text))


def _with_separator(parts: list[str], number: int) -> str:
    """Return a document with the line before it, on which helm writes where it comes from."""
    return "".join(parts[max(0, number - 1) : number + 1])


def _objects(value: Any, path: Steps, kind: str) -> Iterator[tuple[Steps, dict[str, Any], str]]:
    """Yield the path, the fields and the kind of every object in a document."""
    if not isinstance(value, dict):
        return
    kind = str(value.get("kind") or kind)
    items = value.get("items")
    if kind.endswith("List") and isinstance(items, list):
        for index, each in enumerate(items):
            yield from _objects(each, (*path, "items", index), kind.removesuffix("List"))
    elif kind:
        yield path, value, kind


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    found = value.get("metadata")
    return found if isinstance(found, dict) else {}


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)[:200]
