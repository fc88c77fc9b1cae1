"""Channels to a server that tells flows, in plain text or with TLS."""

from __future__ import annotations

import socket
import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import grpc

from firedoor.adapters.flows.opening import failure
from firedoor.adapters.flows.relay.asking import HUBBLE_RELAY, Security, Service
from firedoor.errors import SourceError, UsageError

_PREFIX = "tls://"
_LAST_PORT = 65535
_PATIENCE = 10
# Servers written in Go close connections that ask more often than once in five minutes.
_KEEPALIVE_MS = 310_000
_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),  # a new channel tries at once, whatever became of earlier ones
    ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
    ("grpc.keepalive_timeout_ms", 20_000),
)


class Server:
    """A server at an address, to which channels can be opened."""

    def __init__(self, address: str, security: Security, service: Service = HUBBLE_RELAY) -> None:
        """Read the address and files of certificates; raises ``FiredoorError`` where they cannot be used."""
        self.is_secure = security.is_asked_for or address.startswith(_PREFIX)
        self.service = service
        self.host, self.port = _host_and_port(address.removeprefix(_PREFIX), service)
        self.name = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        self._security = security
        if bool(security.certificate) != bool(security.key):
            raise UsageError(
                "a client certificate needs its key, and a key its certificate",
                remedy="say both --tls-client-cert-file and --tls-client-key-file",
            )
        if security.is_unverified and security.authorities:
            raise UsageError(
                "--tls-allow-insecure and --tls-ca-cert-files exclude each other",
                remedy="leave --tls-allow-insecure out, so that the certificate is verified",
            )
        self._authorities = b"\n".join(map(_authority, security.authorities)) or None
        self._identity = _identity(security)

    def channel(self) -> grpc.Channel:
        """Open a channel; raises ``SourceError`` where what it needs is refused at once."""
        options: list[tuple[str, Any]] = list(_OPTIONS)
        if _is_here(self.host):
            options.append(("grpc.enable_http_proxy", 0))
        if not self.is_secure:
            return grpc.insecure_channel(self.name, options)
        authorities, expected = self._authorities, self._security.server_name
        if self._security.is_unverified:
            authorities, shown = self._shown()
            expected = expected or shown
        if expected:
            options.append(("grpc.ssl_target_name_override", expected))
        credentials = grpc.ssl_channel_credentials(authorities, *self._identity)
        return grpc.secure_channel(self.name, credentials, options)

    def _shown(self) -> tuple[bytes, str]:
        """Return the certificate that the server shows, and a name in it: gRPC cannot leave verifying out."""
        try:
            pem = self._certificate(_unverified()).encode()
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname = False
            trusting.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            trusting.load_verify_locations(cadata=pem.decode())
            return pem, self._name_in(trusting)
        except OSError as error:
            raise SourceError(
                f"its certificate cannot be fetched: {getattr(error, 'reason', '') or error.strerror or error}",
                place=self.name,
                remedy="check the address, and whether it speaks TLS",
            ) from error

    def _certificate(self, context: ssl.SSLContext) -> str:
        with self._handshake(context) as connection:
            return ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True) or b"")

    def _name_in(self, context: ssl.SSLContext) -> str:
        with self._handshake(context) as connection:
            found = connection.getpeercert() or {}
        names = [str(each[1]) for each in found.get("subjectAltName", ())]
        return names[0].replace("*", "any", 1) if names else ""

    def _handshake(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        context.set_alpn_protocols(["h2"])
        if self._security.certificate:
            context.load_cert_chain(self._security.certificate, self._security.key)
        plain = socket.create_connection((self.host, self.port), _PATIENCE)
        try:
            return context.wrap_socket(plain, server_hostname=self._security.server_name or self.host)
        except OSError:
            plain.close()
            raise


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _host_and_port(address: str, service: Service) -> tuple[str, int]:
    if address.startswith("["):
        host, _, rest = address[1:].partition("]")
        port = rest.removeprefix(":") if rest else str(service.port)
    elif address.count(":") > 1:
        host, port = address, str(service.port)
    else:
        host, colon, port = address.partition(":")
        port = port if colon else str(service.port)
    if not host or "/" in host or not (port.isascii() and port.isdigit()) or not 0 < int(port) <= _LAST_PORT:
        raise UsageError(
            f"{address!r} is no address of a {service.name}",
            remedy=f"write it as HOST:PORT, as in localhost:{service.port}",
        )
    return host, int(port)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _authority(path: str) -> bytes:
    data = _read(path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=data.decode())
    except (ssl.SSLError, ValueError) as error:
        remedy = "give certificates of authorities in PEM form"
        raise SourceError("holds no certificate that can be read", place=path, remedy=remedy) from error
    return data


def _identity(security: Security) -> tuple[bytes, bytes] | tuple[None, None]:
    if not security.key:
        return None, None
    key, certificate = _read(security.key), _read(security.certificate)
    try:
        # Without a passphrase to give, it would ask the terminal for one.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(security.certificate, security.key, lambda: "")
    except (ssl.SSLError, ValueError) as error:
        raise SourceError(
            f"is not the key of {security.certificate}, or one of them is not in PEM form, or needs a passphrase",
            place=security.key,
            remedy="give a certificate and its key, unencrypted",
        ) from error
    return key, certificate


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise failure(path, error) from error
