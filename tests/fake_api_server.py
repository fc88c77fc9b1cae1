"""
An API server over real HTTP, for tests: discovery, lists in chunks, single objects, writes, and faults on demand.

Serves the objects it is given the way a real one does: the items of built-in lists
carry neither kind nor apiVersion, and a continue token names the key to go on after.
"""

import base64
import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests import fake_api_writes as writes

Manifest = dict[str, Any]

TOKEN = "a-good-token"
GIT_VERSION = "v1.34.2"

CLUSTER_SCOPED = {
    "Namespace", "Node", "ClusterRole", "ClusterRoleBinding", "CiliumClusterwideNetworkPolicy",
    "ClusterNetworkPolicy", "GlobalNetworkPolicy", "PersistentVolume",
}  # fmt: skip
BUILT_IN = {
    "v1": [
        "Namespace",
        "Node",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Pod",
        "ReplicationController",
        "Service",
        "ServiceAccount",
        "Secret",
    ],
    "apps/v1": ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"],
    "batch/v1": ["Job", "CronJob"],
    "discovery.k8s.io/v1": ["EndpointSlice"],
    "networking.k8s.io/v1": ["NetworkPolicy", "Ingress"],
    "rbac.authorization.k8s.io/v1": ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
}


def plural_of(kind: str) -> str:
    """Return the plural that the paths of a kind use."""
    name = kind.lower()
    if name.endswith("y"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith("s") else f"{name}s"


@dataclass
class Fault:
    """
    What goes wrong with a request whose path ends with the key it is stored under.

    `times` requests are affected (None: all of them), after the first `skip`.
    `body` replaces the answer's, `truncate` cuts the connection in the middle of it,
    `reset` cuts it before anything is sent, `delay` are seconds of silence.
    """

    status: int = 200
    times: int | None = None
    skip: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    truncate: bool = False
    reset: bool = False
    delay: float = 0.0
    fresh_token: bool = False
    continued_only: bool = False


class FakeAPIServer:
    """Serves `manifests` on an ephemeral port of 127.0.0.1, while it is used as a context manager."""

    def __init__(self, manifests: Iterable[Manifest] = ()) -> None:
        """Keep the objects by the list they belong to, in the order of their keys."""
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []  # the names in lower case
        self.faults: dict[str, list[Fault]] = defaultdict(list)
        self.served = {version: list(kinds) for version, kinds in BUILT_IN.items()}
        self.objects: dict[tuple[str, str], list[Manifest]] = defaultdict(list)
        self.always_named = False
        self.writes: list[tuple[str, str]] = []
        self.before_write: Callable[[int], None] = lambda _number: None
        self.after_write: Callable[[int], None] = lambda _number: None
        self._version = 0
        self._lock = Lock()
        for each in manifests:
            self.add(each)
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def add(self, manifest: Manifest) -> None:
        """Add an object; a kind that is not built in becomes a served one."""
        version, kind = manifest["apiVersion"], manifest["kind"]
        if kind not in self.served.setdefault(version, []):
            self.served[version].append(kind)
        self.objects[version, plural_of(kind)].append(manifest)

    def find(self, path: str) -> Manifest | None:
        """Return the object at a path."""
        code, found = self.answer(path, {})
        return found if code == 200 else None

    def write(self, method: str, path: str, query: dict[str, str], form: str, body: Any) -> tuple[int, Manifest]:
        """Do what a request asks for, and return status and JSON; with ``dryRun`` nothing is kept."""
        prefix, _, name = path.rpartition("/") if method != "POST" else (path, "", body["metadata"]["name"])
        parts = prefix.split("/")
        version, shelf = "/".join(parts[2:4]), self.objects["/".join(parts[2:4]), parts[-1]]
        namespace = parts[5] if len(parts) > 6 else ""
        if parts[-1] not in map(plural_of, self.served.get(version, ())):
            return 404, _status(404, "NotFound", "the server could not find the requested resource")
        if namespace and not any(_key(each)[1] == namespace for each in self.objects["v1", "namespaces"]):
            return 404, _status(404, "NotFound", f'namespaces "{namespace}" not found')
        with self._lock:
            live = next((each for each in shelf if _key(each) == (namespace, name)), None)
            manager = query.get("fieldManager", "unknown")
            if method == "POST":
                code, new = (
                    (409, _status(409, "AlreadyExists", "exists"))
                    if live
                    else writes.applied(None, body, manager, force=False)
                )
            elif form == "application/apply-patch+yaml":
                code, new = writes.applied(live, body, manager, force=query.get("force") == "true")
            elif live is None:
                return 404, _status(404, "NotFound", f'"{name}" not found')
            elif method == "DELETE":
                if not writes.is_expected(live, (body or {}).get("preconditions", {})):
                    return writes.OVERTAKEN
                shelf.remove(live)
                return 200, {"kind": "Status", "status": "Success"}
            else:
                code, new = writes.patched(live, body, manager)
            if code >= 400:
                return code, new
            self._version += 1
            metadata = {"uid": f"uid-{self._version}", **new["metadata"], "resourceVersion": f"{self._version}"}
            new = {**new, "metadata": metadata}
            if "dryRun" not in query:
                shelf[:] = [each for each in shelf if each is not live] + [new]
            return code, new

    def fail(self, path_end: str, fault: Fault) -> None:
        """Let requests fail whose path ends with `path_end`."""
        self.faults[path_end].append(fault)

    @property
    def url(self) -> str:
        """The server's URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        """The paths of the requests so far, without their queries."""
        return [urlsplit(target).path for _, target in self.requests]

    def __enter__(self) -> Self:
        """Start to serve."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop to serve."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fault_for(self, path: str, *, is_continued: bool) -> Fault | None:
        """Return the fault that befalls this request, if one does, and count it."""
        for end, faults in self.faults.items():
            for fault in faults if path.endswith(end) else ():
                if fault.continued_only and not is_continued:
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is None or fault.times > 0:
                    fault.times = None if fault.times is None else fault.times - 1
                    return fault
        return None

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Return status and JSON for a path, as an API server without faults."""
        parts = path.strip("/").split("/")
        if path == "/version":
            return 200, {"major": "1", "minor": "34", "gitVersion": GIT_VERSION}
        if path == "/apis":
            return 200, self._groups()
        if parts[0] == "api":
            version, rest = parts[1], parts[2:]
        elif len(parts) >= 3:
            version, rest = "/".join(parts[1:3]), parts[3:]
        else:
            return 404, _status(404, "NotFound", "no such path")
        if not rest:
            return self._resources(version)
        return self._objects(version, rest, query)

    def _groups(self) -> Manifest:
        versions: dict[str, list[str]] = defaultdict(list)
        for each in self.served:
            if "/" in each:
                versions[each.split("/")[0]].append(each)
        groups = [
            {
                "name": name,
                "versions": [{"groupVersion": v, "version": v.split("/")[1]} for v in found],
                "preferredVersion": {"groupVersion": found[0], "version": found[0].split("/")[1]},
            }
            for name, found in versions.items()
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}

    def _resources(self, version: str) -> tuple[int, Manifest]:
        if version not in self.served:
            return 404, _status(404, "NotFound", "the server could not find the requested resource")
        resources: list[Manifest] = []
        for kind in self.served[version]:
            entry = {
                "name": plural_of(kind), "singularName": kind.lower(), "kind": kind,
                "namespaced": kind not in CLUSTER_SCOPED, "verbs": ["create", "get", "list", "watch"],
            }  # fmt: skip
            resources += [entry, {**entry, "name": f"{plural_of(kind)}/status", "verbs": ["get", "patch"]}]
        return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": resources}

    def _objects(self, version: str, rest: list[str], query: dict[str, str]) -> tuple[int, Manifest]:
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        kinds = {plural_of(kind): kind for kind in self.served.get(version, ())}
        if rest[0] not in kinds:
            return 404, _status(404, "NotFound", "the server could not find the requested resource")
        found = [each for each in self.objects[version, rest[0]] if namespace in ("", _key(each)[0])]
        if len(rest) > 1:
            named = [each for each in found if each["metadata"]["name"] == rest[1]]
            return (200, named[0]) if named else (404, _status(404, "NotFound", f'"{rest[1]}" not found'))
        return 200, self._page(version, kinds[rest[0]], sorted(found, key=_key), query)

    def _page(self, version: str, kind: str, found: list[Manifest], query: dict[str, str]) -> Manifest:
        after = _from_token(query["continue"]) if "continue" in query else None
        rest = [each for each in found if after is None or _key(each) > after]
        limit = int(query.get("limit", 0)) or len(rest)
        page, left = rest[:limit], len(rest[limit:])
        metadata: Manifest = {"resourceVersion": "4711"}
        if left:
            metadata |= {"continue": _token(_key(page[-1])), "remainingItemCount": left}
        if version in BUILT_IN and not self.always_named:
            page = [{k: v for k, v in each.items() if k not in ("kind", "apiVersion")} for each in page]
        # Go writes an empty list that was never made as null.
        return {"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": page or None}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet of clients that went away, as the tests of timeouts do."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    fake: FakeAPIServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer a request, or fail as told."""
        parts = urlsplit(self.path)
        self.fake.requests.append(("GET", self.path))
        self.fake.headers.append({name.lower(): value for name, value in self.headers.items()})
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(401, json.dumps(_status(401, "Unauthorized", "Unauthorized")).encode(), Fault())
            return
        fault = self.fake.fault_for(parts.path, is_continued="continue" in query) or Fault()
        time.sleep(fault.delay)
        if fault.reset:
            self.close_connection = True
            self.connection.close()
            return
        status, content = self.fake.answer(parts.path, query)
        if fault.status != 200:
            status, content = (
                fault.status,
                _status(fault.status, "Fault", f"fault {fault.status} on {parts.path}"),
            )
        if fault.fresh_token:
            content["metadata"]["continue"] = _token(_from_token(query["continue"]), mark="fresh")
        self._send(status, json.dumps(content).encode() if fault.body is None else fault.body, fault)

    def _refuse(self) -> None:
        self.fake.requests.append((self.command, self.path))
        self._send(405, b"{}", Fault())

    def _write(self) -> None:
        """Do what a write asks for, or fail as told; faults are stored under the method and the path."""
        parts = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        self.fake.requests.append((self.command, self.path))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._send(401, json.dumps(_status(401, "Unauthorized", "Unauthorized")).encode(), Fault())
            return
        trial = "DRYRUN" if "dryRun" in query else self.command
        fault = self.fake.fault_for(f"{trial} {parts.path}", is_continued=False) or Fault()
        is_real = "dryRun" not in query
        if is_real:
            self.fake.writes.append((self.command, parts.path))
            self.fake.before_write(len(self.fake.writes))
        if fault.status != 200:
            content = _status(fault.status, "Fault", f"fault {fault.status} on {parts.path}")
            self._send(fault.status, json.dumps(content).encode() if fault.body is None else fault.body, fault)
            return
        status, answer = self.fake.write(self.command, parts.path, query, self.headers.get("Content-Type", ""), body)
        if is_real:
            self.fake.after_write(len(self.fake.writes))
        if fault.reset:
            self.close_connection = True
            self.connection.close()
            return
        self._send(status, json.dumps(answer).encode(), fault)

    do_POST = do_PATCH = do_DELETE = _write  # noqa: N815
    do_PUT = do_HEAD = do_OPTIONS = _refuse  # noqa: N815

    def _send(self, status: int, body: bytes, fault: Fault) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 2000:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault.truncate else body)
        self.close_connection = self.close_connection or fault.truncate

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep quiet."""


def _key(manifest: Manifest) -> tuple[str, str]:
    metadata = manifest["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _token(key: tuple[str, str], mark: str = "first") -> str:
    return base64.urlsafe_b64encode(json.dumps([mark, *key]).encode()).decode()


def _from_token(token: str) -> tuple[str, str]:
    _, namespace, name = json.loads(base64.urlsafe_b64decode(token))
    return namespace, name


def _status(code: int, reason: str, message: str) -> Manifest:
    return {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "code": code, "reason": reason, "message": message,
    }  # fmt: skip
