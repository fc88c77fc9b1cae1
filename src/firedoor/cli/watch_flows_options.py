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
from firedoor.cli.flows_relay_options import GOLDMANE, RELAY
from firedoor.cli.flows_tls_options import security_of, tls_options
from firedoor.cli.options import host_and_port
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.bootstrap import Followed
    from firedoor.usecases.watch_flows import FlowWatch

Function = TypeVar("Function", bound=Callable[..., Any])

_SECOND = 10**9
_LEARN = "24h"


@dataclass(frozen=True, slots=True)
class WatchedFlows:
    """Which flows are followed, and what is not new in them."""

    followed: Followed
    store: str | None
    learn: str | None

    @property
    def heartbeat(self) -> float:
        """After how many seconds there is to be a turn although nothing changed."""
        return 1.0 if self.followed.is_any else 15.0

    @contextmanager
    def opened(self, state: str | None, *, forget: bool) -> Iterator[FlowWatch | None]:
        """Yield what judges them, None where none are followed."""
        if not self.followed.is_any:
            yield None
            return
        from firedoor.bootstrap import open_flow_means  # noqa: PLC0415
        from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415
        from firedoor.usecases.watch_flows import FlowWatch  # noqa: PLC0415

        learn = self.learn or ("0s" if self.store else _LEARN)
        seconds = duration(learn) / _SECOND
        known = open_store(self.store).edges(FlowQuestion()) if self.store else ()
        with open_flow_means(
            self.followed,
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
            "--flows-otlp",
            "otlp",
            metavar="[HOST]:PORT",
            help="Take flows that are sent there as log records by OTLP over HTTP. Default of HOST: 127.0.0.1.",
        ),
        click.option(
            "--hubble-relay",
            "relay",
            is_flag=False,
            flag_value=RELAY,
            metavar="[HOST:PORT]",
            help=f"Follow the flows that Hubble Relay tells. Default: {RELAY}, where `cilium hubble port-forward` "
            "makes it answer; tls://HOST:PORT for TLS. Needs firedoor[hubble].",
        ),
        click.option(
            "--goldmane",
            is_flag=False,
            flag_value=GOLDMANE,
            metavar="[HOST:PORT]",
            help=f"Follow the flows that Calico's Goldmane tells. Default: {GOLDMANE}, where `kubectl port-forward` "
            "makes it answer. Needs firedoor[hubble].",
        ),
        *tls_options().values(),
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
        return function(flows=_checked(values), **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def _checked(values: dict[str, Any]) -> WatchedFlows:
    """Take the values of the options out of all values."""
    from firedoor.bootstrap import Followed  # noqa: PLC0415

    paths, form, mapping, otlp, relay, goldmane, store, learn = (
        values.pop(each) for each in ("paths", "form", "mapping", "otlp", "relay", "goldmane", "store", "learn")
    )
    place = None if otlp is None else _here(otlp)
    followed = Followed(security_of(values), tuple(map(str, paths)), form, str(mapping), place, relay, goldmane)
    if not followed.is_any and (form or mapping or store or learn):
        raise UsageError("--flows-*, --store and --learn are about flows", remedy="say which, with --flows FILE")
    if followed.security.is_asked_for and not followed.is_asked:
        raise UsageError(
            "--tls... are for Hubble Relay and Goldmane", remedy="say --hubble-relay or --goldmane, or leave them out"
        )
    if relay is not None and goldmane is not None:
        raise UsageError("--hubble-relay and --goldmane were both given", remedy="leave one of them out")
    if form and mapping:
        raise UsageError("--flows-format and --flows-mapping were both given", remedy="leave one of them out")
    if (form or mapping) and not followed.has_lines:
        raise UsageError(
            "--flows-format and --flows-mapping are about lines of flows",
            remedy="leave them out, or say --flows FILE or --flows-otlp",
        )
    if len(set(followed.paths)) < len(followed.paths):
        raise UsageError("a file of flows is given twice", remedy="leave one of them out")
    if store and not Path(store).is_dir():
        raise UsageError("there is no store of flows", place=store, remedy="make it with flows import --store")
    if learn is not None:
        duration(learn)
    return WatchedFlows(followed, store, learn)


def _here(text: str) -> tuple[str, int]:
    """Return a host and port to listen at; without a host nobody else can send."""
    host, port = host_and_port(text if ":" in text else f":{text}")
    return host or "127.0.0.1", port
