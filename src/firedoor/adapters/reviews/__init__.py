"""A folder of dated reports of regular reviews (``firedoor/review/v1``), none of which is ever overwritten."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Literal

import msgspec

from firedoor.errors import SourceError
from firedoor.model.places import ObjectRef
from firedoor.model.review import EarlierReport, ItemKind, KnownItem, ReviewPart

MOST_BYTES = 256 * 1024 * 1024
_NAME = re.compile(r"review-(\d{8}T\d{6}Z)(?:-(\d{1,6}))?\.json")
_REMEDY = "move it out of the folder, or restore it"


class _Item(msgspec.Struct):
    kind: ItemKind
    fingerprint: str
    message: str
    object: ObjectRef
    path: str = ""
    source: str = ""


class _Report(msgspec.Struct):
    schema: Literal["firedoor/review/v1"]
    time: str
    namespace: str
    parts: tuple[ReviewPart, ...]
    items: tuple[_Item, ...]


def latest_report(folder: str, time: str, scope: str) -> EarlierReport | None:
    """
    Return the latest report of a folder that is not later than `time` (ISO 8601) and about the same namespace.

    None where there is none, or no folder yet; raises ``SourceError`` where one is no report.
    """
    stamp = _stamp(time)
    try:
        names = sorted(
            (
                (found[1], int(found[2] or 1), found[0])
                for each in Path(folder).iterdir()
                if (found := _NAME.fullmatch(each.name))
            ),
            reverse=True,
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(folder, error) from error
    for made, _, name in names:
        if made <= stamp:
            report = _read(Path(folder) / name)
            if report.namespace == scope:
                items = (
                    KnownItem(each.kind, each.fingerprint, each.message, each.object, each.path, each.source)
                    for each in report.items
                )
                return EarlierReport(name, report.time, report.namespace, report.parts, tuple(items))
    return None


def keep_report(folder: str, time: str, text: str) -> str:
    """Write a report into a folder, in whole or not at all, under a name that no other has; return its path."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".review-", suffix=".part", dir=path)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            return str(_named(path, f"review-{_stamp(time)}", Path(temporary)))
        finally:
            Path(temporary).unlink()
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise SourceError(problem, place=folder, remedy="check the folder") from error


def _named(folder: Path, stem: str, temporary: Path) -> Path:
    """Give a file its name; a link, unlike a rename, never replaces what is there."""
    number = 1
    while True:
        target = folder / (f"{stem}.json" if number == 1 else f"{stem}-{number}.json")
        try:
            target.hardlink_to(temporary)
        except FileExistsError:
            number += 1
        else:
            return target


def _read(path: Path) -> _Report:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _refused(str(path), error) from error
    if len(data) > MOST_BYTES:
        raise SourceError(f"more than {MOST_BYTES:,} bytes are no report", place=str(path), remedy=_REMEDY)
    try:
        return msgspec.json.decode(data, type=_Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = f"this is no report (firedoor/review/v1): {error}"
        raise SourceError(problem, place=str(path), remedy=_REMEDY) from error


def _refused(place: str, error: OSError) -> SourceError:
    return SourceError(f"cannot be read: {error.strerror or error}", place=place, remedy="check the folder")


def _stamp(time: str) -> str:
    return time.replace("-", "").replace(":", "")
