"""What was observed: audit logs, flows and their store, and the reports of earlier reviews."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

from firedoor.bootstrap.following import needing_grpc
from firedoor.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firedoor.adapters.flows.relay.asking import Security, Wanted
    from firedoor.engine.flows.history import History
    from firedoor.interfaces import AuditSource, FlowSource, FlowStore
    from firedoor.model.flows import FlowEdge
    from firedoor.model.review import EarlierReport, RegularReview
    from firedoor.model.snapshot import Snapshot


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


def open_hubble_relay(
    address: str,
    security: Security,
    wanted: Wanted,
    cluster: str,
    is_stopped: Callable[[], bool],
    tell: Callable[[str], None],
) -> FlowSource:
    """Return the flows that a Hubble Relay tells; raises ``UsageError`` where what asks it is not installed."""
    with needing_grpc("Hubble Relay"):
        from firedoor.adapters.flows.relay.channel import Server  # noqa: PLC0415
        from firedoor.adapters.flows.relay.source import HubbleRelay  # noqa: PLC0415
    return HubbleRelay(Server(address, security), wanted, cluster, is_stopped, tell)


def open_goldmane(
    address: str,
    security: Security,
    wanted: Wanted,
    cluster: str,
    is_stopped: Callable[[], bool],
    tell: Callable[[str], None],
) -> FlowSource:
    """Return the flows that a Goldmane tells; raises ``UsageError`` where what asks it is not installed."""
    with needing_grpc("Goldmane"):
        from firedoor.adapters.flows.goldmane.asking import GOLDMANE  # noqa: PLC0415
        from firedoor.adapters.flows.goldmane.source import Goldmane  # noqa: PLC0415
        from firedoor.adapters.flows.relay.channel import Server  # noqa: PLC0415
    return Goldmane(Server(address, security, GOLDMANE), wanted, cluster, is_stopped, tell)


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


def open_edges(path: str, *, read_stdin: Callable[[], bytes]) -> Iterator[FlowEdge]:
    """Yield the flow edges in a file of JSON Lines, or on standard input."""
    from firedoor.adapters.edges import read_edges  # noqa: PLC0415
    from firedoor.adapters.manifests.files import opened  # noqa: PLC0415

    if path == "-":
        yield from read_edges(read_stdin().splitlines(), "<stdin>")
        return
    with opened(Path(path)) as stream:
        yield from read_edges(stream, path)


def latest_review(folder: str, time: str, namespace: str) -> EarlierReport | None:
    """Return the latest report of a folder that is not later than a time and about the same namespace, if any."""
    from firedoor.adapters.reviews import latest_report  # noqa: PLC0415

    return latest_report(folder, time, namespace)


def keep_review(folder: str, review: RegularReview) -> str:
    """Write the report of a review into a folder, beside the earlier ones, and return its path."""
    from firedoor.adapters.reviews import keep_report  # noqa: PLC0415
    from firedoor.render.review_json import review_json  # noqa: PLC0415

    return keep_report(folder, review.time, review_json(review))
