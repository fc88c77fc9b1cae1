"""Captures become connections: who opened them, whether they were answered, and when."""

from __future__ import annotations

import io
import struct

import pytest

from firedoor.adapters.flows.formats import BinaryFormat, Ignored, MalformedLine, Told, detect, format_named
from firedoor.adapters.flows.formats.pcap import IDLE
from firedoor.model.flows import FlowRecord
from tests.adapters.flows.formats.capture_files import (
    ACK,
    CLIENT,
    ETHERNET,
    FIN,
    NULL,
    RAW,
    RST,
    SERVER,
    SLL,
    SLL2,
    SYN,
    block,
    echo,
    enhanced,
    ethernet,
    geneve,
    interface,
    ip,
    pcap,
    pcap_of,
    sctp,
    section,
    tcp,
    udp,
    vxlan,
)

_BEGIN = 1_763_900_000
_IDLE_SECONDS = IDLE // 1_000_000_000


def _told(file: bytes) -> list[Told | str]:
    found = format_named("pcap")
    assert isinstance(found, BinaryFormat)
    told: list[Told | str] = []
    try:
        told.extend(found.records(io.BytesIO(file)))
    except MalformedLine as error:
        told.append(error.reason)
    return told


def _records(file: bytes) -> list[FlowRecord]:
    return [each for each in _told(file) if isinstance(each, FlowRecord)]


def _short(file: bytes) -> list[str]:
    """Return ``source:port > destination:port protocol verdict reply`` of each record."""
    return [
        f"{each.source.address}:{each.source.port} > {each.destination.address}:{each.destination.port} "
        f"{each.protocol} {each.verdict} {each.is_reply}"
        for each in _records(file)
    ]


def _seconds(*packets: bytes, link: int = RAW) -> bytes:
    return pcap([(_BEGIN + index, packet) for index, packet in enumerate(packets)], link)


_SYN = tcp(CLIENT, 40000, SERVER, 80, SYN)
_SYN_ACK = tcp(SERVER, 80, CLIENT, 40000, SYN | ACK)
_ACK = tcp(CLIENT, 40000, SERVER, 80, ACK)
_FIN = tcp(CLIENT, 40000, SERVER, 80, FIN | ACK)
_ANSWERED = "10.0.0.1:40000 > 10.0.0.2:80 TCP allowed False"
_ATTEMPT = "10.0.0.1:40000 > 10.0.0.2:80 TCP other False"


def test_a_handshake_is_one_connection_of_who_sent_the_first_packet() -> None:
    (found,) = _records(_seconds(_SYN, _SYN_ACK, _ACK, _FIN))
    assert _short(_seconds(_SYN, _SYN_ACK, _ACK, _FIN)) == [_ANSWERED]
    assert (found.start, found.end) == (_BEGIN * 10**9, (_BEGIN + 3) * 10**9)
    assert (found.packets, found.octets) == (4, 160)


def test_an_attempt_without_an_answer_is_told_once_however_often_it_is_repeated() -> None:
    assert _short(_seconds(_SYN, _SYN, _SYN)) == [_ATTEMPT]


def test_a_refused_attempt_is_no_connection() -> None:
    assert _short(_seconds(_SYN, tcp(SERVER, 80, CLIENT, 40000, RST | ACK))) == [_ATTEMPT]


def test_an_answer_to_what_was_not_seen_tells_who_opened() -> None:
    assert _short(_seconds(_SYN_ACK)) == [_ANSWERED]


def test_of_a_connection_seen_in_its_midst_it_is_unknown_who_opened_it() -> None:
    assert _short(_seconds(_ACK, tcp(SERVER, 80, CLIENT, 40000, ACK))) == [
        "10.0.0.1:40000 > 10.0.0.2:80 TCP allowed None"
    ]


def test_the_end_of_a_connection_that_was_not_seen_is_ignored() -> None:
    assert _told(_seconds(_FIN)) == [Ignored("the end of a connection that was not seen")]


def test_the_same_ports_again_after_the_end_are_another_connection() -> None:
    assert _short(_seconds(_SYN, _SYN_ACK, _FIN, _SYN)) == [_ANSWERED, _ATTEMPT]


