"""Where commands take observed connections from: the store of flows, or a file of edges."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.flows_options import cluster_option, moment, open_store, store_option
from firedoor.cli.options import read_stdin
from firedoor.errors import NothingInScopeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.flows import FlowEdge

Function = TypeVar("Function", bound=Callable[..., Any])


class EdgeOptions:
    """Where edges come from; `is_store` says that it is the store, `path` names a file of edges."""

    def __init__(self, path: str | None, store: str | None, cluster: str, since: str, *, is_store: bool) -> None:
        """Take the options; raises ``UsageError`` where those of the store are given with a file."""
        if path is not None and (is_store or store or cluster or since):
            raise UsageError(
                "--from-edges is a file by itself", remedy="leave --from-flows, --store, --cluster and --since out"
            )
        if not is_store and path is None and (store or cluster or since):
            raise UsageError("--store, --cluster and --since are about the store of flows", remedy="add --from-flows")
        self.path = path
        self.is_store = is_store
        self.store = store
        self.cluster = cluster
        self._since = since

    @property
    def is_given(self) -> bool:
        """Whether there is a place to take edges from."""
        return self.is_store or self.path is not None

    def require(self) -> None:
        """Raise ``UsageError`` where there is none."""
        if not self.is_given:
            raise UsageError(
                "it is not said which connections were seen", remedy="give --flows for the store, or --from-edges FILE"
            )

    def edges(self) -> Iterator[FlowEdge]:
        """Yield the edges; raises ``NothingInScopeError`` where the store has none that are asked for."""
        from firedoor.bootstrap import open_edges  # noqa: PLC0415
        from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415

        if self.path is not None:
            return open_edges(self.path, read_stdin=read_stdin)
        store = open_store(self.store)
        found = list(store.edges(FlowQuestion(self.cluster, since=moment(self._since) if self._since else None)))
        if not found:
            raise NothingInScopeError(
                f"the store at {store.place} has no flows that are asked for",
                remedy="import some with `firedoor flows import`, or name another store with --store",
            )
        return iter(found)


def edges_options(function: Function) -> Function:
    """Add ``--from-flows``, ``--from-edges`` and the options of the store, as one `EdgeOptions`."""
    decorators = [
        click.option(
            "--from-flows",
            "--flows",
            "is_store",
            is_flag=True,
            help="Take connections that were seen from the store of flows.",
        ),
        click.option(
            "--from-edges",
            "path_of_edges",
            metavar="FILE",
            type=click.Path(allow_dash=True),
            help="Take connections that were seen from a file of edges (JSON Lines), or from stdin for -.",
        ),
        store_option,
        cluster_option,
        click.option(
            "--since",
            default="",
            metavar="TIME",
            help="Only hours of the store after this: 2026-01-31T12:00:00Z, or 30d for thirty days ago.",
        ),
    ]

    @wraps(function)
    def collected(**values: Any) -> Any:
        names = ("path_of_edges", "store", "cluster", "since")
        seen = EdgeOptions(*(values.pop(name) for name in names), is_store=values.pop("is_store"))
        return function(seen=seen, **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]
