"""Files of known findings (``firedoor/baseline/v1``)."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

from firedoor.errors import SourceError
from firedoor.model.exceptions import Baseline, BaselineEntry

SCHEMA: Final = "firedoor/baseline/v1"
MOST_BYTES = 256 * 1024 * 1024

_REMEDY = "write it anew with --write-baseline"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    schema: Literal["firedoor/baseline/v1"]
    findings: tuple[BaselineEntry, ...]


def read_baseline(path: str) -> Baseline:
    """Return the baseline in a file; raises ``SourceError``."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise SourceError("no such file", place=path, remedy="check the path, or write it first") from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", place=path, remedy="check the file") from error
    if len(data) > MOST_BYTES:
        raise SourceError(f"more than {MOST_BYTES:,} bytes are no baseline", place=path, remedy="check the path")
    try:
        found = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"this is no baseline ({SCHEMA}): {error}", place=path, remedy=_REMEDY) from error
    return Baseline(path, found.findings)


def write_baseline(baseline: Baseline) -> None:
    """
    Write a baseline to its file, in whole or not at all, sorted so that versions of it compare well.

    Another baseline is replaced; any other file is not, which raises ``SourceError``.
    """
    path = Path(baseline.source).resolve()
    if path.exists():
        _check_target(path, baseline.source)
    ordered = sorted(baseline.entries, key=lambda each: (each.check, each.object, each.message))
    text = msgspec.json.format(msgspec.json.encode(_File(SCHEMA, tuple(ordered))), indent=2) + b"\n"
    try:
        _replace(path, text)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise SourceError(problem, place=baseline.source, remedy="check the folder") from error


def _check_target(target: Path, path: str) -> None:
    problem = "there is something else than a baseline already, which is not replaced"
    refusal = SourceError(problem, place=path, remedy="choose another name")
    if not target.is_file():
        raise refusal
    try:
        read_baseline(path)
    except SourceError as error:
        raise refusal from error


def _replace(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
