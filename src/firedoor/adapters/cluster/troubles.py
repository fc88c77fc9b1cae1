"""Failures of the connection, in the words of somebody who has to mend them."""

from __future__ import annotations

from msgspec import Struct

from firedoor.errors import SourceError


class Trouble(Struct, frozen=True):
    """A broken connection as an error for people; `is_at_the_door` when the server was not even reached."""

    error: SourceError
    is_at_the_door: bool


def refused(server: str, context: str) -> SourceError:
    """Return the error for credentials that the server does not accept (401)."""
    return SourceError(
        "the credentials were refused (401)",
        place=server,
        remedy=f"log in again, or choose another context than {context!r}; see `kubectl auth whoami`",
    )


def unreachable(error: Exception, server: str) -> Trouble:
    """Return what an error of the transport library means, and what to do about it."""
    from urllib3 import exceptions  # noqa: PLC0415 - comes with the official client, and is as lazy

    # From the particular to the general: some of these classes are derived from others.
    known: tuple[tuple[type[Exception], str, str], ...] = (
        (exceptions.ProxyError, "the proxy cannot be used", "check HTTPS_PROXY, NO_PROXY and proxy-url"),
        (
            exceptions.NameResolutionError,
            "the name of the server cannot be resolved",
            "check the server in the kubeconfig, the network and the VPN",
        ),
        (
            exceptions.ConnectTimeoutError,
            "the server does not answer",
            "check the network, the VPN and any firewall between",
        ),
        (
            exceptions.NewConnectionError,
            "the connection cannot be made",
            "check that the cluster is running and the server in the kubeconfig is right",
        ),
        (
            exceptions.SSLError,
            "no trusted TLS connection can be made",
            "check certificate-authority-data, the client certificate and the server name in the kubeconfig",
        ),
        (
            exceptions.LocationValueError,
            "the URL of the server cannot be used",
            "check the server in the kubeconfig",
        ),
    )
    for kind, problem, remedy in known:
        if isinstance(error, kind):
            text = f"{problem} ({_cause(error)})"
            return Trouble(SourceError(text, place=server, remedy=remedy), is_at_the_door=True)
    if isinstance(error, exceptions.ReadTimeoutError):
        text, remedy = (
            "the server took too long to answer",
            "try again, with fewer namespaces or smaller pages",
        )
    else:
        text, remedy = (
            f"the connection broke ({_cause(error)})",
            "try again; check the network and any proxy between",
        )
    return Trouble(SourceError(text, place=server, remedy=remedy), is_at_the_door=False)


def _cause(error: BaseException) -> str:
    """Return the innermost reason in one line, without the library's own object names."""
    while True:
        inner = error.__cause__ or error.__context__
        reason = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        deeper = reason or inner
        if deeper is None:
            break
        error = deeper
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
