"""Clusters, saved snapshots, manifests and revisions: what a person names, into the adapter that reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from firedoor.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firedoor.interfaces import ManifestEditor, Progress, SnapshotSource
    from firedoor.model.raw_objects import RawObjects


def open_source(
    paths: Sequence[str],
    *,
    read_stdin: Callable[[], bytes],
    kubeconfig: str | None = None,
    context: str | None = None,
    namespace: str = "",
    kubernetes_version: str = "",
    raw: RawObjects | None = None,
) -> SnapshotSource:
    """
    Return the source that the arguments name; `raw` takes the objects as they are written.

    Without paths it is the live cluster; a single saved snapshot is recognised by
    its first bytes; everything else is manifests. Adapters are imported only when used.
    """
    if not paths:
        from firedoor.adapters.cluster.source import ClusterSource  # noqa: PLC0415
        from firedoor.adapters.manifests.mesh_settings import read_mesh_settings  # noqa: PLC0415

        return ClusterSource(kubeconfig=kubeconfig, context=context, raw=raw, mesh=read_mesh_settings)
    if kubeconfig or context:
        raise UsageError(
            "--kubeconfig and --context are for the live cluster, and paths were given too",
            remedy="leave one of them out",
        )
    saved = [path for path in paths if path != "-" and _is_saved(path)]
    if saved:
        if len(paths) > 1:
            raise UsageError(
                f"{saved[0]} is a saved snapshot, which is a whole cluster by itself",
                remedy="give it as the only path",
            )
        from firedoor.adapters.store.reading import SavedSnapshotSource  # noqa: PLC0415
        from firedoor.model.places import Gap, GapKind  # noqa: PLC0415

        if raw is not None:
            raw.gaps.append(
                Gap(
                    GapKind.INCOMPLETE,
                    saved[0],
                    "a saved snapshot does not hold objects as the API has them: custom checks are not made",
                    "make them on the manifests or on the live cluster",
                )
            )
        return SavedSnapshotSource(saved[0])
    from firedoor.adapters.manifests.source import ManifestSource  # noqa: PLC0415

    version = _release(kubernetes_version)
    stdin = read_stdin() if "-" in paths else None
    return ManifestSource(tuple(paths), stdin, namespace or "default", version, raw)


def open_state(
    text: str,
    *,
    read_stdin: Callable[[], bytes],
    kubeconfig: str | None = None,
    namespace: str = "",
    kubernetes_version: str = "",
) -> SnapshotSource:
    """
    Return the source of one state of a cluster, as one word names it.

    ``git:REVISION:PATH`` is a revision, ``cluster`` or ``cluster:CONTEXT`` the live
    cluster; everything else is a path, as in `open_source`.
    """
    if text.startswith("git:"):
        return _revision(text, namespace or "default", _release(kubernetes_version))
    word, colon, context = text.partition(":")
    if word == "cluster":
        if not colon and os.path.lexists(text):
            raise UsageError(
                "cluster means the live cluster, and there is a file or folder of this name too",
                remedy="write ./cluster for the file or folder, and cluster: for the live cluster",
            )
        return open_source((), read_stdin=read_stdin, kubeconfig=kubeconfig, context=context or None)
    return open_source((text,), read_stdin=read_stdin, namespace=namespace, kubernetes_version=kubernetes_version)


_MANIFESTS = "give the files or folders that the manifests are kept in"


def open_editor(
    paths: Sequence[str],
    *,
    namespace: str = "",
    kubernetes_version: str = "",
    is_live: bool = False,
    folder: str = "",
) -> ManifestEditor:
    """Return the manifests at some paths, to be changed; raises where they are anything but files and folders."""
    if is_live or not paths:
        raise UsageError("a live cluster is not changed", remedy=_MANIFESTS)
    if "-" in paths:
        raise UsageError("standard input cannot be changed", remedy=_MANIFESTS)
    for path in paths:
        if _is_saved(path):
            raise UsageError("a saved snapshot is not changed", place=path, remedy=_MANIFESTS)
    from firedoor.adapters.manifests.editing.workspace import ManifestWorkspace  # noqa: PLC0415

    return ManifestWorkspace(tuple(paths), namespace or "default", _release(kubernetes_version), folder)


def _revision(text: str, namespace: str, version: str) -> SnapshotSource:
    from firedoor.adapters.git.reading import GitFiles  # noqa: PLC0415
    from firedoor.adapters.git.specs import parse_spec  # noqa: PLC0415
    from firedoor.adapters.manifests.contents import MOST_BYTES, ContentSource, is_manifest_name  # noqa: PLC0415
    from firedoor.adapters.store import is_saved_snapshot  # noqa: PLC0415

    files = GitFiles(parse_spec(text), is_manifest_name, MOST_BYTES)

    def bring(progress: Progress) -> Iterator[tuple[str, bytes | SourceError]]:
        for name, data in files.read(progress):
            if isinstance(data, bytes) and is_saved_snapshot(data[:256]):
                raise SourceError(
                    "a saved snapshot inside a revision cannot be read",
                    place=name,
                    remedy="write it to a file first, with `git show REVISION:PATH > FILE`",
                )
            yield name, data

    return ContentSource((text,), None, namespace, version, bring=bring)


def _release(kubernetes_version: str) -> str:
    from firedoor.adapters.manifests.validation.releases import LATEST, minor_of  # noqa: PLC0415

    version = kubernetes_version or LATEST
    try:
        minor_of(version)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return version


def _is_saved(path: str) -> bool:
    from firedoor.adapters.store import is_saved_snapshot  # noqa: PLC0415

    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a path as the person wrote it
            return is_saved_snapshot(stream.read(256))
    except IsADirectoryError:
        return False
    except FileNotFoundError as error:
        raise SourceError("no such file or folder", place=path, remedy="check the path") from error
    except PermissionError as error:
        raise SourceError("permission denied", place=path, remedy="make it readable, or run as its owner") from error
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror or error}", place=path, remedy="check the path") from error
