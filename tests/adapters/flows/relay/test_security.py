from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import grpc
import pytest

from firedoor.adapters.flows.relay import stream
from firedoor.adapters.flows.relay.asking import Security
from firedoor.adapters.flows.relay.channel import Server
from firedoor.errors import FiredoorError
from tests.adapters.flows.relay.serving import Relay, certificates, flow, imported, relay, tls

NAME = "instance.hubble-relay.cilium.io"


def security(**given: Any) -> Security:
    """Return how to connect, with the names of files in the folder of certificates."""
    folder = certificates()
    found: dict[str, Any] = dict(given)
    for name in {"certificate", "key"} & found.keys():
        found[name] = str(folder / found[name])
    if "authorities" in found:
        found["authorities"] = tuple(str(folder / each) for each in found["authorities"])
    return Security(**found)


CLIENT = {"certificate": "client.pem", "key": "client.key"}
TRUSTING: dict[str, Any] = {"authorities": ("ca.pem",), "server_name": NAME}


@pytest.fixture
def plain() -> Iterator[Relay]:
    with relay(flow(1, 1)) as server:
        yield server


@pytest.fixture
def secured() -> Iterator[Relay]:
    with relay(flow(1, 1), credentials=tls()) as server:
        yield server


@pytest.fixture
def asking() -> Iterator[Relay]:
    with relay(flow(1, 1), credentials=tls(asks=True)) as server:
        yield server


def failure(folder: Path, asked: Relay | str, given: Security | None = None) -> str:
    """Return what is told of an import that fails, without the place."""
    with pytest.raises(FiredoorError) as caught:
        imported(folder, asked, given)
    return str(caught.value).partition(": ")[2]


def test_a_server_with_a_certificate_of_the_authority_is_read(secured: Relay, tmp_path: Path) -> None:
    assert imported(tmp_path, secured, security(**TRUSTING)).tally.records == 1
    again = imported(tmp_path, f"tls://{secured.address}", security(**TRUSTING))
    assert again.tally.records == 0


def test_a_server_that_asks_who_connects_is_shown_the_certificate(asking: Relay, tmp_path: Path) -> None:
    assert imported(tmp_path, asking, security(**TRUSTING, **CLIENT)).tally.records == 1
    assert imported(tmp_path, asking, security(is_unverified=True, **CLIENT)).tally.records == 0
    assert failure(tmp_path, asking, security(**TRUSTING)) == (
        "it closed the connection; if it asks who connects, say --tls-client-cert-file and --tls-client-key-file"
    )


def test_a_server_that_refuses_with_an_alert_after_the_handshake_is_told(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates() / "server.pem", certificates() / "server.key")
    context.load_verify_locations(certificates() / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(ssl.SSLError):
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=answer, args=(listening,))
        thread.start()
        problem = failure(tmp_path, f"127.0.0.1:{listening.getsockname()[1]}", security(**TRUSTING))
        thread.join()
    assert problem.startswith("it closed the connection; if it asks who connects, say --tls-client-cert-file")


def test_any_certificate_is_taken_only_where_that_is_said(secured: Relay, tmp_path: Path) -> None:
    assert failure(tmp_path, secured, security(is_on=True)) == (
        "its certificate is not trusted; give the certificate of its authority with --tls-ca-cert-files"
    )
    assert failure(tmp_path, f"tls://{secured.address}") == (
        "its certificate is not trusted; give the certificate of its authority with --tls-ca-cert-files"
    )
    assert not (tmp_path / "ledger.json").exists()
    assert imported(tmp_path, secured, security(is_unverified=True)).tally.records == 1


def test_a_certificate_that_is_taken_unseen_is_taken_again_when_the_server_is_back(
    secured: Relay, tmp_path: Path
) -> None:
    told: list[str] = []
    stopped = Event()

    def restart() -> None:
        secured.wait_for(flow(1, 1))
        secured.stop()
        while not told:
            time.sleep(0.02)
        time.sleep(1)
        secured.tell(flow(2, 2))
        secured.start(tls())
        secured.wait_for(flow(2, 2))
        stopped.set()

    thread = Thread(target=restart)
    thread.start()
    given = security(is_unverified=True)
    found = imported(tmp_path, secured, given, follow=True, told=told, is_stopped=stopped.is_set)
    thread.join()
    assert found.tally.records == 2
    assert len(told) == 2


def test_a_certificate_for_another_name_is_refused(secured: Relay, tmp_path: Path) -> None:
    expected = (
        "its certificate is for another name; "
        "say which one with --tls-server-name, as in instance.hubble-relay.cilium.io"
    )
    assert failure(tmp_path, secured, security(authorities=("ca.pem",))) == expected
    assert failure(tmp_path, secured, security(authorities=("ca.pem",), server_name="relay.example")) == expected


