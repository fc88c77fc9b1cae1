"""Which cluster, and with whose credentials: kubeconfig, credential plugins, or the pod's own account."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_KUBECONFIG = "~/.kube/config"
OWN_NAMESPACE_FILE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
IN_CLUSTER_VARIABLE = "KUBERNETES_SERVICE_HOST"
MOST_CONNECTIONS = 1024
"""That may be kept open: each list that is followed has one."""


class Connection(Struct, frozen=True):
    """
    A server, ready to be asked.

    `client` is an ``ApiClient`` of the official package, of which only the
    configuration and the connection pool are used. `server` is its URL without
    credentials; `namespace` the context's own namespace, or empty.
    """

    client: Any
    server: str
    context: str
    namespace: str


class _Context(Struct, frozen=True):
    name: str
    namespace: str
    has_plugin: bool


def connect(kubeconfig: str | None, context: str | None) -> Connection:
    """
    Return the connection that kubectl would use; nothing is sent yet.

    In order: the file `kubeconfig`, the files that the variable KUBECONFIG lists,
    ``~/.kube/config``, and inside a pod its service account. Raises ``SourceError``.
    """
    paths = _paths(kubeconfig)
    if not paths:
        return _inside_pod(context)
    place = os.pathsep.join(paths)
    chosen = _choose(paths, context)
    from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415 - 200 ms, only when a cluster is asked
    from kubernetes.config import load_kube_config  # noqa: PLC0415

    configuration = Configuration()
    configuration.connection_pool_maxsize = MOST_CONNECTIONS
    with _overheard() as complaints, _as_source_errors(place):
        # Tokens that are refreshed are not written back: the user's file is not ours.
        load_kube_config(  # type: ignore[no-untyped-call]
            config_file=place, context=chosen.name, client_configuration=configuration, persist_config=False
        )
    if chosen.has_plugin and not (configuration.auth_settings() or configuration.cert_file):
        why = "; ".join(complaints) or "it gave no credential"
        raise SourceError(
            f"the credential plugin of context {chosen.name!r} failed: {_one_line(why)}",
            place=place,
            remedy="run `kubectl get namespaces` with the same context and mend what it reports",
        )
    server = without_credentials(configuration.host)
    return Connection(ApiClient(configuration), server, chosen.name, chosen.namespace)


@contextmanager
def connected(kubeconfig: str | None, context: str | None) -> Iterator[Connection]:
    """Yield the connection of `connect`, and close what it has opened by then."""
    connection = connect(kubeconfig, context)
    try:
        yield connection
    finally:
        connection.client.rest_client.pool_manager.clear()


def credentials(connection: Connection) -> dict[str, str]:
    """Return the headers that prove who is asking; an expired token is renewed first."""
    with _overheard(), _as_source_errors(f"context {connection.context!r}"):
        settings = connection.client.configuration.auth_settings().values()
    return {each["key"]: each["value"] for each in settings if each["in"] == "header" and each["value"]}


def without_credentials(url: str) -> str:
    """Return a URL less the user, password and query that it may carry."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable URL)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"), "", ""))


