"""The options of ``firedoor flows import`` for Hubble Relay, named as the ``hubble`` command names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.flows_options import duration, moment
from firedoor.cli.flows_tls_options import security_of, tls_options
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.adapters.flows.relay.asking import Security, Wanted

Function = TypeVar("Function", bound=Callable[..., Any])

GOLDMANE = "localhost:7443"
"""Where ``kubectl port-forward`` makes a Goldmane answer."""
RELAY = "localhost:4245"
"""Where ``cilium hubble port-forward`` makes a relay answer."""
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """Which Hubble Relay, or which Goldmane, to ask for which flows."""

    is_goldmane: bool
    address: str
    security: Security
    wanted: Wanted


def relay_options(function: Function) -> Function:
    """Add the options of Hubble Relay, as one `RelayOptions`; None where it is not asked."""
    options = {
        "relay_address": click.option(
            "--hubble-relay",
            "relay_address",
            is_flag=False,
            flag_value=RELAY,
            metavar="[HOST:PORT]",
            help=f"Read from Hubble Relay instead of files. Default: {RELAY}, where "
            "`cilium hubble port-forward` makes it answer; tls://HOST:PORT for TLS. Needs firedoor[hubble].",
        ),
        "goldmane": click.option(
            "--goldmane",
            is_flag=False,
            flag_value=GOLDMANE,
            metavar="[HOST:PORT]",
            help=f"Read from Calico's Goldmane instead. Default: {GOLDMANE}. Needs firedoor[hubble].",
        ),
        "relay_since": click.option(
            "--since",
            "relay_since",
            metavar="TIME",
            help="Of those: only flows after this, as 2026-01-31T12:00:00Z or 5m. Default: all that they hold.",
        ),
        "relay_until": click.option("--until", "relay_until", metavar="TIME", help="Of those: only flows before this."),
        "relay_last": click.option(
            "--last",
            "relay_last",
            type=click.IntRange(1),
            metavar="N",
            help="Of the relay: only the last N flows of each node.",
        ),
        "relay_follow": click.option(
            "--follow",
            "relay_follow",
            is_flag=True,
            help="Go on with the flows that happen, until Ctrl-C, which keeps what came.",
        ),
        "relay_for": click.option(
            "--for", "relay_for", metavar="DURATION", help="Follow for so long and then end, as in 5m."
        ),
    }
    tls = tls_options()

    @wraps(function)
    def collected(**values: Any) -> Any:
        security = security_of(values)
        return function(relay=_relay(security, *(values.pop(name) for name in options)), **values)

    result: Any = collected
    for decorate in reversed((*options.values(), *tls.values())):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def _relay(  # noqa: PLR0917 - in the order of the options
    security: Security,
    address: str | None,
    goldmane: str | None,
    since: str | None,
    until: str | None,
    last: int | None,
    follow: bool,
    limit: str | None,
) -> RelayOptions | None:
    from firedoor.adapters.flows.relay.asking import Wanted  # noqa: PLC0415

    if last is not None and (since is not None or until is not None):
        raise UsageError("--last excludes --since and --until", remedy="leave one of them out")
    if until is not None and (follow or limit is not None):
        raise UsageError("what is followed has no --until", remedy="say with --for how long to follow")
    wanted = Wanted(
        moment(since) if since is not None else 0,
        moment(until) if until is not None else None,
        last or 0,
        follow or limit is not None,
        duration(limit) / _SECOND if limit is not None else None,
    )
    if address is not None and goldmane is not None:
        raise UsageError("--hubble-relay and --goldmane were both given", remedy="leave one of them out")
    if goldmane is not None and last is not None:
        raise UsageError("--last is for Hubble Relay", remedy="say with --since from when on")
    if address is not None or goldmane is not None:
        return RelayOptions(goldmane is not None, str(goldmane or address), security, wanted)
    if wanted != Wanted() or security.is_asked_for:
        raise UsageError(
            "--since, --until, --last, --follow, --for and --tls... are for Hubble Relay and Goldmane",
            remedy="say --hubble-relay or --goldmane, or leave them out",
        )
    return None
