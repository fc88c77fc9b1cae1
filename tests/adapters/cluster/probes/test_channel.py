"""Commands over the channel protocol, as API servers speak it, and as they do not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from firedoor.adapters.cluster.config import connect
from firedoor.adapters.cluster.probes.channel import MOST_OUTPUT, Channel, Ran, exit_code
from firedoor.errors import SourceError
from tests.adapters.cluster.probes.exec_server import Answer, ExecServer, Peer
from tests.adapters.cluster.worlds import write_kubeconfig
from tests.fake_api_server import TOKEN

DONE = b'{"metadata":{},"status":"Success"}'
SEVEN = b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"7"}]}}'
NOT_THERE = 'unable to start container process: exec: "nc": executable file not found in $PATH: unknown'


def run(answer: Answer, folder: Path, *command: str, seconds: float = 30) -> tuple[Ran, Peer]:
    with ExecServer(answer) as server:
        channel = Channel(connect(write_kubeconfig(folder, server.url), None))
        begin = time.monotonic()
        ran = channel.run("shop", "web-0", "main", command or ("true",), seconds)
        assert time.monotonic() - begin < seconds + 30
        return ran, server.peers[0]


@pytest.mark.parametrize("protocol", ["v5.channel.k8s.io", "v4.channel.k8s.io"])
def test_what_a_command_says_and_how_it_ends(tmp_path: Path, protocol: str) -> None:
    def answer(peer: Peer) -> None:
        peer.accept(protocol)
        peer.send(1, b"")
        peer.send(1, "gr\u00fc".encode()[:3])
        peer.ping()
        peer.send(2, b"oh")
        peer.send(1, "gr\u00fc\u00df".encode()[3:])
        peer.send(3, SEVEN)

    ran, peer = run(answer, tmp_path, "/agnhost", "connect", "10.0.0.1:80 & $(x)", "--flag=\u00e4")
    assert ran == Ran(7, "gr\u00fc\u00df", "oh")
    assert peer.path == "/api/v1/namespaces/shop/pods/web-0/exec"
    assert [value for name, value in peer.query if name == "command"] == [
        "/agnhost", "connect", "10.0.0.1:80 & $(x)", "--flag=\u00e4",
    ]  # fmt: skip
    assert ("container", "main") in peer.query
    assert peer.headers["authorization"] == f"Bearer {TOKEN}"
    assert peer.headers["sec-websocket-protocol"] == "v5.channel.k8s.io,v4.channel.k8s.io"
    assert "origin" not in peer.headers


def test_much_output_is_read_and_dropped(tmp_path: Path) -> None:
    def answer(peer: Peer) -> None:
        peer.accept("v5.channel.k8s.io")
        for _ in range(100):
            peer.send(1, b"x" * 10_000)
        peer.send(3, DONE)

    ran, _ = run(answer, tmp_path)
    assert (ran.code, len(ran.out)) == (0, MOST_OUTPUT)


@pytest.mark.parametrize("trickle", [False, True])
def test_a_command_that_does_not_end_is_given_up(tmp_path: Path, trickle: bool) -> None:
    def answer(peer: Peer) -> None:
        peer.accept("v5.channel.k8s.io")
        for _ in range(3000 if trickle else 0):
            peer.send(1, b".")
            time.sleep(0.02)

    ran, _ = run(answer, tmp_path, seconds=3)
    assert (ran.code, ran.trouble) == (None, "it did not end within 3 s")


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    ran, _ = run(lambda _peer: None, tmp_path, seconds=0.3)
    assert (ran.code, ran.trouble) == (None, "the API server does not answer")


def test_a_stream_that_ends_too_early_tells_no_exit_code(tmp_path: Path) -> None:
    def answer(peer: Peer) -> None:
        peer.accept("v4.channel.k8s.io")
        peer.send(1, b"half")
        peer.close()

    ran, _ = run(answer, tmp_path)
    assert ran == Ran(None, "half", "", "the API server closed the stream before the command ended")


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        ("403 Forbidden", b'{"kind":"Status","message":"pods \\"web-0\\" is forbidden"}', 'pods "web-0" is forbidden'),
        ("500 Internal Server Error", b'container not found ("main")\n', 'container not found ("main")'),
        ("502 Bad Gateway", b"", "the API server answered 502"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(tmp_path: Path, status: str, body: bytes, trouble: str) -> None:
    ran, _ = run(lambda peer: peer.refuse(status, body), tmp_path)
    assert (ran.code, ran.trouble) == (None, trouble)


def test_refused_credentials_stop_everything(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="credentials were refused"):
        run(lambda peer: peer.refuse("401 Unauthorized", b"{}"), tmp_path)


def test_a_subprotocol_that_was_not_asked_for_is_not_spoken(tmp_path: Path) -> None:
    ran, _ = run(lambda peer: peer.accept("v1.channel.k8s.io"), tmp_path)
    assert ran.code is None
    assert "the connection to the API server broke" in ran.trouble


def test_nobody_there(tmp_path: Path) -> None:
    channel = Channel(connect(write_kubeconfig(tmp_path, "http://127.0.0.1:1"), None))
    assert "Connection refused" in channel.run("shop", "web-0", "main", ("true",), 5).trouble


@pytest.mark.parametrize(
    ("told", "code", "trouble"),
    [
        (DONE, 0, ""),
        (SEVEN, 7, ""),
        (
            b'{"status":"Failure","reason":"InternalError","message":"'
            + NOT_THERE.replace('"', '\\"').encode()
            + b'"}',
            None,
            NOT_THERE,
        ),
        (b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[]}}', None, "the server does not say"),
        (b"error dialing backend: EOF", None, "error dialing backend: EOF"),
        (b'{"status":1}', None, '{"status":1}'),
    ],
)
def test_the_exit_code_or_why_there_is_none(told: bytes, code: int | None, trouble: str) -> None:
    found = exit_code(told)
    assert found[0] == code
    assert trouble in found[1]
    assert bool(found[1]) == (code is None)
