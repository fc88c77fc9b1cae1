"""Where things were read, and which objects they are about, as the locations of SARIF 2.1.0."""

from __future__ import annotations

import posixpath
from urllib.parse import quote

from firedoor.model.places import ObjectRef
from firedoor.render.words import visible

_API = ("/api/", "/apis/")
_STDIN = "<stdin>"
ROOT = "%SRCROOT%"


def location(place: str, about: ObjectRef | None, folder: str) -> dict[str, object]:
    """
    Return a location that always has a file, because code scanning refuses results without one.

    A file below `folder` is relative to the root of the sources, any other has its whole
    path. What was read from a cluster gets a path that is made of the object's own name.
    """
    file, line = split_place(place)
    if not file or file.startswith(_API):
        where: dict[str, object] = {"uri": _object_uri(about)}
        line = 1
    else:
        where = artifact(file, folder)
    found: dict[str, object] = {"physicalLocation": {"artifactLocation": where, "region": {"startLine": max(line, 1)}}}
    if about is not None:
        found["logicalLocations"] = [_logical(about)]
    return found


def split_place(place: str) -> tuple[str, int]:
    """Return the file and the line of ``file:line``; the line is 0 where there is none."""
    file, _, line = place.rpartition(":")
    # `isdecimal` is also true of digits that are not ASCII, which a file name may end with.
    return (file, int(line)) if file and line.isascii() and line.isdecimal() else (place, 0)


def artifact(file: str, folder: str) -> dict[str, object]:
    """Return where a file is, relative to the root of the sources where it is below that."""
    if file == _STDIN:
        return {"uri": "stdin"}
    whole = posixpath.normpath(posixpath.join(folder, file))
    root = folder.rstrip("/") + "/"
    if not whole.startswith("/"):
        return {"uri": _quoted(whole), "uriBaseId": ROOT}
    if whole.startswith(root):
        return {"uri": _quoted(whole.removeprefix(root)), "uriBaseId": ROOT}
    return {"uri": f"file://{_quoted(whole)}"}


def _quoted(path: str) -> str:
    # A file name may hold bytes that are no text; a URI has them as they are on the disk.
    return quote(path, errors="surrogateescape")


def _object_uri(about: ObjectRef | None) -> str:
    if about is None:
        return "cluster"
    return "/".join(
        quote(visible(part), safe="") for part in ("cluster", about.namespace, about.kind, about.name) if part
    )


def _logical(about: ObjectRef) -> dict[str, object]:
    whole = "/".join(part for part in (about.namespace, about.kind, about.name) if part)
    return {"name": visible(about.name), "fullyQualifiedName": visible(whole), "kind": "resource"}