def test_the_first_packet_of_udp_opens_once_the_capture_has_run_for_a_while() -> None:
    query, answer = udp(CLIENT, 5000, SERVER, 53), udp(SERVER, 53, CLIENT, 5000)
    assert _short(_seconds(query, answer)) == ["10.0.0.1:5000 > 10.0.0.2:53 UDP allowed None"]
    late = pcap([(_BEGIN, _SYN), (_BEGIN + _IDLE_SECONDS + 1, query)], RAW)
    assert _short(late) == [_ATTEMPT, "10.0.0.1:5000 > 10.0.0.2:53 UDP other False"]


def test_a_pause_begins_another_connection_of_udp() -> None:
    query = udp(CLIENT, 5000, SERVER, 53)
    assert len(_records(pcap([(_BEGIN, query), (_BEGIN + _IDLE_SECONDS, query)], RAW))) == 1
    assert len(_records(pcap([(_BEGIN, query), (_BEGIN + _IDLE_SECONDS + 1, query)], RAW))) == 2


@pytest.mark.parametrize(
    ("client", "server", "ask", "answer", "name"),
    [(CLIENT, SERVER, 8, 0, "ICMP"), ("fd00::1", "fd00::2", 128, 129, "ICMPv6")],
)
def test_an_echo_is_a_connection_without_ports(client: str, server: str, ask: int, answer: int, name: str) -> None:
    file = _seconds(echo(client, server, ask, 7), echo(server, client, answer, 7), echo(client, server, ask, 8))
    assert _short(file) == [
        f"{client}:0 > {server}:0 {name} allowed False",
        f"{client}:0 > {server}:0 {name} other False",
    ]
    assert _short(_seconds(echo(server, client, answer, 9))) == [f"{client}:0 > {server}:0 {name} allowed False"]
    assert _told(_seconds(echo(client, server, 3, 0))) == [Ignored("an ICMP message that is no echo")]


def test_sctp_opens_with_init() -> None:
    file = _seconds(sctp(CLIENT, 1, SERVER, 2, 1), sctp(SERVER, 2, CLIENT, 1, 2), sctp(CLIENT, 3, SERVER, 2, 1))
    assert _short(file) == ["10.0.0.1:1 > 10.0.0.2:2 SCTP allowed False", "10.0.0.1:3 > 10.0.0.2:2 SCTP other False"]


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (ETHERNET, ethernet(_SYN)),
        (ETHERNET, ethernet(_SYN, 7)),
        (ETHERNET, ethernet(_SYN, 7, 9)),
        (ETHERNET, ethernet(vxlan(ethernet(_SYN)))),
        (ETHERNET, ethernet(vxlan(ethernet(_SYN, 3), 8472))),
        (ETHERNET, ethernet(geneve(ethernet(_SYN)))),
        (ETHERNET, ethernet(ip("192.0.2.1", "192.0.2.2", 4, _SYN))),
        (ETHERNET, ethernet(ip("2001:db8::1", "2001:db8::2", 4, _SYN))),
        (SLL, b"\0" * 14 + b"\x08\x00" + _SYN),
        (SLL2, b"\x08\x00" + b"\0" * 18 + _SYN),
        (NULL, b"\x02\0\0\0" + _SYN),
        (RAW, _SYN),
    ],
)
def test_the_packet_is_found_in_its_frame(link: int, frame: bytes) -> None:
    assert _short(_seconds(frame, link=link)) == [_ATTEMPT]


def test_extension_headers_of_ipv6_are_passed_over() -> None:
    whole = tcp("fd00::1", 1, "fd00::2", 2, SYN)
    hop = bytes([43, 0]) + b"\0" * 6 + bytes([44, 0]) + b"\0" * 6 + bytes([6, 0, 0, 0, 0, 0, 0, 1])
    assert _short(_seconds(ip("fd00::1", "fd00::2", 0, hop + whole[40:]))) == ["fd00::1:1 > fd00::2:2 TCP other False"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x00",
        ip("fd00::1", "fd00::2", 47, b"")[:39],
        ip(CLIENT, SERVER, 47, b"")[:19],
        _SYN[:30],
        _SYN[:6] + b"\x00\x10" + _SYN[8:],
        b"\x95" + _SYN[1:],
        ip("fd00::1", "fd00::2", 44, bytes([6, 0, 0, 9]) + b"\0" * 30),
        ip("fd00::1", "fd00::2", 0, b"\0\xff" * 3),
    ],
)
def test_what_is_no_packet_is_ignored(packet: bytes) -> None:
    (found,) = _told(_seconds(packet))
    assert isinstance(found, Ignored)


