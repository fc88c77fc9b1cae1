"""Parsers that remember forget again: a file of any length takes bounded memory, and each file its own parser."""

from __future__ import annotations

import pytest

from firedoor.adapters.flows.formats import conntrack, kubernetes_audit, pcap
from firedoor.model.flows import FlowRecord
from tests.adapters.flows.formats.capture_files import RAW, SYN, tcp
from tests.adapters.flows.formats.capture_files import pcap as capture
from tests.adapters.flows.formats.golden import parser_of, told_by
from tests.adapters.flows.formats.test_pcap import _records

_NEW = (
    "[{}.5]\t    [NEW] tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport={} dport=80 [UNREPLIED] "
    "src=10.0.0.2 dst=10.0.0.1 sport=80 dport={}"
)
_STARTED = (
    '{{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"{}","stage":"{}","sourceIPs":["10.0.0.1"],'
    '"stageTimestamp":"2026-11-20T10:11:12Z"}}'
)


def _ports(told: list[tuple[int, object]]) -> list[tuple[int, int]]:
    return [(number, each.source.port) for number, each in told if isinstance(each, FlowRecord)]


def test_the_oldest_attempt_is_told_when_too_many_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conntrack, "_MOST", 2)
    lines = [_NEW.format(1763900000 + port, port, port).encode() for port in (1, 2, 3)]
    told = told_by(parser_of("conntrack"), lines)
    assert _ports(list(told)) == [(3, 1), (0, 2), (0, 3)]


def test_the_oldest_request_is_forgotten_when_too_many_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_audit, "_MOST", 1)
    stages = [("a", "ResponseStarted"), ("b", "ResponseStarted"), ("b", "ResponseComplete"), ("a", "ResponseComplete")]
    told = told_by(parser_of("kubernetes-audit"), [_STARTED.format(*each).encode() for each in stages])
    assert [isinstance(each, FlowRecord) for _, each in told] == [True, True, False, True]


def test_the_oldest_connection_of_a_capture_is_told_when_too_many_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = [(float(port), tcp("10.0.0.1", port, "10.0.0.2", 80, SYN)) for port in (1, 2, 1)]
    assert [(each.source.port, each.packets) for each in _records(capture(packets, RAW))] == [(1, 2), (2, 1)]
    monkeypatch.setattr(pcap, "_MOST", 1)
    assert [(each.source.port, each.packets) for each in _records(capture(packets, RAW))] == [(1, 1), (2, 1), (1, 1)]


def test_each_file_has_its_own_parser() -> None:
    header, row = b"start end srcaddr dstaddr", b"1763900000 1763900060 10.0.0.1 10.0.0.2"
    assert len(told_by(parser_of("aws-vpc-flow"), [header, row])) == 1
    (told,) = told_by(parser_of("aws-vpc-flow"), [row])
    assert "needs its header line" in str(told[1])
