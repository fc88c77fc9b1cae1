"""Manifests as a source of snapshots: files, folders and standard input."""

from __future__ import annotations

import gc
import json
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from firedoor.adapters.manifests.documents import DocumentReader
from firedoor.adapters.manifests.files import (
    MOST_JSON_BYTES,
    MOST_YAML_BYTES,
    manifest_files,
    opened,
    read_bytes,
    size_of,
    too_large,
)
from firedoor.adapters.manifests.json_lists import read_large_list, read_list_stream
from firedoor.adapters.manifests.policy_text import scope_of, template_in
from firedoor.adapters.manifests.texts import NotTextError, decode_text, is_json, split_documents, split_json
from firedoor.adapters.manifests.validation import LATEST
from firedoor.adapters.manifests.yaml_reader import UnreadableError, read
from firedoor.errors import SourceError
from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.places import Gap, GapKind
from firedoor.model.raw_objects import RawObjects
from firedoor.model.snapshot import Origin, Snapshot

if TYPE_CHECKING:
    from io import BufferedIOBase
    from pathlib import Path

    from firedoor.interfaces import Progress

STDIN = "<stdin>"
_RENDER = "render the template (helm template, kustomize build, envsubst) and give the output"
_SEVERAL = "several JSON values"
LARGE_JSON = 1024 * 1024
"""JSON lists above this size are decoded without building what the model does not keep."""