def test_a_tunnel_that_holds_no_packet_is_a_datagram() -> None:
    assert len(_records(_seconds(vxlan(b"short"), geneve(b"")))) == 2


def test_tunnels_within_tunnels_end() -> None:
    packet = _SYN
    for _ in range(50):
        packet = ip("192.0.2.1", "192.0.2.2", 4, packet[:30_000])
    assert _records(_seconds(packet)) == []


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("magic", "part", "time"), [(0xA1B2C3D4, 123_456, 123_456_000), (0xA1B23C4D, 123_456_789, 123_456_789)]
)
def test_times_are_exact_in_every_order_of_bytes(order: str, magic: int, part: int, time: int) -> None:
    file = pcap_of(order, magic, [(_BEGIN, part, _SYN)], RAW)
    assert [each.start for each in _records(file)] == [_BEGIN * 10**9 + time]
    found = detect(file)
    assert found is not None
    assert found.name == "pcap"


@pytest.mark.parametrize("order", ["<", ">"])
def test_interfaces_of_pcapng_have_their_own_links_and_units(order: str) -> None:
    nanos = struct.pack(order + "HHB3x", 9, 1, 9)
    halves = struct.pack(order + "HHB3x", 9, 1, 0x80 | 1) + struct.pack(order + "HHq", 14, 8, 100)
    file = section(order) + interface(order, ETHERNET) + interface(order, RAW, nanos) + interface(order, RAW, halves)
    file += block(order, 5, b"statistics")
    file += enhanced(order, 0, _BEGIN * 10**6 + 1, ethernet(_SYN))
    file += enhanced(order, 1, _BEGIN * 10**9 + 7, tcp(CLIENT, 1, SERVER, 2, SYN))
    file += enhanced(order, 2, 3, tcp(CLIENT, 3, SERVER, 2, SYN))
    other = "<" if order == ">" else ">"
    file += section(other) + interface(other, RAW, b"") + enhanced(other, 0, 5, tcp(CLIENT, 4, SERVER, 2, SYN))
    assert [each.start for each in _records(file)] == [
        _BEGIN * 10**9 + 1000,
        _BEGIN * 10**9 + 7,
        101_500_000_000,
        5000,
    ]


_PCAP = pcap([(_BEGIN, _SYN), (_BEGIN + 1, _SYN_ACK)], RAW)
_FIRST_OF_PCAP = pcap([(_BEGIN, _SYN)], RAW)
_PCAPNG = section("<") + interface("<", RAW) + enhanced("<", 0, 5, _SYN)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "begins neither"),
        (b"GIF8", "begins neither"),
        (_PCAP[:20], "cut in the header of the file"),
        (_PCAP[:-1], "cut in a packet"),
        (_PCAP + b"\x00" * 5, "cut in the header of a packet"),
        (_PCAP + b"\xff" * 16, "claims 4294967295 bytes"),
        (_PCAPNG[:10], "section header"),
        (_PCAPNG[:8] + b"\0" * 4, "no order of bytes"),
        (_PCAPNG[:4] + b"\xff" * 4 + _PCAPNG[8:], "section header claims"),
        (_PCAPNG[:-1], "cut in a block"),
        (_PCAPNG + b"\x06\0", "cut in the header of a block"),
        (_PCAPNG + b"\x06\0\0\0\x0d\0\0\0", "claims 13 bytes"),
        (_PCAPNG + block("<", 1, b""), "interface is too short"),
        (_PCAPNG + block("<", 6, b"\0" * 8), "packet block is too short"),
        (_PCAPNG + enhanced("<", 9, 5, _SYN), "not there"),
        (_PCAPNG + block("<", 3, b"\0" * 8), "no time"),
        (_PCAPNG + enhanced("<", 0, 2**64 - 1, _SYN), "after 1970"),
    ],
)
def test_a_damaged_file_is_told_after_what_could_be_read(file: bytes, reason: str) -> None:
    *told, last = _told(file)
    assert isinstance(last, str)
    assert reason in last
    assert bool(told) == file.startswith((_FIRST_OF_PCAP, _PCAPNG))
