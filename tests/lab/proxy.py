"""A proxy before the API server that sees every write, before the server does and before its answer goes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from firedoor.adapters.cluster.config import connect, credentials

Seen = Callable[[int], None]


class Proxy:
    """Passes requests on with the credentials of a kubeconfig, while it is used as a context manager."""

    def __init__(self, kubeconfig: Path) -> None:
        self.connection = connect(str(kubeconfig), None)
        self.before_write: Seen = lambda _number: None
        self.after_write: Seen = lambda _number: None
        self.writes = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self._server.daemon_threads = True

    def kubeconfig(self, target: Path) -> str:
        """Write a kubeconfig for the proxy, and return its path."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "proxy", "cluster": {"server": url}}],
            "users": [{"name": "proxy", "user": {"token": "none"}}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
            "current-context": "proxy",
        }
        target.write_text(json.dumps(config))
        return str(target)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_write = self.command != "GET" and "dryRun" not in self.path
        if is_write:
            self.proxy.writes += 1
            try:
                self.proxy.before_write(self.proxy.writes)
            except ConnectionError:
                self.close_connection = True
                return
        client = self.proxy.connection.client
        sent = {name: self.headers[name] for name in ("Content-Type", "Accept") if name in self.headers}
        answer = client.rest_client.pool_manager.request(
            self.command,
            client.configuration.host + self.path,
            body=body or None,
            headers={**sent, **credentials(self.proxy.connection)},
            retries=False,
        )
        if is_write:
            self.proxy.after_write(self.proxy.writes)
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)
        except ConnectionError:
            # Whoever asked was killed.
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = _pass_on  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep quiet."""
