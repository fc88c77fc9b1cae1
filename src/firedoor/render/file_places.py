"""Where things were read, as a path relative to a folder and a line."""

from __future__ import annotations

import posixpath

from firedoor.model.places import ObjectRef
from firedoor.render.sarif_places import split_place
from firedoor.render.words import visible

_API = ("/api/", "/apis/")
_STDIN = "<stdin>"


def file_place(place: str, about: ObjectRef | None, folder: str) -> tuple[str, int]:
    """
    Return a path, relative to `folder` where it is below that, and a line from 1.

    Standard input is ``stdin``; what was read from a cluster has a path made of the object's own name.
    """
    file, line = split_place(place)
    if not file or file.startswith(_API):
        parts = ("cluster", about.namespace, about.kind, about.name) if about is not None else ("cluster",)
        return visible("/".join(part for part in parts if part)), 1
    if file == _STDIN:
        return "stdin", max(line, 1)
    whole = posixpath.normpath(posixpath.join(folder, file))
    return visible(whole.removeprefix(folder.rstrip("/") + "/")), max(line, 1)
