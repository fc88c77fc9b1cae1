"""Flows that are sent by OTLP, over real sockets: what is taken, what is rejected, and what is refused."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson

from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.following import line_format
from firedoor.adapters.flows.formats import Format, detect
from firedoor.adapters.flows.otlp import intake, server
from firedoor.adapters.flows.otlp.following import OtlpReceiver
from firedoor.adapters.flows.parts import PartReader
from firedoor.adapters.sinks.otlp import Otlp
from firedoor.errors import UsageError
from firedoor.model.alerting import SinkKind
from tests.adapters.flows.otlp.messages import Response, Status, request
from tests.adapters.flows.test_following import line
from tests.receiving import notice, plan

BINARY, TEXT = "application/x-protobuf", "application/json"
FIXTURES = Path(__file__).parent.parent / "formats" / "fixtures"
AWS = (
    '{"level":"info","ts":"2025-04-17T18:08:21.960Z","msg":"Flow Info:  ","Src IP":"10.152.50.234","Src Port":38940,'
    '"Dest IP":"10.152.49.161","Dest Port":8080,"Proto":"TCP","Verdict":"DENY"}'
)


class Sent:
    """An answer."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.content = answer.status, answer.headers, answer.read()

    @property
    def rejected(self) -> int:
        """How many records were rejected, by an answer in the binary form."""
        assert (self.status, self.headers["Content-Type"]) == (200, BINARY)
        return int(Response.FromString(self.content).partial_success.rejected_log_records)


class Receiver:
    """A receiver that listens, and what it told so far."""

    def __init__(self, form: Format | None = None, host: str = "127.0.0.1") -> None:
        self.said: list[str] = []
        self.receiver = OtlpReceiver((host, 0), form, self.said.append)
        self.host = host

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.receiver.port, timeout=120)

    def post(self, content: Any, form: str = BINARY, path: str = "/v1/logs", **headers: str) -> Sent:
        connection = self.connection()
        try:
            names = {name.replace("_", "-"): text for name, text in headers.items()}
            connection.request("POST", path, content, {"Content-Type": form, **names})
            return Sent(connection.getresponse())
        finally:
            connection.close()

    def send(self, *groups: list[Any]) -> Sent:
        return self.post(request(*groups).SerializeToString())

    def told(self) -> dict[str, list[int]]:
        """Return the ports of clients that were told since the last look, by format."""
        found: dict[str, list[int]] = {}
        for each in self.receiver.look():
            seen = [*each.part.connections, *each.part.totals]
            found.setdefault(each.format, []).extend(one.source.port for one in seen)
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.receiver.close()


def test_flows_are_taken_in_both_forms_and_packed(receiver: Receiver) -> None:
    assert receiver.said == [f"flows are taken at http://127.0.0.1:{receiver.receiver.port}/v1/logs"]
    binary = receiver.send([line(1), line(2)], [line(3)])
    assert (binary.status, binary.content, binary.headers["Content-Type"]) == (200, b"", BINARY)
    message = request([line(4)])
    text = receiver.post(MessageToJson(message).encode(), "application/json; charset=utf-8")
    assert (text.status, text.content, text.headers["Content-Type"]) == (200, b"{}", TEXT)
    packed = gzip.compress(message.SerializeToString()) + gzip.compress(b"")
    assert receiver.post(packed, Content_Encoding="gzip").rejected == 0
    assert receiver.post(iter([b"", message.SerializeToString()[:9], message.SerializeToString()[9:]])).rejected == 0
    # Of the last three the connection is one and the same.
    assert {form: sorted(ports) for form, ports in receiver.told().items()} == {"hubble": [1, 2, 3, 4]}
    assert receiver.told() == {}
    assert (receiver.receiver.troubles, receiver.receiver.places(), receiver.receiver.marks()) == ({}, (), {})


def test_a_connection_takes_many_requests(receiver: Receiver) -> None:
    connection = receiver.connection()
    for number in range(20):
        connection.request(
            "POST", "/v1/logs", request([line(number + 1)]).SerializeToString(), {"Content-Type": BINARY}
        )
        assert Sent(connection.getresponse()).rejected == 0
    connection.close()
    assert sorted(receiver.told()["hubble"]) == list(range(1, 21))


def test_formats_are_recognised_body_by_body(receiver: Receiver) -> None:
    structured = json.loads(line(7))
    assert receiver.send([line(1), AWS, line(2).encode(), structured], [json.dumps(structured, indent=2)]).rejected == 0
    found = receiver.told()
    assert sorted(found) == ["aws-network-policy", "hubble"]
    assert (sorted(set(found["hubble"])), found["aws-network-policy"]) == ([1, 2, 7], [38940])


@pytest.mark.parametrize("name", ["netobserv.jsonl", "ovn-acl.log", "conntrack-events.txt", "calico-flowlogs.jsonl"])
def test_what_files_tell_is_told(receiver: Receiver, name: str) -> None:
    lines = (FIXTURES / name).read_bytes().splitlines()
    form = detect(b"\n".join(lines))
    assert isinstance(form, Format)
    reader = PartReader(form)
    data = b"\n".join(each for each in lines if each) + b"\n"
    reader.take(Chunk(0, len(data), data), 1)
    expected = reader.part().tally
    rejected = receiver.send([each for each in lines if each]).rejected
    (part,) = [each.part for each in receiver.receiver.look() if each.format == form.name]
    assert (part.tally.records, part.tally.ignored) == (expected.records, expected.ignored)
    assert rejected == expected.malformed