def test_with_and_without_tls_do_not_fit(plain: Relay, secured: Relay, tmp_path: Path) -> None:
    assert failure(tmp_path, secured) == "it closed the connection; if it speaks TLS, say --tls"
    remedy = "it does not speak TLS; leave the options of TLS and tls:// out"
    assert failure(tmp_path, plain, security(is_on=True)) == remedy
    assert failure(tmp_path, plain, security(is_unverified=True)).startswith("its certificate cannot be fetched: ")


FORWARD = "check the address; from outside of the cluster run `cilium hubble port-forward` beside it"


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("localhost:1", f"nothing listens there; {FORWARD}"),
        ("relay.invalid", f"its name cannot be resolved; {FORWARD}"),
    ],
)
def test_a_wrong_address_is_told(address: str, problem: str, tmp_path: Path) -> None:
    assert failure(tmp_path, address) == problem


def test_a_server_that_says_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        assert failure(tmp_path, address) == f"it does not answer; {FORWARD}"


def test_a_server_that_is_none_of_hubble_is_told(tmp_path: Path) -> None:
    other = Relay().start(has_methods=False)
    remedy = "check the address; the port of Hubble Relay is 4245 where it is forwarded"
    try:
        assert (
            failure(tmp_path, other) == f"it answers, and has no Observer service, so it is no Hubble Relay; {remedy}"
        )
    finally:
        other.stop()
    web = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    thread = Thread(target=web.handle_request)
    thread.start()
    try:
        problem = failure(tmp_path, f"127.0.0.1:{web.server_port}")
        assert problem == f"what answers does not speak gRPC; {remedy}"
    finally:
        thread.join()
        web.server_close()


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "it wants to know who asks: because; give a client certificate with"),
        (grpc.StatusCode.PERMISSION_DENIED, "it does not let you read flows: because; ask who runs it"),
        (grpc.StatusCode.INVALID_ARGUMENT, "it does not take the request: because; leave --since"),
        (grpc.StatusCode.INTERNAL, "it failed: internal: because ?[31m; try again, or see its log"),
    ],
)
def test_what_the_server_refuses_is_told(plain: Relay, code: Any, problem: str, tmp_path: Path) -> None:
    plain.refusal = (code, "because\n\x1b[31m" if code is grpc.StatusCode.INTERNAL else "because")
    assert failure(tmp_path, plain).startswith(problem)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"authorities": ("none.pem",)}, "no such file"),
        ({"authorities": ("ca.key",)}, "holds no certificate that can be read"),
        ({"authorities": ("ca.srl",)}, "holds no certificate that can be read"),
        ({"certificate": "client.pem"}, "needs its key"),
        ({"key": "client.key"}, "needs its key"),
        ({"certificate": "client.pem", "key": "server.key"}, "is not the key of"),
        ({"certificate": "ca.srl", "key": "server.key"}, "is not the key of"),
        ({"authorities": ("ca.pem",), "is_unverified": True}, "exclude each other"),
    ],
)
def test_files_that_cannot_be_used_are_told_before_anything_is_asked(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(FiredoorError, match=problem):
        Server("localhost:4245", security(**given))


def test_a_key_with_a_passphrase_does_not_ask_for_it(tmp_path: Path) -> None:
    key = tmp_path / "locked.key"
    data = (certificates() / "client.key").read_bytes()
    key.write_bytes(_locked(data))
    with pytest.raises(FiredoorError, match="needs a passphrase"):
        Server("localhost:4245", Security(certificate=str(certificates() / "client.pem"), key=str(key)))


def _locked(key: bytes) -> bytes:
    command = ("openssl", "pkcs8", "-topk8", "-passout", "pass:secret")
    return subprocess.run(command, input=key, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("relay", "relay:4245"),
        ("relay:80", "relay:80"),
        ("10.0.0.1:1", "10.0.0.1:1"),
        ("[fd00::1]", "[fd00::1]:4245"),
        ("[fd00::1]:80", "[fd00::1]:80"),
        ("fd00::1", "[fd00::1]:4245"),
        ("tls://relay:443", "relay:443"),
    ],
)
def test_addresses_are_read(address: str, name: str) -> None:
    server = Server(address, Security())
    assert (server.name, server.is_secure) == (name, address.startswith("tls"))


@pytest.mark.parametrize(
    "address", ["", ":80", "relay:", "relay:0", "relay:65536", "relay:x", "http://relay:80", "[::1]x"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(FiredoorError, match="is no address of a Hubble Relay"):
        Server(address, Security())
