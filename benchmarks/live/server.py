"""
An API server on loopback whose cluster changes: ``python -m benchmarks.live.server CLUSTER.json --rate 100``.

Prints its address, waits for a line on its input, changes so many objects a second for so long, and prints a line
of JSON for each change that is watched for, and a last one with how much it did. It ends with its input.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.live.churn import Churn
from benchmarks.live.store import CLUSTER_SCOPED, Kind, Store

KINDS = (
    ("v1", "Namespace"),
    ("v1", "Node"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("discovery.k8s.io/v1", "EndpointSlice"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
)
_BOOKMARK_SECONDS = 5.0
_VERBS = ["get", "list", "watch"]


class _Handler(BaseHTTPRequestHandler):
    store: Store
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer as an API server does."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path
        kind = next((each for each in self.store.kinds.values() if _path(each) == path), None)
        if kind is None:
            found = _described(self.store, path)
            self._send(HTTPStatus.NOT_FOUND if found is None else HTTPStatus.OK, found or _status(404, "not found"))
        elif query.get("watch") == "1":
            self._stream(kind, int(query["resourceVersion"]), float(query.get("timeoutSeconds", 300)))
        else:
            self._list(kind, query)

    def _list(self, kind: Kind, query: dict[str, str]) -> None:
        with self.store.changed:
            version, places = self.store.version, sorted(kind.objects)
            start = int(query.get("continue", "0").partition("/")[0])
            limit = int(query.get("limit", "0")) or len(places)
            items = [kind.objects[each] for each in places[start : start + limit]]
        metadata: dict[str, Any] = {"resourceVersion": query.get("continue", f"/{version}").partition("/")[2]}
        if start + limit < len(places):
            metadata |= {"continue": f"{start + limit}/{version}", "remainingItemCount": len(places) - start - limit}
        head = json.dumps({"kind": f"{kind.kind}List", "apiVersion": kind.api_version, "metadata": metadata})
        self._send_bytes(HTTPStatus.OK, head[:-1].encode() + b',"items":[' + b",".join(items) + b"]}")

    def _stream(self, kind: Kind, version: int, seconds: float) -> None:
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        end, told = time.monotonic() + seconds, time.monotonic()
        try:
            while (now := time.monotonic()) < end:
                events = self.store.since(kind, version, min(1.0, end - now))
                if events is None:
                    error = {"type": "ERROR", "object": _status(410, "too old resource version")}
                    self.wfile.write(json.dumps(error).encode() + b"\n")
                    return
                if events:
                    version = events[-1].version
                    self.wfile.write(b"".join(each.line for each in events))
                if now - told > _BOOKMARK_SECONDS:
                    told = now
                    mark = {"kind": kind.kind, "metadata": {"resourceVersion": str(version)}}
                    self.wfile.write(json.dumps({"type": "BOOKMARK", "object": mark}).encode() + b"\n")
        except OSError:
            return

    def _send(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        self._send_bytes(status, json.dumps(content).encode())

    def _send_bytes(self, status: HTTPStatus, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _path(kind: Kind) -> str:
    return f"/{'apis' if '/' in kind.api_version else 'api'}/{kind.api_version}/{kind.plural}"


def _status(code: int, message: str) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}


def _described(store: Store, path: str) -> dict[str, Any] | None:
    """Return what discovery says at a path; None where there is nothing."""
    versions = sorted({each.api_version for each in store.kinds.values()})
    if path == "/version":
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.2"}
    if path == "/apis":
        groups = [each.split("/") for each in versions if "/" in each]
        return {
            "kind": "APIGroupList",
            "groups": [
                {"name": name, "versions": [{"groupVersion": f"{name}/{version}", "version": version}]}
                for name, version in groups
            ],
        }
    version = path.removeprefix("/apis/").removeprefix("/api/")
    kinds = [each for each in store.kinds.values() if each.api_version == version]
    resources = [
        {"name": each.plural, "kind": each.kind, "namespaced": each.kind not in CLUSTER_SCOPED, "verbs": _VERBS}
        for each in kinds
    ]
    return {"kind": "APIResourceList", "groupVersion": version, "resources": resources} if resources else None


def main() -> None:
    """Serve a cluster, and change it when told to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live.server", description=__doc__)
    parser.add_argument("cluster", type=Path)
    parser.add_argument("--rate", type=float, default=100.0, help="changes a second")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    store = Store(KINDS)
    store.load(chosen.cluster)
    churn = Churn(store, chosen.seed)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"store": store}))
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    if sys.stdin.readline():
        for told in churn.run(chosen.rate, chosen.seconds):
            print(json.dumps(told), flush=True)
        print(json.dumps({"sent": churn.sent, "seconds": churn.seconds, "kinds": churn.kinds}), flush=True)
        sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
