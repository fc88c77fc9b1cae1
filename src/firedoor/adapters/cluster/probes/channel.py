"""Commands in containers: the exec subresource of a pod, over a WebSocket."""

from __future__ import annotations

import ssl
import threading
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from msgspec import Struct

from firedoor.adapters.cluster.config import credentials
from firedoor.adapters.cluster.requests import WriteStatus
from firedoor.adapters.cluster.troubles import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.adapters.cluster.config import Connection

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
"""Newest first; the second one is what servers before 1.30 speak."""
MOST_OUTPUT = 16_384
"""How many bytes of each stream are kept; what comes after is read and dropped."""

_OUT, _ERR, _STATUS = 1, 2, 3
_LARGEST_EXCERPT = 300


class Ran(Struct, frozen=True, gc=False):
    """
    What came of a command.

    `code` is its exit code; None where it could not be run, was cut off, or nobody knows: `trouble` says why.
    """

    code: int | None
    out: str = ""
    err: str = ""
    trouble: str = ""


class Channel:
    """Runs commands in containers of one cluster; may be used by several threads at the same time."""

    def __init__(self, connection: Connection) -> None:
        """Take over how the server is reached, and with whose credentials."""
        self._connection = connection
        self._lock = threading.Lock()
        configuration = connection.client.configuration
        name = {"server_hostname": configuration.tls_server_name} if configuration.tls_server_name else {}
        self._tls = {"context": _tls(configuration), **name}

    def run(self, namespace: str, pod: str, container: str, command: Sequence[str], seconds: float) -> Ran:
        """
        Return what a command does; it is given up after some seconds (it may go on in the container).

        Each argument is passed as it is: there is no shell between. Raises ``SourceError`` where the
        credentials are refused.
        """
        import websocket  # noqa: PLC0415 - comes with the official client, and is as lazy

        asked = [("container", container), ("stdout", "true"), ("stderr", "true")]
        asked += [("command", each) for each in command]
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/exec?{urlencode(asked)}"
        end = time.monotonic() + seconds
        stream = websocket.WebSocket(sslopt=self._tls, enable_multithread=False)
        stream.settimeout(seconds)
        try:
            self._open(stream, path)
            return _collected(stream, end, seconds)
        except websocket.WebSocketBadStatusException as error:
            if error.status_code == HTTPStatus.UNAUTHORIZED:
                raise refused(self._connection.server, self._connection.context) from error
            return Ran(None, trouble=_words(error.status_code, error.resp_body))
        except websocket.WebSocketTimeoutException:
            return Ran(None, trouble="the API server does not answer")
        except (websocket.WebSocketException, OSError, ValueError) as error:
            return Ran(None, trouble=f"the connection to the API server broke ({_one_line(str(error))})")
        finally:
            stream.shutdown()  # type: ignore[no-untyped-call]

    def _open(self, stream: Any, path: str) -> None:
        configuration = self._connection.client.configuration
        with self._lock:  # where an expired token is renewed, once for all
            proofs = credentials(self._connection)
        url = configuration.host + path
        stream.connect(
            url.replace("http", "ws", 1),
            header=[f"{key}: {value}" for key, value in {"User-Agent": "firedoor", **proofs}.items()],
            subprotocols=list(PROTOCOLS),
            suppress_origin=True,
            redirect_limit=0,
            **_proxy(configuration),
        )


def _collected(stream: Any, end: float, seconds: float) -> Ran:
    """Return what a command says until it ends (the channels of the subprotocol), or the time is over."""
    import websocket  # noqa: PLC0415

    texts = {_OUT: bytearray(), _ERR: bytearray()}
    late = f"it did not end within {seconds:g} s"
    while True:
        left = end - time.monotonic()
        if left <= 0:
            return _ran(None, texts, late)
        stream.settimeout(left)
        try:
            opcode, data = stream.recv_data()
        except websocket.WebSocketTimeoutException:
            return _ran(None, texts, late)
        if opcode == websocket.ABNF.OPCODE_CLOSE or not data:
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return _ran(None, texts, "the API server closed the stream before the command ended")
            continue
        kept = texts.get(data[0])
        if kept is not None:
            kept += data[1 : 1 + MOST_OUTPUT - len(kept)]
        elif data[0] == _STATUS:
            code, trouble = exit_code(data[1:])
            return _ran(code, texts, trouble)


def _ran(code: int | None, texts: dict[int, bytearray], trouble: str) -> Ran:
    out, err = (texts[each].decode("utf-8", "replace") for each in (_OUT, _ERR))
    return Ran(code, out, err, trouble)


class _Ending(WriteStatus):
    status: str = ""


def exit_code(data: bytes) -> tuple[int | None, str]:
    """Return what a ``metav1.Status`` on the error channel says: the exit code, or why there is none."""
    try:
        ending = msgspec.json.decode(data, type=_Ending)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None, _one_line(data[:_LARGEST_EXCERPT].decode("utf-8", "replace"))
    if ending.status == "Success":
        return 0, ""
    if ending.reason == "NonZeroExitCode":
        for each in ending.causes:
            if each.reason == "ExitCode" and each.message.isdecimal():
                return int(each.message), ""
    return None, _one_line(ending.message) or "the server does not say how the command ended"


def _words(code: int, body: Any) -> str:
    data = bytes(body or b"")
    try:
        message = msgspec.json.decode(data, type=WriteStatus).message
    except (msgspec.DecodeError, UnicodeDecodeError):
        message = data[:_LARGEST_EXCERPT].decode("utf-8", "replace")  # of a kubelet: text alone
    return _one_line(message) or f"the API server answered {code}"


def _tls(configuration: Any) -> ssl.SSLContext:
    """Return what a kubeconfig says of TLS, for connections that urllib3 does not make."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not configuration.verify_ssl or configuration.assert_hostname is False:
        context.check_hostname = False
    if not configuration.verify_ssl:
        context.verify_mode = ssl.CERT_NONE
    if configuration.ssl_ca_cert or configuration.ca_cert_data:
        context.load_verify_locations(configuration.ssl_ca_cert, cadata=configuration.ca_cert_data)
    else:
        context.load_default_certs()
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context


def _proxy(configuration: Any) -> dict[str, Any]:
    """Return the proxy that the other requests go through, in the terms of the WebSocket library."""
    if not configuration.proxy:
        return {"http_no_proxy": ["*"]}
    parts = urlsplit(configuration.proxy)
    auth = (parts.username, parts.password or "") if parts.username else None
    return {
        "http_proxy_host": parts.hostname,
        "http_proxy_port": parts.port or (443 if parts.scheme == "https" else 80),
        "http_proxy_auth": auth,
        "proxy_type": "http" if parts.scheme in {"http", "https"} else parts.scheme,
        "http_no_proxy": [each.strip() for each in (configuration.no_proxy or "").split(",") if each.strip()],
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
