"""What a server answers where it does not tell flows, in words for people."""

from __future__ import annotations

from typing import NamedTuple

import grpc

from firedoor.adapters.flows.relay.channel import Server
from firedoor.errors import SourceError

_LONGEST = 300


class _Known(NamedTuple):
    sign: str
    problem: str
    remedy: str


_OTHER_NAME = _Known(
    "Hostname Verification Check failed",
    "its certificate is for another name",
    "say which one with --tls-server-name, as in {host}",
)
_NO_HOST = _Known("errors resolving", "its name cannot be resolved", "{forward}")
# What versions of the library since 1.71 say.
_HANDSHAKES = (
    _Known(
        "CERTIFICATE_VERIFY_FAILED",
        "its certificate is not trusted",
        "give the certificate of its authority with --tls-ca-cert-files",
    ),
    _OTHER_NAME,
    _OTHER_NAME._replace(sign="is not in peer certificate"),
    _Known("WRONG_VERSION_NUMBER", "it does not speak TLS", "leave the options of TLS and tls:// out"),
    _Known(
        "Failed parsing HTTP/2",
        "what answers does not speak gRPC",
        "check the address; the port of {name} is {port} where it is forwarded",
    ),
    _NO_HOST,
    _NO_HOST._replace(sign="DNS resolution failed"),
    _Known("Connection refused", "nothing listens there", "{forward}"),
)
# A server written in Go ends the connection with an alert, which comes when the handshake is over for this end.
_CLOSED = ("Socket closed", "Connection reset", "Broken pipe", "GOAWAY", "Unwrap failed")
_REFUSED = {
    grpc.StatusCode.UNIMPLEMENTED: (
        "it answers, and has no {service} service, so it is no {name}",
        "check the address; the port of {name} is {port} where it is forwarded",
    ),
    grpc.StatusCode.UNAUTHENTICATED: (
        "it wants to know who asks",
        "give a client certificate with --tls-client-cert-file and --tls-client-key-file",
    ),
    grpc.StatusCode.PERMISSION_DENIED: ("it does not let you read flows", "ask who runs it"),
    grpc.StatusCode.INVALID_ARGUMENT: ("it does not take the request", "leave --since, --until and --last out"),
}


def is_final(error: grpc.RpcError) -> bool:
    """Return whether asking again would be answered in the same way."""
    return error.code() in _REFUSED


def fault(error: grpc.RpcError, server: Server) -> SourceError:
    """Return what a person can do about an error of a call."""
    code, details = error.code(), _printable(error.details() or "")
    if code in _REFUSED:
        problem, remedy = _REFUSED[code]
        told = "" if code is grpc.StatusCode.UNIMPLEMENTED or not details else f": {details[:_LONGEST]}"
        return SourceError(f"{_about(problem, server)}{told}", place=server.name, remedy=_about(remedy, server))
    for known in _HANDSHAKES:
        if known.sign in details:
            return SourceError(known.problem, place=server.name, remedy=_about(known.remedy, server))
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return SourceError("it does not answer", place=server.name, remedy=server.service.forward)
    if any(sign in details for sign in _CLOSED):
        remedy = (
            "if it asks who connects, say --tls-client-cert-file and --tls-client-key-file"
            if server.is_secure
            else "if it speaks TLS, say --tls"
        )
        return SourceError("it closed the connection", place=server.name, remedy=remedy)
    name = code.name.lower().replace("_", " ")
    return SourceError(
        f"it failed: {name}: {details[:_LONGEST]}", place=server.name, remedy="try again, or see its log"
    )


def _about(text: str, server: Server) -> str:
    service = server.service
    return text.format(
        name=service.name, host=service.host, port=service.port, service=service.service, forward=service.forward
    )


def _printable(text: str) -> str:
    """Return a text of the server on one line, without what a terminal would take for more than text."""
    return "".join(each if each.isprintable() else "?" for each in " ".join(text.split()))
