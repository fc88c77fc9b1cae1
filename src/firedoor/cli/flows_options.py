"""The options that the commands about flows share, and times and sizes as people write them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.interfaces import FlowStore
    from firedoor.model.flow_reading import FlowQuestion

Function = TypeVar("Function", bound=Callable[..., Any])

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(\d{1,9})([smhdw])")
_SIZE = re.compile(r"(\d{1,12})(|[kMGT])(i?)B?")
_POWERS = {"": 0, "k": 1, "M": 2, "G": 3, "T": 4}
_SECOND = 1_000_000_000
_VERDICTS = ("allowed", "denied", "audited", "other")

store_option = click.option(
    "--store",
    metavar="DIR",
    type=click.Path(),
    help="Folder of the store. Default: firedoor/flows in $XDG_DATA_HOME, or in ~/.local/share.",
)
cluster_option = click.option(
    "--cluster", default="", metavar="NAME", help="Only the flows that were imported as of this cluster."
)


def question_options(function: Function) -> Function:
    """Add the options that choose edges, as one `FlowQuestion`."""
    decorators = [
        store_option,
        cluster_option,
        click.option(
            "--from",
            "source",
            default="",
            metavar="END",
            help="Only from this end: namespace[/workload], or an address.",
        ),
        click.option(
            "--to",
            "destination",
            default="",
            metavar="END",
            help="Only to this end: namespace[/workload], or an address.",
        ),
        click.option(
            "--port",
            default="",
            metavar="PORT[/PROTOCOL]",
            help="Only to this port of the pods; any protocol unless said.",
        ),
        click.option(
            "--verdict", "verdicts", multiple=True, type=click.Choice(_VERDICTS), help="Only this verdict. Repeatable."
        ),
        click.option(
            "--since",
            default="",
            metavar="TIME",
            help="Only hours after this: 2026-01-31T12:00:00Z, or 2h for two hours ago.",
        ),
        click.option("--until", default="", metavar="TIME", help="Only hours before this."),
    ]

    @wraps(function)
    def collected(**values: Any) -> Any:
        names = ("cluster", "source", "destination", "port", "verdicts", "since", "until")
        return function(asked=_question(*(values.pop(name) for name in names)), **values)

    result: Any = collected
    for decorate in reversed(decorators):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def _question(
    cluster: str, source: str, destination: str, port: str, verdicts: tuple[str, ...], since: str, until: str
) -> FlowQuestion:
    from firedoor.model.flow_reading import FlowQuestion  # noqa: PLC0415
    from firedoor.model.flows import FlowVerdict  # noqa: PLC0415
    from firedoor.model.port_text import parse_port  # noqa: PLC0415

    protocol, number = parse_port(port) if port else ("", None)
    return FlowQuestion(
        cluster,
        source,
        destination,
        number,
        protocol if not port.isdigit() else "",
        tuple(map(FlowVerdict, verdicts)),
        moment(since) if since else None,
        moment(until) if until else None,
    )


def open_store(folder: str | None) -> FlowStore:
    """Return the store that is asked for."""
    from firedoor.bootstrap import open_flow_store  # noqa: PLC0415

    return open_flow_store(folder)


def moment(text: str) -> int:
    """Return a time, or a duration before now, in nanoseconds since 1970."""
    from firedoor.adapters.flows.times import nanoseconds  # noqa: PLC0415

    if _DURATION.fullmatch(text):
        return time.time_ns() - duration(text)
    try:
        return nanoseconds(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no time", remedy="write it as 2026-01-31T12:00:00Z, or 2h for two hours ago"
        ) from error


def duration(text: str) -> int:
    """Return a duration in nanoseconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no duration", remedy="write a number and s, m, h, d or w, as in 30d")
    return int(match[1]) * _SECONDS[match[2]] * _SECOND


def size(text: str) -> int:
    """Return a size in bytes."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no size", remedy="write it as in 500MB, 10GB or 2GiB")
    return int(match[1]) * int((1024 if match[3] else 1000) ** _POWERS[match[2]])
