"""Events by HTTP POST to a real server: signatures, TLS, redirects, hostile answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import time
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from firedoor.adapters.sinks.secrets import signing_keys
from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.adapters.sinks.webhook import Webhook, _signature
from firedoor.errors import UsageError
from firedoor.model.alerting import Secret, SinkKind
from firedoor.render.events_json import event_object
from tests.certificates import Authority
from tests.receiving import Reply, free_port, notice, plan, receiving

KEY = b"k" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
TOKEN = "very-secret-token"


def webhook(url: str, **others: object) -> Webhook:
    return Webhook(plan(SinkKind.WEBHOOK, url, **others), event_object, lambda: 1_767_323_045.9)


def problem(sink: Webhook) -> NotTakenError:
    with pytest.raises(NotTakenError) as caught:
        sink.send([notice()])
    return caught.value


def test_an_event_is_signed_as_standard_webhooks_says(monkeypatch: pytest.MonkeyPatch) -> None:
    new = "whsec_" + base64.b64encode(b"n" * 24).decode()
    monkeypatch.setenv("HOOK", f"{new} {SECRET}")
    with receiving() as server:
        assert webhook(server.url + "/hook", secret=Secret(env="HOOK")).send([notice(1)]) == 0
        (request,) = server.requests
    assert request.path == "/hook"
    assert request.document == event_object(notice(1).event)
    assert request.headers["Content-Type"] == "application/json"
    assert (request.headers["webhook-id"], request.headers["webhook-timestamp"]) == ("id1", "1767323045")
    signed = b"id1.1767323045." + request.body
    expected = ["v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in (b"n" * 24, KEY)]
    assert request.headers["webhook-signature"].split() == expected


def test_the_example_of_the_reference_implementation_has_its_signature() -> None:
    (key,) = signing_keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "here")
    signed = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
    assert _signature(key, signed) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_token_is_sent_with_tls_to_the_server_that_the_authority_vouches_for(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    files = tmp_path / "server.pem", tmp_path / "server.key"
    authority.write(*files)
    secret = tmp_path / "token"
    secret.write_text(f"{TOKEN}\n")
    with receiving(files) as server:
        sink = webhook(server.url, token=Secret(file=str(secret)), ca=str(authority.path))
        sink.send([notice()])
        secret.write_text("exchanged")
        sink.send([notice()])
        assert [each.headers["Authorization"] for each in server.requests] == [f"Bearer {TOKEN}", "Bearer exchanged"]
        assert "cannot be trusted" in problem(webhook(server.url)).problem
        other = tmp_path / "other"
        other.mkdir()
        assert "cannot be trusted" in problem(webhook(server.url, ca=str(Authority.make(other).path))).problem
        assert len(server.requests) == 2


def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    files = tmp_path / "server.pem", tmp_path / "server.key"
    authority.write(*files)
    (tmp_path / "token").write_text(TOKEN)
    with receiving() as thief, receiving(files) as server:
        for status in (301, 302, 307, 308):
            server.reply = Reply(status, b"", {"Location": thief.url})
            found = problem(webhook(server.url, token=Secret(file=str(tmp_path / "token")), ca=str(authority.path)))
            assert "a redirect, which is not followed" in found.problem
            assert not found.is_refused
        assert thief.requests == []


@pytest.mark.parametrize(
    ("reply", "told", "pause", "is_refused"),
    [
        (Reply(500, b"boom"), "answered 500: boom", 0, False),
        (Reply(429, b"", {"Retry-After": "7"}), "answered 429", 7, False),
        (Reply(503, b"", {"Retry-After": "9" * 500}), "answered 503", 999_999_999, False),
        (Reply(503, b"", {"Retry-After": "soon"}), "answered 503", 0, False),
        (Reply(503, b"", {"Retry-After": "\u00b2"}), "answered 503", 0, False),
        (Reply(401, b"no"), "answered 401: no", 0, False),
        (Reply(400, b"what?"), "answered 400: what?", 0, True),
        (Reply(413), "answered 413: ok", 0, True),
        (Reply(500, b"\x1b[2J\r\nerror: fake\xff"), "?[2J error: fake", 0, False),
        (Reply(500, b"x" * 100_000), "answered 500: " + "x" * 200, 0, False),
    ],
)
def test_an_answer_that_is_no_success_says_what_to_do(reply: Reply, told: str, pause: float, is_refused: bool) -> None:
    with receiving() as server:
        server.reply = reply
        found = problem(webhook(server.url))
    assert told in found.problem
    assert "\n" not in found.problem
    assert len(found.problem) < 300
    assert (found.pause, found.is_refused) == (pause, is_refused)


def test_a_date_in_the_answer_is_a_pause() -> None:
    with receiving() as server:
        server.reply = Reply(503, b"", {"Retry-After": "Wed, 01 Jan 2098 00:00:00 GMT"})
        assert problem(webhook(server.url)).pause > 1_000_000


def test_an_answer_that_repeats_the_token_does_not_bring_it_into_a_message(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    files = tmp_path / "server.pem", tmp_path / "server.key"
    authority.write(*files)
    (tmp_path / "token").write_text(TOKEN)
    with receiving(files) as server:
        server.reply = Reply(500, f"bad token {TOKEN}".encode())
        found = problem(webhook(server.url, token=Secret(file=str(tmp_path / "token")), ca=str(authority.path)))
    assert "bad token ..." in found.problem
    assert TOKEN not in found.problem


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_http_is_no_success(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        if b"Length: x" in answer:
            assert webhook(f"http://127.0.0.1:{listener.getsockname()[1]}").send([notice()]) == 0
        else:
            told = problem(webhook(f"http://127.0.0.1:{listener.getsockname()[1]}")).problem
            assert "did not answer properly" in told
        thread.join()


@pytest.mark.parametrize(("status", "told"), [(200, ""), (500, "answered 500: par")])
def test_of_an_answer_that_breaks_off_the_status_counts(status: int, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: 100\r\n\r\npar" % status)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        sink = webhook(f"http://127.0.0.1:{listener.getsockname()[1]}")
        if told:
            assert told in problem(sink).problem
        else:
            assert sink.send([notice()]) == 0
        thread.join()


def test_an_answer_without_end_holds_nobody_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 500 No\r\n\r\n")
                try:
                    for _ in range(3000):
                        connection.sendall(b"x")
                        time.sleep(0.02)
                except OSError:
                    return

        thread = Thread(target=serve, daemon=True)
        thread.start()
        began = time.monotonic()
        assert "answered 500" in problem(webhook(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=3.0)).problem
        assert time.monotonic() - began < 40
        thread.join()


def test_nobody_there_and_no_answer_are_told_apart() -> None:
    assert "cannot be connected to" in problem(webhook(f"http://127.0.0.1:{free_port()}")).problem
    assert "cannot be resolved" in problem(webhook("http://no-such-host.invalid")).problem
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = problem(webhook(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.2)).problem
        assert "did not answer in time" in told


def test_a_proxy_of_the_environment_is_used_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        webhook("http://hooks.example/x").send([notice()])
        assert [each.path for each in proxy.requests] == ["http://hooks.example/x"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        webhook(server.url).send([notice()])
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({"secret": Secret(env="NOT_SET_ANYWHERE")}, "NOT_SET_ANYWHERE is not set"),
        ({"secret": Secret(env="SHORT")}, "none of Standard Webhooks"),
        ({"secret": Secret(env="LINES")}, "line breaks"),
        ({"secret": Secret(file="/no/such/file")}, "/no/such/file cannot be read"),
        ({"ca": "/no/such/ca.pem"}, "has no certificates"),
        ({"ca": __file__}, "has no certificates"),
        ({"token": Secret(env="SHORT")}, "without TLS"),
        ({"url": None}, "url is missing"),
        ({"url": Secret(env="BAD_URL")}, "is none, or has a user"),
        ({"url": Secret(env="WITH_USER")}, "is none, or has a user"),
        ({"url": Secret(env="NO_PORT")}, "is none, or has a user"),
    ],
)
def test_what_is_wrong_with_a_plan_is_told_at_the_start(
    others: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "SHORT": "whsec_aGVsbG8=",
        "LINES": "one\ntwo",
        "BAD_URL": "ftp://x",
        "WITH_USER": "https://me:secret-word@x",
        "NO_PORT": "https://x:99999999",
    }.items():
        monkeypatch.setenv(name, text)
    wrong = msgspec.structs.replace(plan(SinkKind.WEBHOOK, "http://127.0.0.1:1"), **others)
    with pytest.raises(UsageError, match=told) as caught:
        Webhook(wrong, event_object)
    assert caught.value.place == "rules.yaml:3"
    assert not {"aGVsbG8", "secret-word"} & set(str(caught.value).split())


def test_a_secret_that_is_gone_meanwhile_is_no_crash(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    token = tmp_path / "token"
    token.write_text(TOKEN)
    sink = webhook("https://127.0.0.1:1", token=Secret(file=str(token)))
    token.unlink()
    assert "token cannot be read" in problem(sink).problem
    with receiving() as server:
        sink = webhook(server.url, secret=Secret(file=str(secret)))
        secret.write_bytes(b"\xff")
        assert "is empty, or no text" in problem(sink).problem
        secret.unlink()
        assert "cannot be read" in problem(sink).problem
        assert server.requests == []
