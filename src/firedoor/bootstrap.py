"""The composition root: what a person asked to read, into the adapter that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firedoor.interfaces import SnapshotSource


def open_source(
    paths: Sequence[str],
    *,
    read_stdin: Callable[[], bytes],
    kubeconfig: str | None = None,
    context: str | None = None,
    namespace: str = "",
    kubernetes_version: str = "",
) -> SnapshotSource:
    """
    Return the source that the arguments name.

    Without paths it is the live cluster; a single saved snapshot is recognised by
    its first bytes; everything else is manifests. Adapters are imported only when used.
    """
    if not paths:
        from firedoor.adapters.cluster.source import ClusterSource  # noqa: PLC0415

        return ClusterSource(kubeconfig=kubeconfig, context=context)
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

        return SavedSnapshotSource(saved[0])
    from firedoor.adapters.manifests.source import ManifestSource  # noqa: PLC0415
    from firedoor.adapters.manifests.validation.releases import LATEST, minor_of  # noqa: PLC0415

    version = kubernetes_version or LATEST
    try:
        minor_of(version)
    except ValueError as error:
        raise UsageError(str(error)) from error
    stdin = read_stdin() if "-" in paths else None
    return ManifestSource(tuple(paths), stdin, namespace or "default", version)


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
