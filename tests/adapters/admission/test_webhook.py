"""The webhook over real TLS: questions, answers, and certificates that are exchanged."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from firedoor.adapters.admission import TlsFiles, serve
from firedoor.errors import SourceError, UsageError
from firedoor.model.admission import Objection, Proposal, Rule
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import ObjectRef
from tests.certificates import Authority

POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "deny", "namespace": "shop", "creationTimestamp": None},
    "spec": {"podSelector": {}},
}


@dataclass
class Judge:
    denied: tuple[Objection, ...] = ()
    warned: tuple[Objection, ...] = ()
    asked: list[Proposal] = field(default_factory=list)
    is_ready: bool = True
    failure: UsageError | None = None

    def __call__(self, proposal: Proposal) -> tuple[tuple[Objection, ...], tuple[Objection, ...]]:
        self.asked.append(proposal)
        if self.failure is not None:
            raise self.failure
        return self.denied, self.warned


@dataclass
class Client:
    port: int
    authority: Authority

    def send(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        context = ssl.create_default_context(cafile=str(self.authority.path))
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=body)
        try:
            with urllib.request.urlopen(request, timeout=60, context=context) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def ask(self, **request: Any) -> dict[str, Any]:
        kind = {"group": "networking.k8s.io", "version": "v1", "kind": "NetworkPolicy"}
        whole = {"uid": "u-1", "kind": kind, "namespace": "shop", "name": "deny", "operation": "CREATE", **request}
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": whole}
        status, text = self.send("/validate", json.dumps(review).encode())
        assert status == 200, text
        answer = json.loads(text)
        assert (answer["apiVersion"], answer["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
        assert answer["response"]["uid"] == "u-1"
        response: dict[str, Any] = answer["response"]
        return response

    def serial(self) -> int:
        context = ssl.create_default_context(cafile=str(self.authority.path))
        with (
            socket.create_connection(("127.0.0.1", self.port)) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as there,
        ):
            found = there.getpeercert(binary_form=True)
        assert found is not None
        return x509.load_der_x509_certificate(found).serial_number


@pytest.fixture
def judge() -> Judge:
    return Judge()


@pytest.fixture
def files(tmp_path: Path) -> TlsFiles:
    return TlsFiles(tmp_path / "tls.crt", tmp_path / "tls.key")


@pytest.fixture
def client(judge: Judge, files: TlsFiles, tmp_path: Path) -> Iterator[Client]:
    authority = Authority.make(tmp_path)
    authority.write(files.certificate, files.key)
    with serve(("127.0.0.1", 0), files, judge, lambda: judge.is_ready) as port:
        yield Client(port, authority)


def test_what_nothing_speaks_against_is_allowed(client: Client, judge: Judge) -> None:
    assert client.ask(object=POLICY) == {"uid": "u-1", "allowed": True}
    (proposal,) = judge.asked
    assert proposal.ref == ObjectRef("NetworkPolicy", "shop", "deny")
    assert isinstance(proposal.new, NetworkPolicy)
    assert proposal.old is None


def test_what_is_denied_says_why_and_what_is_a_warning_is_one(client: Client, judge: Judge) -> None:
    judge.denied = (Objection(Rule.FORBIDDEN, "it opens", "do not"), Objection(Rule.RISKY, "it gives"))
    judge.warned = (Objection(Rule.UNISOLATED, "nothing\nselects " + "x" * 300),)
    response = client.ask(object=POLICY)
    assert response["allowed"] is False
    assert response["status"] == {"code": 403, "message": "it opens; do not; it gives"}
    (warning,) = response["warnings"]
    assert warning.startswith("firedoor: nothing selects xxx")
    assert (len(warning), warning[-3:]) == (256, "...")


def test_a_deletion_has_an_old_object_alone(client: Client, judge: Judge) -> None:
    client.ask(object=None, oldObject=POLICY, operation="DELETE")
    (proposal,) = judge.asked
    assert proposal.new is None
    assert isinstance(proposal.old, NetworkPolicy)


def test_an_object_without_a_name_is_judged_all_the_same(client: Client, judge: Judge) -> None:
    client.ask(object={**POLICY, "metadata": {"generateName": "deny-", "namespace": "shop"}}, name="")
    (proposal,) = judge.asked
    assert proposal.new is not None
    assert proposal.new.metadata.name == "deny-new"


def test_an_object_that_cannot_be_read_passes_with_a_warning(client: Client, judge: Judge) -> None:
    response = client.ask(object={**POLICY, "spec": {"podSelector": 7}})
    assert response["allowed"] is True
    assert response["warnings"][0].startswith("firedoor cannot read this NetworkPolicy")
    assert judge.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"no JSON",
        b"[]",
        b'{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "1"}}',
        b'{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_question_is_refused(client: Client, judge: Judge, body: bytes) -> None:
    status, text = client.send("/validate", body)
    assert status == 400
    assert "AdmissionReview" in text
    assert judge.asked == []


def test_before_the_cluster_is_known_there_is_no_answer(client: Client, judge: Judge) -> None:
    judge.is_ready = False
    assert client.send("/validate", b"{}")[0] == 503
    assert [client.send(each)[0] for each in ("/healthz", "/readyz", "/other")] == [200, 503, 404]
    judge.is_ready = True
    assert client.send("/readyz")[0] == 200
    assert client.send("/elsewhere", b"{}")[0] == 404


def test_a_failure_is_told_and_is_no_answer(client: Client, judge: Judge) -> None:
    judge.failure = UsageError("it is wrong")
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1"}}
    assert client.send("/validate", json.dumps(review).encode()) == (500, "it is wrong\n")


def test_a_question_of_no_or_too_great_a_length_is_refused(client: Client) -> None:
    context = ssl.create_default_context(cafile=str(client.authority.path))
    for length in (b"", b"Content-Length: 99999999999\r\n"):
        with (
            socket.create_connection(("127.0.0.1", client.port)) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as there,
        ):
            there.sendall(b"POST /validate HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n")
            assert b" 413 " in there.recv(4096).splitlines()[0]


def test_new_certificates_are_taken_and_half_written_ones_are_not(client: Client, files: TlsFiles) -> None:
    first = client.serial()
    second = client.authority.write(files.certificate, files.key)
    assert second != first
    assert client.serial() == second
    whole = files.certificate.read_bytes()
    files.certificate.write_bytes(whole[:50])
    assert client.serial() == second
    files.certificate.write_bytes(whole)
    own = files.key.read_bytes()
    client.authority.write(files.certificate.with_name("other.crt"), files.key)
    assert client.serial() == second
    files.key.write_bytes(own)
    files.certificate.unlink()
    assert client.serial() == second
    third = client.authority.write(files.certificate, files.key)
    assert client.serial() == third


def test_who_does_not_shake_hands_keeps_nobody_waiting(client: Client) -> None:
    with socket.create_connection(("127.0.0.1", client.port)):
        assert client.send("/healthz")[0] == 200


def test_files_and_addresses_that_cannot_be_used_are_told_of(client: Client, judge: Judge, files: TlsFiles) -> None:
    with (
        pytest.raises(UsageError, match="nothing can be served"),
        serve(("127.0.0.1", client.port), files, judge, lambda: True),
    ):
        pass
    files.key.write_text("nothing")
    for each in (files, TlsFiles(files.certificate / "x", files.key)):
        with (
            pytest.raises(SourceError, match="the certificate cannot be used"),
            serve(("127.0.0.1", 0), each, judge, lambda: True),
        ):
            pass
