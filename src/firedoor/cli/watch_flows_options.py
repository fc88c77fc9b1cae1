"""The options of ``firedoor watch`` about flows."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.flows_options import duration, open_store
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.usecases.watch_flows import FlowWatch

Function = TypeVar("Function", bound=Callable[..., Any])

_SECOND = 10**9
_LEARN = "24h"


@dataclass(frozen=True, slots=True)
class WatchedFlows:
    """Which flows are followed, and what is not new in them."""

    paths: tuple[str, ...]
    form: str
    mapping: str
    store: str | None
    learn: str | None

    @property
    def heartbeat(self) -> float:
        """After how many seconds there is to be a turn although nothing changed."""
        return 1.0 if self.paths else 15.0

    @contextmanager
    def opened(self, state: str | None, *, forget: bool) -> Iterator[FlowWatch | None]:
        """Yield what judges them, None where none are followed."""
        if not self.paths:
            yield None
            return
        from firedoor.bootstrap import open_flow_means  # noqa: PLC0415
        from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415
        from firedoor.usecases.watch_flows import FlowWatch  # noqa: PLC0415

        learn = self.learn or ("0s" if self.store else _LEARN)
        seconds = duration(learn) / _SECOND
        known = open_store(self.store).edges(FlowQuestion()) if self.store else ()
        with open_flow_means(
            self.paths,
            self.form,
            self.mapping,
            state,
            lambda text: click.echo(text, err=True),
            open_stdin=lambda: sys.stdin.buffer,
            is_forgetful=forget,
        ) as means:
            yield FlowWatch(means, known, seconds)


def watched_flows_options(function: Function) -> Function:
    """Add the options, as one `WatchedFlows`."""
    decorators = [
        click.option(
            "--flows",
            "paths",
            multiple=True,
            metavar="FILE",
            type=click.Path(allow_dash=True),
            help="Follow the flows in this file too, as tail -F does; - is stdin. Repeatable.",
        ),
        click.option(
            "--flows-format",
            "form",
            default="",
            metavar="NAME",
            help="Format of the flows, as flows import names it. Default: it is recognised.",
        ),
        click.option(
            "--flows-mapping",
            "mapping",
            default="",
            metavar="FILE",
            type=click.Path(),
            help="For CSV files of flows: which column is which field, in YAML.",
        ),
        click.option(
            "--store",
            metavar="DIR",
            type=click.Path(),
            help="Store of flows: connections that are in it are not told as new.",
        ),
        click.option(
            "--learn",
            metavar="DURATION",
            help=f"Connections are not new that are seen in so long at first. Default: {_LEARN}; 0s with --store.",
        ),
    ]

    @wraps(function)
    def collected(**values: Any) -> Any:
        paths, form, mapping, store, learn = (
            values.pop(each) for each in ("paths", "form", "mapping", "store", "learn")
        )
        return function(
            flows=_checked(WatchedFlows(tuple(map(str, paths)), form, str(mapping), store, learn)), **values
        )

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def _checked(flows: WatchedFlows) -> WatchedFlows:
    if not flows.paths and (flows.form or flows.mapping or flows.store or flows.learn):
        raise UsageError("--flows-*, --store and --learn are about flows", remedy="say which, with --flows FILE")
    if flows.form and flows.mapping:
        raise UsageError("--flows-format and --flows-mapping were both given", remedy="leave one of them out")
    if len(set(flows.paths)) < len(flows.paths):
        raise UsageError("a file of flows is given twice", remedy="leave one of them out")
    if flows.store and not Path(flows.store).is_dir():
        raise UsageError("there is no store of flows", place=flows.store, remedy="make it with flows import --store")
    if flows.learn is not None:
        duration(flows.learn)
    return flows
