"""The composition root: what a person asked to read, into the adapter that reads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from firedoor.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from firedoor.adapters.settings.reading import Known
    from firedoor.interfaces import AuditSource, Progress, SnapshotSource
    from firedoor.model.difference import PolicyChange
    from firedoor.model.exceptions import Baseline, Settings
    from firedoor.model.intents import Intent
    from firedoor.model.snapshot import Snapshot


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

    version = _release(kubernetes_version)
    stdin = read_stdin() if "-" in paths else None
    return ManifestSource(tuple(paths), stdin, namespace or "default", version)


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


def open_intents(path: str, *, read_stdin: Callable[[], bytes]) -> tuple[Intent, ...]:
    """Return the intents in a file, or on standard input; raises ``UsageError`` at the first fault."""
    from firedoor.adapters.intents import read_intents  # noqa: PLC0415
    from firedoor.adapters.manifests.files import read_bytes  # noqa: PLC0415
    from firedoor.adapters.manifests.texts import NotTextError, decode_text, split_documents  # noqa: PLC0415
    from firedoor.adapters.manifests.yaml_reader import UnreadableError, read  # noqa: PLC0415

    source = "<stdin>" if path == "-" else path
    try:
        text = decode_text(read_stdin() if path == "-" else read_bytes(Path(path)))
        documents = [read(part, line) for line, part in split_documents(text)]
    except NotTextError as error:
        raise SourceError(error.problem, place=source, remedy=error.remedy) from error
    except UnreadableError as error:
        raise SourceError(error.problem, place=f"{source}:{error.line}", remedy=error.remedy) from error
    return read_intents([each for each in documents if each is not None], source)


MOST_CONFIG_BYTES = 1024 * 1024
"""How large a configuration may be."""


def open_settings(path: str | None) -> Settings:
    """Return the configuration in a file, or the one for the current folder where none is named."""
    from firedoor.model.exceptions import Settings  # noqa: PLC0415

    if path is None:
        from firedoor.adapters.settings.finding import find_config  # noqa: PLC0415

        found = find_config(Path.cwd())
        if found is None:
            return Settings()
        path = os.path.relpath(found)
    from firedoor.adapters.manifests.files import opened  # noqa: PLC0415
    from firedoor.adapters.manifests.texts import NotTextError, decode_text, split_documents  # noqa: PLC0415
    from firedoor.adapters.manifests.yaml_reader import UnreadableError, read  # noqa: PLC0415
    from firedoor.adapters.settings.reading import read_settings  # noqa: PLC0415

    with opened(Path(path)) as stream:
        data = stream.read(MOST_CONFIG_BYTES + 1)
    if len(data) > MOST_CONFIG_BYTES:
        problem = f"more than {MOST_CONFIG_BYTES:,} bytes are no configuration"
        raise SourceError(problem, place=path, remedy="check the path")
    try:
        documents = [read(part, line) for line, part in split_documents(decode_text(data))]
    except NotTextError as error:
        raise SourceError(error.problem, place=path, remedy="give a configuration, which is YAML") from error
    except UnreadableError as error:
        raise SourceError(error.problem, place=f"{path}:{error.line}", remedy=error.remedy) from error
    whole = [each for each in documents if each is not None]
    if len(whole) > 1:
        raise UsageError(
            "a second document begins here", place=f"{path}:{whole[1].line}", remedy="a configuration is a single one"
        )
    return read_settings(whole[0] if whole else None, path, known_names())


def known_names() -> Known:
    """Return the names that a configuration may use."""
    from firedoor.adapters.settings.reading import Known  # noqa: PLC0415
    from firedoor.engine.reach.cni import PROFILES  # noqa: PLC0415
    from firedoor.usecases.review import all_checks  # noqa: PLC0415

    return Known(all_checks(), tuple(PROFILES))


def open_baseline(path: str) -> Baseline:
    """Return the baseline in a file."""
    from firedoor.adapters.settings.baselines import read_baseline  # noqa: PLC0415

    return read_baseline(path)


def save_baseline(baseline: Baseline) -> None:
    """Write a baseline to its file."""
    from firedoor.adapters.settings.baselines import write_baseline  # noqa: PLC0415

    write_baseline(baseline)


def open_audit_logs(paths: Sequence[str], *, open_stdin: Callable[[], IO[bytes]]) -> AuditSource:
    """Return the audit logs at some paths: files, folders, or ``-`` for standard input."""
    from firedoor.adapters.audit import AuditFiles  # noqa: PLC0415

    if len(set(paths)) < len(paths):
        raise UsageError("an audit log is given twice", remedy="its requests would be counted twice: leave one out")
    return AuditFiles(tuple(paths), open_stdin)


def policy_changes(old: Snapshot, new: Snapshot) -> tuple[PolicyChange, ...]:
    """Return the policies that are not the same in two snapshots."""
    from firedoor.adapters.store import diff_info  # noqa: PLC0415
    from firedoor.model.difference import PolicyChange  # noqa: PLC0415
    from firedoor.model.places import ObjectRef  # noqa: PLC0415
    from firedoor.model.snapshot import Snapshot  # noqa: PLC0415

    policies = (
        Snapshot(network_policies=each.network_policies, policy_objects=each.policy_objects) for each in (old, new)
    )
    return tuple(
        PolicyChange(ObjectRef(each.kind, each.namespace, each.name), str(each.change), each.fields)
        for each in diff_info(*policies).changes
    )


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

    return ContentSource((text,), None, namespace, version, bring)


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
