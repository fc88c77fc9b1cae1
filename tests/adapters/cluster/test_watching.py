"""One list is followed through everything that a server or the way to it can do."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from firedoor.adapters.cluster.config import connect
from firedoor.adapters.cluster.discovery import Resource
from firedoor.adapters.cluster.listing import Listing
from firedoor.adapters.cluster.readout import Held
from firedoor.adapters.cluster.watching import Lost, News, Put, Replaced, Troubled, Watch, WatchSettings
from firedoor.model.bulk_decoding import MOST_FOLLOWED
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Gap
from firedoor.model.workloads import Pod

PATIENCE = 90
POLICIES = Resource("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", is_namespaced=True)
PODS = Resource("", "v1", "Pod", "pods", is_namespaced=True)
HOLD = b"hold"
"""Ends an answer that is left open."""


def policy(name: str, version: int, **spec: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop", "uid": name, "resourceVersion": str(version)}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": {"podSelector": {}, **spec},
    }


def event(kind: str, thing: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


def bookmark(version: int) -> bytes:
    return event("BOOKMARK", {"kind": "NetworkPolicy", "metadata": {"resourceVersion": str(version)}})


def answer(status: int, *content: bytes) -> bytes:
    """Return an answer whose end is the end of the connection."""
    reason = HTTPStatus(status).phrase
    return f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\n\r\n".encode() + b"".join(content)


def status(code: int, message: str = "") -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "code": code, "message": message}


class Script:
    """A server that gives one answer after the other, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: SimpleQueue[bytes] = SimpleQueue()
        self.asked: SimpleQueue[dict[str, str]] = SimpleQueue()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._socket.close()
        for each in self._open:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                there, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(there)
            # Whoever is asked to stop may hang up at any moment.
            with suppress(OSError):
                self._answer(there)

    def _answer(self, there: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = there.recv(65536)
            if not part:
                there.close()
                return
            head += part
        target = head.split(b" ", 2)[1].decode()
        self.asked.put({name: each[0] for name, each in parse_qs(urlsplit(target).query).items()})
        content = self.answers.get()
        there.sendall(content.removesuffix(HOLD))
        if not content.endswith(HOLD):
            there.close()


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()
    yield script
    script.close()


class Followed:
    """A watch of the script, and what it told."""

    def __init__(self, script: Script, folder: Path, version: str, resource: Resource = POLICIES) -> None:
        config = {
            "clusters": [{"name": "a", "cluster": {"server": script.url}}],
            "users": [{"name": "a", "user": {"token": "t"}}],
            "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
            "current-context": "a",
        }
        path = folder / "kubeconfig"
        path.write_text(json.dumps(config))
        self.news: SimpleQueue[News] = SimpleQueue()
        held = Held(resource, "", Listing(version=version))
        self.watch = Watch(connect(str(path), None), held, WatchSettings(500, 60, lambda: 0.0), self.news.put)
        self.watch.start()

    def next(self) -> News:
        return self.news.get(timeout=PATIENCE)

    def put(self) -> Put:
        """Return what is put next; that there was trouble before does not matter."""
        while True:
            each = self.next()
            if not isinstance(each, Troubled):
                assert isinstance(each, Put), each
                return each


@pytest.fixture
def follow(script: Script, tmp_path: Path) -> Iterator[Followed]:
    followed = Followed(script, tmp_path, "7")
    yield followed
    followed.watch.stop()
    script.close()
    followed.watch.join()


def asked(script: Script) -> dict[str, str]:
    return script.asked.get(timeout=PATIENCE)


def test_a_stream_that_ends_is_begun_again_where_it_was(script: Script, follow: Followed) -> None:
    script.answers.put(answer(200, event("ADDED", policy("one", 8)), bookmark(12)))
    script.answers.put(answer(200, event("DELETED", policy("one", 13)), HOLD))
    first = asked(script)
    assert (first["watch"], first["allowWatchBookmarks"], first["resourceVersion"]) == ("1", "true", "7")
    added = follow.put()
    assert isinstance(added.value, NetworkPolicy)
    assert added.path == "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/one"
    assert asked(script)["resourceVersion"] == "12"
    gone = follow.put()
    assert (gone.path, gone.value) == (added.path, None)


def test_an_event_that_is_cut_off_is_asked_for_again(script: Script, follow: Followed) -> None:
    script.answers.put(answer(200, event("ADDED", policy("one", 8)), event("ADDED", policy("two", 9))[:40]))
    script.answers.put(answer(200, event("ADDED", policy("two", 9)), HOLD))
    assert follow.put().path.endswith("/one")
    asked(script)
    assert asked(script)["resourceVersion"] == "8"
    assert follow.put().path.endswith("/two")


@pytest.mark.parametrize("code", [410, 504])
def test_a_state_that_is_not_there_is_read_anew(script: Script, follow: Followed, code: int) -> None:
    script.answers.put(answer(code, json.dumps(status(code)).encode()))
    listed = {"metadata": {"resourceVersion": "50"}, "items": [policy("new", 49)]}
    script.answers.put(answer(200, json.dumps(listed).encode()))
    script.answers.put(answer(200, HOLD))
    asked(script)
    replaced = follow.next()
    assert isinstance(replaced, Replaced)
    assert [each.rpartition("/")[2] for each in replaced.listing.objects] == ["new"]
    assert "watch" not in asked(script)
    assert asked(script)["resourceVersion"] == "50"


def test_an_expired_state_may_also_be_told_of_in_the_stream(script: Script, follow: Followed) -> None:
    script.answers.put(answer(200, event("ERROR", status(410, "too old resource version"))))
    script.answers.put(answer(200, json.dumps({"metadata": {"resourceVersion": "50"}, "items": None}).encode()))
    script.answers.put(answer(200, event("ADDED", policy("one", 51)), HOLD))
    assert isinstance(follow.next(), Replaced)
    assert follow.put().path.endswith("/one")


@pytest.mark.parametrize("code", [403, 404, 405])
def test_a_list_that_may_not_be_read_any_more_is_lost(script: Script, follow: Followed, code: int) -> None:
    for _ in range(2):
        script.answers.put(answer(code, json.dumps(status(code)).encode()))
    assert isinstance(follow.next(), Lost)
    assert "watch" in asked(script)
    assert "watch" not in asked(script)
    follow.watch.join()


def test_a_list_that_may_be_read_and_not_watched_is_read_again_and_again(script: Script, follow: Followed) -> None:
    script.answers.put(answer(403, json.dumps(status(403)).encode()))
    script.answers.put(answer(200, json.dumps({"metadata": {"resourceVersion": "50"}, "items": []}).encode()))
    assert isinstance(follow.next(), Replaced)
    trouble = follow.next()
    assert isinstance(trouble, Troubled)
    assert "grant the verb watch" in trouble.reason


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (answer(500, b"oops"), "500 oops"),
        (answer(401, b"{}"), "the credentials were refused (401)"),
        (answer(200, b"not JSON\n"), "not what an API server sends"),
        (answer(200, b'{"object": {}}\n'), "not what an API server sends"),
        (answer(200, event("ERROR", status(500, "etcd is away"))), "etcd is away"),
        (answer(200), "ends the stream at once"),
        (b"", "the connection broke"),
    ],
)
def test_trouble_is_told_and_its_end_too(script: Script, follow: Followed, wrong: bytes, told: str) -> None:
    script.answers.put(wrong)
    script.answers.put(answer(200, event("ADDED", policy("one", 8)), HOLD))
    trouble = follow.next()
    assert isinstance(trouble, Troubled)
    assert told in trouble.reason
    over = follow.next()
    assert isinstance(over, Troubled)
    assert over.reason == ""
    assert follow.put().path.endswith("/one")


