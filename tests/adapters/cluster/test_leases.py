"""A Lease is read, made and written as the API wants it, and what the server says against it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from firedoor.adapters.cluster.config import connect
from firedoor.adapters.cluster.leases import ClusterLease
from firedoor.errors import SourceError
from firedoor.model.leading import LeaseRecord

PATH = "/apis/coordination.k8s.io/v1/namespaces/ops/leases"
FIRST = LeaseRecord("one", 15, "2026-01-02T03:04:05.000006Z", "2026-01-02T03:04:05.000006Z", 0)


class Server:
    """Keeps one Lease as an API server does."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.answer: tuple[int, bytes] | None = None
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"told": self}))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def done(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.asked.append(f"{method} {path}")
        assert path == (PATH if method == "POST" else f"{PATH}/watch")
        if self.lease is None and method != "POST":
            return 404, {"message": "not found"}
        if method == "GET":
            return 200, self.lease
        if method == "POST" and self.lease is not None:
            return 409, {"message": "it exists"}
        version = "0" if self.lease is None else self.lease["metadata"]["resourceVersion"]
        if method == "PUT" and body["metadata"]["resourceVersion"] != version:
            return 409, {"message": "the object has been modified"}
        body["metadata"]["resourceVersion"] = str(int(version) + 1)
        self.lease = body
        return 201 if method == "POST" else 200, body


class _Handler(BaseHTTPRequestHandler):
    told: Server

    def _do(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        if self.told.answer is not None:
            self.told.asked.append(f"{self.command} {self.path}")
            code, data = self.told.answer
        else:
            code, found = self.told.done(self.command, self.path, body)
            data = json.dumps(found).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _do  # noqa: N815 - the names are the library's

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def lease(server: Server, tmp_path: Path) -> ClusterLease:
    config = {
        "clusters": [{"name": "a", "cluster": {"server": server.url}}],
        "users": [{"name": "a", "user": {"token": "t"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "current-context": "a",
    }
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps(config))
    return ClusterLease(connect(str(path), None), "ops", "watch", 5.0)


def test_what_is_made_is_read_and_written_again(server: Server, lease: ClusterLease) -> None:
    assert lease.name == "Lease ops/watch"
    assert lease.read() is None
    assert lease.create(FIRST).record == FIRST
    found = lease.read()
    assert found is not None
    assert found.record == FIRST
    second = LeaseRecord("other", 15, "x", "y", 1)
    assert lease.update(found, second).record == second
    with pytest.raises(SourceError, match="409: the object has been modified"):
        lease.update(found, FIRST)
    with pytest.raises(SourceError, match="409: it exists"):
        lease.create(FIRST)


def test_what_others_keep_in_it_stays(server: Server, lease: ClusterLease) -> None:
    metadata = {"name": "watch", "namespace": "ops", "resourceVersion": "7", "labels": {"a": "b"}}
    server.lease = {"metadata": metadata, "spec": {"strategy": "OldestEmulationVersion", "holderIdentity": None}}
    found = lease.read()
    assert found is not None
    assert found.record == LeaseRecord()
    lease.update(found, FIRST)
    assert server.lease["metadata"]["labels"] == {"a": "b"}
    assert server.lease["spec"]["strategy"] == "OldestEmulationVersion"
    assert server.lease["spec"]["holderIdentity"] == "one"


@pytest.mark.parametrize("code", [403, 500, 503, 429])
def test_a_request_that_is_not_done_is_sent_once(server: Server, lease: ClusterLease, code: int) -> None:
    server.answer = code, json.dumps({"message": "no"}).encode()
    for ask in (lease.read, lambda: lease.create(FIRST)):
        server.asked.clear()
        with pytest.raises(SourceError):
            ask()
        assert len(server.asked) == 1


def test_what_is_not_granted_is_named(server: Server, lease: ClusterLease) -> None:
    server.answer = 403, json.dumps({"message": "no"}).encode()
    with pytest.raises(SourceError, match="the verb get on leases") as told:
        lease.read()
    assert "get, create and update" in str(told.value.remedy)
    with pytest.raises(SourceError, match="the verb create on leases"):
        lease.create(FIRST)


@pytest.mark.parametrize("body", [b"not JSON", b'{"spec": {"leaseDurationSeconds": "x"}}'])
def test_an_answer_that_is_no_lease_is_told(server: Server, lease: ClusterLease, body: bytes) -> None:
    server.answer = 200, body
    with pytest.raises(SourceError, match="Lease"):
        lease.read()


def test_a_server_that_is_away_is_told(server: Server, lease: ClusterLease) -> None:
    server.close()
    with pytest.raises(SourceError):
        lease.read()
