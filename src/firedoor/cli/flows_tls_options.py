"""The options of how those who tell flows over gRPC are connected to, named as the ``hubble`` command names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.flows.relay.asking import Security


def tls_options() -> dict[str, Callable[..., Any]]:
    """Return the options by the names under which click passes them, for `security_of`."""
    path = click.Path()
    return {
        "tls": click.option("--tls", "tls", is_flag=True, help="Connect with TLS. Each of the next ones implies it."),
        "tls_authorities": click.option(
            "--tls-ca-cert-files",
            "tls_authorities",
            multiple=True,
            metavar="FILE",
            type=path,
            help="Whom to trust instead of the usual authorities, in PEM form. Repeatable, or with commas.",
        ),
        "tls_server_name": click.option(
            "--tls-server-name",
            "tls_server_name",
            metavar="NAME",
            help="The name that the certificate is to have, as in instance.hubble-relay.cilium.io.",
        ),
        "tls_certificate": click.option(
            "--tls-client-cert-file",
            "tls_certificate",
            metavar="FILE",
            type=path,
            help="A certificate to show, in PEM form.",
        ),
        "tls_key": click.option(
            "--tls-client-key-file", "tls_key", metavar="FILE", type=path, help="Its key, without a passphrase."
        ),
        "tls_unverified": click.option(
            "--tls-allow-insecure",
            "tls_unverified",
            is_flag=True,
            help="Take any certificate: whoever is in between can read and change what is told.",
        ),
    }


def security_of(values: dict[str, Any]) -> Security:
    """Take the values of the options out of all values, as one."""
    from firedoor.adapters.flows.relay.asking import Security  # noqa: PLC0415

    files = tuple(each for text in values.pop("tls_authorities") for each in str(text).split(",") if each)
    return Security(
        values.pop("tls"),
        files,
        values.pop("tls_server_name") or "",
        str(values.pop("tls_certificate") or ""),
        str(values.pop("tls_key") or ""),
        values.pop("tls_unverified"),
    )