@dataclass(frozen=True, slots=True)
class ManifestSource:
    """
    Files and folders of manifests.

    `paths` are read in the order given; `stdin` holds what stood on standard input,
    where ``-`` is one of the paths. `namespace` is given to objects that name none,
    and `version` is the Kubernetes version whose API server would take them.
    """

    paths: tuple[str, ...]
    stdin: bytes | None = None
    namespace: str = "default"
    version: str = LATEST
    raw: RawObjects | None = None
    """Takes the objects as they are written, where somebody wants to see more than the model has."""

    def load(self, progress: Progress) -> Snapshot:
        """Return the snapshot of all manifests; raises ``SourceError`` when nothing at all can be read."""
        builder = SnapshotBuilder()
        enabled = gc.isenabled()
        gc.disable()
        try:
            self._load(builder, progress)
            snapshot = builder.build(Origin("manifests", self.paths, meant_for=self.version))
        finally:
            if enabled:
                gc.enable()
        unreadable = next((gap for gap in snapshot.gaps if gap.kind is GapKind.UNREADABLE), None)
        if unreadable is not None and not snapshot.has_objects:
            raise SourceError(unreadable.reason, place=unreadable.source, remedy=unreadable.remedy)
        return snapshot

    def _load(self, builder: SnapshotBuilder, progress: Progress) -> None:
        for path in self.paths:
            if path == "-":
                data = self.stdin or b""
                if len(data) <= LARGE_JSON or not self._read_list(BytesIO(data), STDIN, builder):
                    self._read(data, STDIN, builder)
                continue
            files = manifest_files(path)
            single = len(files) == 1 and str(files[0]) == path
            for done, file in enumerate(files, 1):
                try:
                    if self._is_large_list(file, builder):
                        progress.step("files", done, len(files))
                        continue
                    data = read_bytes(file)
                except SourceError as error:
                    if single:
                        raise
                    builder.add_gap(Gap(GapKind.UNREADABLE, error.place, error.problem, error.remedy))
                    continue
                self._read(data, str(file), builder)
                progress.step("files", done, len(files))
            if not files:
                raise SourceError(
                    "no .yaml, .yml or .json file in this folder",
                    place=path,
                    remedy="give the folder that holds the manifests",
                )

    def _is_large_list(self, file: Path, builder: SnapshotBuilder) -> bool:
        """Return whether a file is a large list, and read it if so, without holding the whole of it."""
        if not LARGE_JSON < size_of(file) <= MOST_JSON_BYTES:
            return False
        with opened(file) as stream:
            return stream.peek(1)[:1] == b"{" and self._read_list(stream, str(file), builder)

    def _read_list(self, stream: BufferedIOBase, source: str, builder: SnapshotBuilder) -> bool:
        reader = DocumentReader(builder, source, self.namespace, self.version, self.raw)
        return read_list_stream(stream, source, self.namespace, builder, reader)

    def _read(self, data: bytes, source: str, builder: SnapshotBuilder) -> None:
        try:
            text = decode_text(data)
        except NotTextError as error:
            builder.add_gap(Gap(GapKind.UNREADABLE, source, error.problem, error.remedy))
            return
        reader = DocumentReader(builder, source, self.namespace, self.version, self.raw)
        if is_json(text):
            if len(data) > LARGE_JSON and read_large_list(data, source, self.namespace, builder, reader):
                return
            fault = _json_fault(text)
            if fault is None:
                documents = [(1, text)]
            elif fault[1] is _SEVERAL:
                documents = split_json(text)
            elif _is_flow_yaml(text):
                documents = list(split_documents(text))
            else:
                builder.add_gap(self._broken_json(fault, text, source))
                return
        else:
            documents = list(split_documents(text))
        if len(data) > MOST_YAML_BYTES:
            raise too_large(source, len(data), MOST_YAML_BYTES)
        found = sum(
            self._document(part, line, number, reader, source, builder)
            for number, (line, part) in enumerate(documents, 1)
        )
        if not found:
            builder.add_gap(
                Gap(
                    GapKind.FOREIGN,
                    f"{source}:1",
                    "the file is empty: it holds no document",
                    "remove it, or fill it",
                )
            )

    def _broken_json(self, fault: tuple[int, str], text: str, source: str) -> Gap:
        line, problem = fault
        place, scope, template = f"{source}:{line}", scope_of(text, self.namespace), template_in(text)
        if template:
            reason = f"template syntax is left over ({template})"
            return Gap(GapKind.TEMPLATE, place, reason, _RENDER, scope=scope)
        return Gap(GapKind.UNREADABLE, place, problem, "get the whole file again, or correct it", scope=scope)

    def _document(
        self, text: str, line: int, number: int, reader: DocumentReader, source: str, builder: SnapshotBuilder
    ) -> bool:
        if not text.strip():
            return False
        try:
            document = read(text, line)
        except UnreadableError as error:
            template = template_in(text)
            kind, reason, remedy = GapKind.UNREADABLE, error.problem, error.remedy
            if template:
                kind, reason = GapKind.TEMPLATE, f"template syntax is left over ({template}): {error.problem}"
                remedy = _RENDER
            builder.add_gap(Gap(kind, f"{source}:{error.line}", reason, remedy, scope=scope_of(text, self.namespace)))
            return True
        if document is None:
            return False
        reader.take(document, number, text)
        return True


def load_text(text: str, *, namespace: str = "default", version: str = LATEST) -> Snapshot:
    """Return the snapshot of manifests given as text."""
    from firedoor.interfaces import Silent  # noqa: PLC0415 - only callers without a progress bar need it

    return ManifestSource(("-",), text.encode(), namespace, version).load(Silent())


def _is_flow_yaml(text: str) -> bool:
    """Return whether text that begins like JSON is YAML in flow style, as in ``{kind: Pod, ...}``."""
    try:
        for line, part in split_documents(text):
            read(part, line)
    except UnreadableError:
        return False
    return True


def _json_fault(text: str) -> tuple[int, str] | None:
    """Return line and problem where the text is no sequence of JSON values."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.doc[error.pos] in "{[":
            return error.lineno, _SEVERAL
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
            return error.lineno, f"truncated JSON: it ends in the middle of a value (line {error.lineno})"
        return error.lineno, f"not valid JSON (line {error.lineno}, column {error.colno}): {error.msg}"
    except RecursionError:
        return 1, "JSON nested too deeply"
    return None
