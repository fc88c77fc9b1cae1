from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.adapters.sinks.syslog import Syslog, line
from firedoor.errors import UsageError
from firedoor.model.alerting import Secret, SinkKind
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from tests.certificates import Authority
from tests.receiving import event, free_port, notice, plan, until

RFC5424 = re.compile(
    r"<(?P<priority>\d{1,3})>1 (?P<time>\S+) (?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<process>[!-~]{1,128}) "
    r"(?P<id>[!-~]{1,32}) \[(?P<block>[!-~]+?)(?P<data>( [!-~]{1,32}=\"([^\"\\\]]|\\[\"\\\]])*\")*)\] "
    r"\ufeff(?P<text>.*)"
)


class Collector:
    """Takes connections one after another, and what comes over them."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext | None) -> None:
        self.listener = listener
        self.context = context
        self.connections: list[socket.socket] = []
        self.data = b""
        Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                with suppress(OSError):
                    if self.context is not None:
                        connection = self.context.wrap_socket(connection, server_side=True)
                    self.connections.append(connection)
                    while part := connection.recv(65536):
                        self.data += part

    @property
    def frames(self) -> list[str]:
        found, rest = [], self.data
        while rest:
            size, _, rest = rest.partition(b" ")
            found.append(rest[: int(size)].decode())
            rest = rest[int(size) :]
        return found


@contextmanager
def collecting(context: ssl.SSLContext | None = None) -> Iterator[Collector]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        collector = Collector(listener, context)
        yield collector
        for each in collector.connections:
            each.close()


def syslog(url: str, **others: object) -> Syslog:
    return Syslog(plan(SinkKind.SYSLOG, url, **others))


@contextmanager
def sending(sink: Syslog) -> Iterator[Syslog]:
    yield sink
    sink._leave()


def test_a_line_is_one_of_rfc_5424() -> None:
    found = RFC5424.fullmatch(line(event(), "node-1"))
    assert found is not None
    assert (int(found["priority"]), found["time"], found["host"]) == (13 * 8 + 3, "2026-01-02T03:04:05Z", "node-1")
    assert (found["app"], found["process"], found["id"]) == ("firedoor", "-", "connection-opened")
    assert found["block"] == "firedoor@32473"
    assert ' namespace="data" name="db"' in found["data"]
    assert found["text"] == "opened: shop/web -> data/db TCP/5432"


def test_hostile_names_stay_inside_their_values() -> None:
    evil = 'a"] [x@1 b="\\]\n<13>1 fake'
    found = RFC5424.fullmatch(line(event(evil, object=ObjectRef("Pod", evil, evil), causes=(evil,)), "h"))
    assert found is not None
    assert '\\"\\] [x@1 b=\\"\\\\\\] <13>1 fake' in found["data"]


@pytest.mark.parametrize(("severity", "level"), [(Severity.CRITICAL, 2), (Severity.MEDIUM, 4), (Severity.INFO, 6)])
def test_severities_are_those_of_syslog(severity: Severity, level: int) -> None:
    assert line(event(severity=severity), "h").startswith(f"<{13 * 8 + level}>1 ")


def test_udp_sends_a_datagram_for_each() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(60)
        with sending(syslog(f"udp://127.0.0.1:{server.getsockname()[1]}")) as sink:
            assert sink.send([notice(1), notice(2, message="x" * 100_000, evidence=("y" * 9000,) * 20)]) == 0
            first, second = server.recv(65536).decode(), server.recv(65536).decode()
    assert all(RFC5424.fullmatch(each) for each in (first, second))
    assert first.endswith("event 1")


def test_tcp_counts_octets_and_keeps_its_connection() -> None:
    with collecting() as server, sending(syslog(f"tcp://127.0.0.1:{server.listener.getsockname()[1]}")) as sink:
        sink.send([notice(1, message="Größe"), notice(2)])
        sink.send([notice(3)])
        until(lambda: len(server.frames) == 3)
        assert [each.rpartition("\ufeff")[2] for each in server.frames] == ["Größe", "event 2", "event 3"]
        assert len(server.connections) == 1


def test_a_connection_that_the_other_end_closed_is_made_anew() -> None:
    with collecting() as server, sending(syslog(f"tcp://127.0.0.1:{server.listener.getsockname()[1]}")) as sink:
        sink.send([notice(1)])
        until(lambda: len(server.frames) == 1)
        server.connections[0].shutdown(socket.SHUT_RDWR)
        server.connections[0].close()
        assert sink._socket is not None
        sink._socket.settimeout(60)
        assert sink._socket.recv(1, socket.MSG_PEEK) == b""
        sink.send([notice(2)])
        until(lambda: len(server.frames) == 2)
        assert len(server.connections) == 2


def test_tls_is_verified(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    files = tmp_path / "server.pem", tmp_path / "server.key"
    authority.write(*files)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with collecting(context) as server:
        url = f"tls://127.0.0.1:{server.listener.getsockname()[1]}"
        with sending(syslog(url, ca=str(authority.path))) as sink:
            sink.send([notice(1)])
            sink.send([notice(2)])
            until(lambda: len(server.frames) == 2)
    with collecting(context) as server:
        url = f"tls://127.0.0.1:{server.listener.getsockname()[1]}"
        with pytest.raises(NotTakenError, match="cannot be trusted: unable to get local issuer certificate"):
            syslog(url).send([notice(1)])
        assert server.frames == []


def test_nobody_there_is_trouble_that_may_pass() -> None:
    with pytest.raises(NotTakenError, match="cannot be sent: Connection refused") as caught:
        syslog(f"tcp://127.0.0.1:{free_port()}").send([notice()])
    assert not caught.value.is_refused


@pytest.mark.parametrize("url", ["http://x", "tls://", "tcp://x:0", "tcp://x:99999999", "udp://me@x", "tls://x/path"])
def test_what_is_no_address_of_syslog_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="is none of syslog"):
        syslog(url)


def test_an_address_may_be_missing_and_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="url is missing"):
        Syslog(msgspec.structs.replace(plan(SinkKind.SYSLOG, ""), url=None))
    monkeypatch.setenv("LOGS", "tcp://127.0.0.1:1")
    sink = Syslog(msgspec.structs.replace(plan(SinkKind.SYSLOG, ""), url=Secret(env="LOGS")))
    monkeypatch.delenv("LOGS")
    with pytest.raises(NotTakenError, match="LOGS is not set"):
        sink.send([notice()])
