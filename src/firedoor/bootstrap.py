"""The composition root: what a person asked to read, into the adapter that reads it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from firedoor.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from firedoor.adapters.manifests.yaml_reader import Document
    from firedoor.adapters.plugins.loading import Plugin
    from firedoor.adapters.settings.reading import Known
    from firedoor.engine.flows.history import History
    from firedoor.interfaces import AuditSource, FlowSource, FlowStore, ManifestEditor, Progress, SnapshotSource
    from firedoor.model.difference import PolicyChange
    from firedoor.model.exceptions import Baseline, PluginName, Settings
    from firedoor.model.flows import FlowEdge
    from firedoor.model.generation import GeneratedPolicy
    from firedoor.model.intents import Intent
    from firedoor.model.raw_objects import RawObjects
    from firedoor.model.review import EarlierReport, RegularReview
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.custom_checks import OwnChecks


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

        return ClusterSource(kubeconfig=kubeconfig, context=context, raw=raw)
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
    from firedoor.adapters.settings.reading import Bring, read_settings  # noqa: PLC0415

    folder = Path(path).parent

    def beside(name: str) -> Iterator[tuple[Document, str]]:
        named = str(folder / name)
        return ((each, named) for each in _config_documents(named))

    whole = _config_documents(path)
    if len(whole) > 1:
        raise UsageError(
            "a second document begins here", place=f"{path}:{whole[1].line}", remedy="a configuration is a single one"
        )
    bring = Bring(beside, lambda names: [check.id for each in open_plugins(names) for check in each.checks])
    return read_settings(whole[0] if whole else None, path, known_names(), bring)


def _config_documents(path: str) -> list[Document]:
    """Return the documents of a configuration."""
    from firedoor.adapters.manifests.files import opened  # noqa: PLC0415
    from firedoor.adapters.manifests.texts import NotTextError, decode_text, split_documents  # noqa: PLC0415
    from firedoor.adapters.manifests.yaml_reader import UnreadableError, read  # noqa: PLC0415

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
    return [each for each in documents if each is not None]


def open_plugins(names: Sequence[PluginName]) -> Sequence[Plugin]:
    """Return the plugins of these names, loaded."""
    if not names:
        return ()
    from firedoor.adapters.plugins.loading import load_plugins  # noqa: PLC0415

    return load_plugins(names)


def raw_objects(settings: Settings) -> RawObjects | None:
    """Return what keeps the objects that custom checks ask for; None where there is no custom check."""
    if not settings.custom:
        return None
    from firedoor.model.custom_checks import KindPattern  # noqa: PLC0415
    from firedoor.model.raw_objects import RawObjects  # noqa: PLC0415

    kinds = [kind for check in settings.custom for kind in check.kinds]
    return RawObjects([KindPattern("v1", "Namespace"), *kinds])


def own_checks(settings: Settings, raw: RawObjects | None) -> OwnChecks:
    """Return the checks of plugins, and the custom checks made on the objects that were kept."""
    from firedoor.usecases.custom_checks import OwnChecks, judged  # noqa: PLC0415

    checks = tuple(check for each in open_plugins(settings.plugins) for check in each.checks)
    if raw is None:
        return OwnChecks(checks)
    disabled = {each.check for each in settings.disabled}
    custom = [each for each in settings.custom if each.id not in disabled]
    if not custom:
        return OwnChecks(checks)
    from firedoor.adapters.cel.evaluating import CelExpressions  # noqa: PLC0415

    with CelExpressions(custom) as expressions:
        found = judged(custom, raw.found, expressions, raw.gaps)
    return OwnChecks((*checks, *found.checks), found.gaps)


def compile_custom_checks(settings: Settings) -> None:
    """Compile the expressions of custom checks; raises ``UsageError`` where one is none."""
    if settings.custom:
        from firedoor.adapters.cel.evaluating import CelExpressions  # noqa: PLC0415

        with CelExpressions(settings.custom):
            pass


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


def open_flows(path: str, form: str, mapping: str, jobs: int, *, open_stdin: Callable[[], IO[bytes]]) -> FlowSource:
    """
    Return the flows in a file, or on standard input for ``-``.

    The format is recognised where neither it is named nor a mapping of columns is given.
    """
    from firedoor.adapters.flows.files import FlowFile  # noqa: PLC0415

    return FlowFile(path, open_stdin, form, jobs, mapping)


def open_flow_store(folder: str | None) -> FlowStore:
    """Return the store of flows in a folder, or where it is by default."""
    from firedoor.adapters.flows.store import Store, default_folder  # noqa: PLC0415

    return Store(Path(folder) if folder else default_folder())


def flow_history(snapshots: Sequence[tuple[Snapshot, str]], grace: int) -> History:
    """
    Return who had which address when, by snapshots, each with when it was taken as RFC 3339.

    A snapshot that tells itself when it was taken needs no time; one that does not, and has
    none, is taken to be always true. `grace` is in nanoseconds.
    """
    from firedoor.adapters.flows.times import nanoseconds  # noqa: PLC0415
    from firedoor.engine.flows.history import History, Seen  # noqa: PLC0415

    seen = []
    try:
        for snapshot, given in snapshots:
            time = given or snapshot.origin.captured_at
            seen.append(Seen(snapshot, nanoseconds(time) if time else None))
        return History(sorted(seen, key=lambda each: each.time or 0), nanoseconds, grace)
    except ValueError as error:
        raise SourceError(
            f"an object was created at no time: {error}", remedy="correct its metadata.creationTimestamp, or remove it"
        ) from error


def write_flows(edges: Iterable[FlowEdge], form: str, path: str) -> int:
    """Write edges to a file as Parquet, CSV or JSON lines, whole or not at all; return how many."""
    from firedoor.adapters.flows.exporting import export_edges  # noqa: PLC0415

    return export_edges(edges, form, Path(path))


def flows_sql(dialect: str, table: str) -> str:
    """Return the query of edges for an engine; raises ``UsageError`` where what writes it is not installed."""
    try:
        from firedoor.adapters.flows.portable import edges_sql  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            f"queries for other engines need the extra ibis: {error}", remedy="install firedoor[ibis]"
        ) from error
    return edges_sql(dialect, table)


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


def open_edges(path: str, *, read_stdin: Callable[[], bytes]) -> Iterator[FlowEdge]:
    """Yield the flow edges in a file of JSON Lines, or on standard input."""
    from firedoor.adapters.edges import read_edges  # noqa: PLC0415
    from firedoor.adapters.manifests.files import opened  # noqa: PLC0415

    if path == "-":
        yield from read_edges(read_stdin().splitlines(), "<stdin>")
        return
    with opened(Path(path)) as stream:
        yield from read_edges(stream, path)


def read_policies(policies: Sequence[GeneratedPolicy]) -> Snapshot:
    """Return what the loader of manifests makes of generated policies, written as they would be."""
    from firedoor.adapters.manifests.source import load_text  # noqa: PLC0415
    from firedoor.render.generation_yaml import policy_yaml  # noqa: PLC0415

    return load_text("".join(f"---\n{policy_yaml(each)}" for each in policies))


def write_policies(folder: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Write generated policies below a folder, and return the earlier ones that are removed."""
    from firedoor.adapters.folders import write_folder  # noqa: PLC0415
    from firedoor.render.generation_yaml import MARK  # noqa: PLC0415

    return write_folder(folder, files, MARK)


def latest_review(folder: str, time: str, namespace: str) -> EarlierReport | None:
    """Return the latest report of a folder that is not later than a time and about the same namespace, if any."""
    from firedoor.adapters.reviews import latest_report  # noqa: PLC0415

    return latest_report(folder, time, namespace)


def keep_review(folder: str, review: RegularReview) -> str:
    """Write the report of a review into a folder, beside the earlier ones, and return its path."""
    from firedoor.adapters.reviews import keep_report  # noqa: PLC0415
    from firedoor.render.review_json import review_json  # noqa: PLC0415

    return keep_report(folder, review.time, review_json(review))