def _paths(kubeconfig: str | None) -> list[str]:
    """Return the existing kubeconfig files; none means that only the pod's own account is left."""
    named = (
        [kubeconfig] if kubeconfig else [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    )
    found = [str(path) for path in (Path(each).expanduser() for each in named or [DEFAULT_KUBECONFIG]) if path.exists()]
    if named and not found:
        origin = "" if kubeconfig else " (from the variable KUBECONFIG)"
        raise SourceError(
            f"there is no such kubeconfig file{origin}",
            place=os.pathsep.join(named),
            remedy="name an existing file with --kubeconfig or KUBECONFIG",
        )
    if not found and IN_CLUSTER_VARIABLE not in os.environ:
        raise SourceError(
            "no cluster is configured: there is no kubeconfig file",
            place=DEFAULT_KUBECONFIG,
            remedy="name one with --kubeconfig or KUBECONFIG, or analyse manifests with -f",
        )
    return found


def _choose(paths: list[str], wanted: str | None) -> _Context:
    """
    Return the context to use; what several files define, the first one decides, as for kubectl.

    Reads the files itself, because the official package lets the last
    ``current-context`` win, which is another cluster than kubectl's.
    """
    documents = [(path, _read(path)) for path in paths]
    contexts: dict[str, dict[str, Any]] = {}
    users: dict[str, dict[str, Any]] = {}
    clusters: dict[str, dict[str, Any]] = {}
    for path, document in documents:
        for inner, into in (("context", contexts), ("user", users), ("cluster", clusters)):
            for name, value in _entries(document, f"{inner}s", inner, path):
                into.setdefault(name, value)
    current = next((str(d["current-context"]) for _, d in documents if d.get("current-context")), "")
    name = wanted or current
    if name not in contexts:
        problem = f"there is no context {name!r}" if name else "no context is chosen (current-context is empty)"
        known = ", ".join(sorted(contexts)) or "none"
        raise SourceError(
            problem, place=os.pathsep.join(paths), remedy=f"choose one with --context; the file has: {known}"
        )
    if not clusters.get(str(contexts[name].get("cluster", "")), {}).get("server"):
        # The official package would turn to localhost instead.
        raise _broken(os.pathsep.join(paths), f"the cluster of context {name!r} has no server")
    user = users.get(str(contexts[name].get("user", "")), {})
    return _Context(name, str(contexts[name].get("namespace") or ""), "exec" in user)


def _read(path: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - a file that only live clusters need

    try:
        document = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(document, dict):
        raise _broken(path, "it is no YAML mapping")
    return document


def _entries(document: dict[str, Any], section: str, inner: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    entries = document.get(section) or []
    if not isinstance(entries, list):
        raise _broken(path, f"{section} is no list")
    for each in entries:
        if not isinstance(each, dict) or "name" not in each or not isinstance(each.get(inner) or {}, dict):
            raise _broken(path, f"an entry of {section} lacks its name or its {inner}")
        yield str(each["name"]), each.get(inner) or {}


def _broken(path: str, why: str) -> SourceError:
    return SourceError(
        f"the kubeconfig cannot be read: {_one_line(why)}",
        place=path,
        remedy="check it with `kubectl config view`",
    )


def _inside_pod(context: str | None) -> Connection:
    if context:
        raise SourceError(
            f"there is no context {context!r}: no kubeconfig file was found",
            place=DEFAULT_KUBECONFIG,
            remedy="name a kubeconfig with --kubeconfig, or give no context to be the pod's account",
        )
    from kubernetes.client import ApiClient, Configuration  # noqa: PLC0415
    from kubernetes.config import load_incluster_config  # noqa: PLC0415

    configuration = Configuration()
    configuration.connection_pool_maxsize = MOST_CONNECTIONS
    with _as_source_errors("the pod's service account"):
        load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    own = Path(OWN_NAMESPACE_FILE)
    namespace = own.read_text(encoding="utf-8").strip() if own.exists() else ""
    return Connection(ApiClient(configuration), without_credentials(configuration.host), "in-cluster", namespace)


@contextmanager
def _as_source_errors(place: str) -> Iterator[None]:
    """Turn whatever the official package raises for a bad configuration into an error for people."""
    from kubernetes.config import ConfigException  # noqa: PLC0415
    from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped] # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        yield
    except (
        ConfigException,
        OAuth2Error,
        HTTPError,
        OSError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    ) as e:
        # It checks little of what it reads, so that a wrong shape surfaces as any of these.
        why = _one_line(str(e) or type(e).__name__)
        raise SourceError(
            f"the cluster's configuration cannot be used: {why}",
            place=place,
            remedy="check that `kubectl get namespaces` works with it",
        ) from e


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """
    Collect what is logged as an error meanwhile.

    The official package logs the failure of a credential plugin and goes on without
    credentials; without a handler the message would land on stderr besides.
    """
    listener = _Listener()
    root = logging.getLogger()
    root.addHandler(listener)
    try:
        yield listener.heard
    finally:
        root.removeHandler(listener)


def _one_line(text: str) -> str:
    return " ".join(text.split())