def test_what_means_nothing_is_rejected_and_the_rest_is_taken(receiver: Receiver) -> None:
    broken = line(5).replace("10.0.0.1", "nowhere")
    sent = receiver.send([line(1), broken, None, 5, True, line(2)], [broken + line(3)])
    partial = Response.FromString(sent.content).partial_success
    assert partial.rejected_log_records == 5
    assert "IP.source" in partial.error_message
    parts = list(receiver.receiver.look())
    assert sum(each.part.tally.malformed for each in parts) == 5
    assert sorted(one.source.port for each in parts for one in each.part.connections) == [1, 2, 3]


def test_a_body_that_no_format_knows_is_of_the_one_beside_it_or_of_the_only_one(receiver: Receiver) -> None:
    other = '{"level":"info","ts":"2025-04-17T18:08:21.960Z","msg":"Starting"}'
    assert receiver.send([other]).rejected == 1
    assert receiver.send([other, AWS]).rejected == 0
    assert receiver.send([other]).rejected == 0
    receiver.send([line(1)])
    sent = receiver.send([other])
    assert sent.rejected == 1
    why = Response.FromString(sent.content).partial_success.error_message
    assert why.startswith("the format of the flows is not recognised: send lines as their sources write them")


def test_a_format_that_is_said_holds_for_all() -> None:
    made = Receiver(line_format("hubble"))
    try:
        assert made.send([line(1), AWS]).rejected == 1
        assert made.told()["hubble"] == [1]
    finally:
        made.receiver.close()


def test_events_of_our_own_sink_are_no_flows_and_it_understands_that(receiver: Receiver) -> None:
    sink = Otlp(plan(SinkKind.OTLP, f"http://127.0.0.1:{receiver.receiver.port}"))
    assert sink.send([notice(1), notice(2)]) == 2


@pytest.mark.parametrize(
    ("content", "headers", "status", "why"),
    [
        (b"\x0a\x05ab", {}, 400, "no ExportLogsServiceRequest: it is cut"),
        (b"no gzip at all", {"Content_Encoding": "gzip"}, 400, "its gzip is damaged"),
        (gzip.compress(b"x" * 99)[:-9], {"Content_Encoding": "gzip"}, 400, "its gzip is cut"),
        (b"x", {"Content_Encoding": "br"}, 415, "the Content-Encoding br is not known"),
        (b"x", {"path": "/v1/traces"}, 404, "only logs are taken, at /v1/logs"),
        (b"x", {"Transfer_Encoding": "gzip"}, 501, "the Transfer-Encoding gzip is not known"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    receiver: Receiver, content: bytes, headers: dict[str, str], status: int, why: str
) -> None:
    sent = receiver.post(content, **headers)
    assert (sent.status, sent.headers["Content-Type"]) == (status, BINARY)
    assert why in Status.FromString(sent.content).message


def test_other_forms_and_methods_are_refused(receiver: Receiver) -> None:
    other = receiver.post(b"a=b", "application/x-www-form-urlencoded")
    assert (other.status, other.headers["Content-Type"]) == (415, TEXT)
    connection = receiver.connection()
    connection.request("GET", "/v1/logs")
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    connection.close()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_refused(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, packed: bool, chunked: bool
) -> None:
    monkeypatch.setattr(server, "MOST_BYTES", 1 << 20)
    data = request(["x" * (1 << 20)]).SerializeToString()
    content = gzip.compress(data) if packed else data
    headers = {"Content_Encoding": "gzip"} if packed else {}
    sent = receiver.post(iter([content]) if chunked else content, **headers)
    assert (sent.status, Status.FromString(sent.content).message) == (413, "a request has at most 1 MiB")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"POST /v1/logs HTTP/1.1\r\nContent-Type: application/json\r\n\r\n", b"411"),
        (b"POST /v1/logs HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{}", b"400"),
        (
            b"POST /v1/logs HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            b"400",
        ),
    ],
)
def test_what_is_no_http_that_can_be_read_is_refused(receiver: Receiver, raw: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", receiver.receiver.port), 30) as one:
        one.sendall(raw)
        one.shutdown(socket.SHUT_WR)
        assert one.makefile("rb").readline().split()[1] == status
    assert receiver.send([line(1)]).rejected == 0


def test_who_sends_too_much_is_told_to_wait(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 2000)
    while (sent := receiver.send([line(1)])).status == 200:
        continue
    assert (sent.status, sent.headers["Retry-After"]) == (503, "1")
    assert "too much waits" in Status.FromString(sent.content).message
    receiver.told()
    assert receiver.send([line(2)]).rejected == 0


def test_many_send_at_the_same_time(receiver: Receiver) -> None:
    with ThreadPoolExecutor(16) as pool:
        sent = list(pool.map(lambda number: receiver.send([line(number), line(number + 100)]), range(1, 60)))
    assert {each.rejected for each in sent} == {0}
    assert len(set(receiver.told()["hubble"])) == 118


def test_too_many_connections_are_cut_off(receiver: Receiver) -> None:
    idle = [socket.create_connection(("127.0.0.1", receiver.receiver.port), 30) for _ in range(200)]
    with pytest.raises((OSError, http.client.HTTPException)):
        receiver.send([line(1)])
    for each in idle:
        each.close()


def test_it_listens_where_it_is_told_and_nowhere_else() -> None:
    made = Receiver(host="::1")
    try:
        assert made.send([line(1)]).rejected == 0
        with pytest.raises(UsageError, match="nothing can be served at ::1"):
            OtlpReceiver(("::1", made.receiver.port), None, made.said.append)
    finally:
        made.receiver.close()
    with pytest.raises(OSError, match="refused"):
        made.send([line(1)])
