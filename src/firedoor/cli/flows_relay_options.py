"""The options of ``firedoor flows import`` for Hubble Relay, named as the ``hubble`` command names them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.flows_options import duration, moment
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from firedoor.adapters.flows.relay.asking import Security, Wanted

Function = TypeVar("Function", bound=Callable[..., Any])

_DEFAULT = "localhost:4245"
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RelayOptions:
    """Which Hubble Relay to ask for which flows."""

    address: str
    security: Security
    wanted: Wanted


def relay_options(function: Function) -> Function:
    """Add the options of Hubble Relay, as one `RelayOptions`; None where it is not asked."""
    path = click.Path()
    options = {
        "relay_address": click.option(
            "--hubble-relay",
            "relay_address",
            is_flag=False,
            flag_value=_DEFAULT,
            metavar="[HOST:PORT]",
            help=f"Read from Hubble Relay instead of files. Default: {_DEFAULT}, where "
            "`cilium hubble port-forward` makes it answer; tls://HOST:PORT for TLS. Needs firedoor[hubble].",
        ),
        "relay_since": click.option(
            "--since",
            "relay_since",
            metavar="TIME",
            help="Of the relay: only flows after this, as 2026-01-31T12:00:00Z or 5m. Default: all that nodes hold.",
        ),
        "relay_until": click.option(
            "--until", "relay_until", metavar="TIME", help="Of the relay: only flows before this."
        ),
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
        "relay_tls": click.option(
            "--tls", "relay_tls", is_flag=True, help="Connect with TLS. Each of the next ones implies it."
        ),
        "relay_authorities": click.option(
            "--tls-ca-cert-files",
            "relay_authorities",
            multiple=True,
            metavar="FILE",
            type=path,
            help="Whom to trust instead of the usual authorities, in PEM form. Repeatable, or with commas.",
        ),
        "relay_server_name": click.option(
            "--tls-server-name",
            "relay_server_name",
            metavar="NAME",
            help="The name that the certificate is to have, as in instance.hubble-relay.cilium.io.",
        ),
        "relay_certificate": click.option(
            "--tls-client-cert-file",
            "relay_certificate",
            metavar="FILE",
            type=path,
            help="A certificate to show, in PEM form.",
        ),
        "relay_key": click.option(
            "--tls-client-key-file", "relay_key", metavar="FILE", type=path, help="Its key, without a passphrase."
        ),
        "relay_unverified": click.option(
            "--tls-allow-insecure",
            "relay_unverified",
            is_flag=True,
            help="Take any certificate: whoever is in between can read and change what is told.",
        ),
    }

    @wraps(function)
    def collected(**values: Any) -> Any:
        return function(relay=_relay(*(values.pop(name) for name in options)), **values)

    result: Any = collected
    for decorate in reversed(options.values()):
        result = decorate(result)
    return result  # type: ignore[no-any-return]


def _relay(  # noqa: PLR0917 - in the order of the options
    address: str | None,
    since: str | None,
    until: str | None,
    last: int | None,
    follow: bool,
    limit: str | None,
    tls: bool,
    authorities: tuple[str, ...],
    server_name: str | None,
    certificate: str | None,
    key: str | None,
    unverified: bool,
) -> RelayOptions | None:
    from firedoor.adapters.flows.relay.asking import Security, Wanted  # noqa: PLC0415

    if last is not None and (since is not None or until is not None):
        raise UsageError("--last excludes --since and --until", remedy="leave one of them out")
    if until is not None and (follow or limit is not None):
        raise UsageError("what is followed has no --until", remedy="say with --for how long to follow")
    files = tuple(each for text in authorities for each in str(text).split(",") if each)
    security = Security(tls, files, server_name or "", str(certificate or ""), str(key or ""), unverified)
    wanted = Wanted(
        moment(since) if since is not None else 0,
        moment(until) if until is not None else None,
        last or 0,
        follow or limit is not None,
        duration(limit) / _SECOND if limit is not None else None,
    )
    if address is not None:
        return RelayOptions(address, security, wanted)
    if wanted != Wanted() or security != Security():
        raise UsageError(
            "--since, --until, --last, --follow, --for and --tls... are for Hubble Relay",
            remedy="say --hubble-relay, or leave them out",
        )
    return None