def test_an_object_that_cannot_be_read_is_a_gap_at_its_place(script: Script, follow: Followed) -> None:
    script.answers.put(answer(200, event("ADDED", policy("odd", 8, ingress=7)), HOLD))
    put = follow.put()
    assert isinstance(put.value, Gap)
    assert put.value.source == put.path


def test_stopping_does_not_wait_for_a_silent_server(script: Script, follow: Followed) -> None:
    script.answers.put(answer(200, bookmark(8), HOLD))
    asked(script)
    Event().wait(0.3)
    began = monotonic()
    follow.watch.stop()
    follow.watch.join()
    assert monotonic() - began < 30
    with pytest.raises(Empty):
        follow.news.get_nowait()


def test_what_pods_have_in_common_is_not_kept_of_all_that_ever_were(script: Script, tmp_path: Path) -> None:
    many = 3 * MOST_FOLLOWED
    pods = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": f"job-{number}",
                "namespace": "shop",
                "uid": str(number),
                "labels": {"a": f"{number}"},
            },
            "spec": {"containers": [{"name": "a", "image": "a"}]},
            "status": {"phase": "Running"},
        }
        for number in range(many)
    ]
    script.answers.put(answer(200, *(event("ADDED", each) for each in pods), HOLD))
    follow = Followed(script, tmp_path, "7", PODS)
    try:
        found = [follow.put().value for _ in pods]
        way = follow.watch._pods
        assert way is not None
        assert len(way._common) <= MOST_FOLLOWED
        assert [each.metadata.labels["a"] for each in found if isinstance(each, Pod)] == [str(n) for n in range(many)]
    finally:
        follow.watch.stop()
        script.close()
        follow.watch.join()
