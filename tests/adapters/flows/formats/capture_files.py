"""Capture files and packets, made by dpkt or by hand, which are no code of ours."""

from __future__ import annotations

import io
import socket
import struct
from collections.abc import Iterable

import dpkt  # type: ignore[import-untyped]

SYN, ACK, FIN, RST, PSH = 0x02, 0x10, 0x01, 0x04, 0x08
ETHERNET, RAW, SLL, SLL2, NULL = 1, 101, 113, 276, 0
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"


def packed(address: str) -> bytes:
    """Return the bytes of an address."""
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def ip(source: str, destination: str, protocol: int, payload: bytes) -> bytes:
    """Return an IP packet."""
    if ":" in source:
        six = dpkt.ip6.IP6(src=packed(source), dst=packed(destination), nxt=protocol, plen=len(payload))
        return bytes(six)[:40] + payload
    return bytes(dpkt.ip.IP(src=packed(source), dst=packed(destination), p=protocol, data=payload))


def tcp(source: str, sport: int, destination: str, dport: int, flags: int) -> bytes:
    """Return an IP packet with TCP."""
    return ip(source, destination, 6, bytes(dpkt.tcp.TCP(sport=sport, dport=dport, flags=flags)))


def udp(source: str, sport: int, destination: str, dport: int, payload: bytes = b"x") -> bytes:
    """Return an IP packet with UDP."""
    return ip(source, destination, 17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload)


def echo(source: str, destination: str, kind: int, identifier: int) -> bytes:
    """Return an IP packet with an ICMP echo."""
    return ip(source, destination, 58 if ":" in source else 1, struct.pack(">BBHHH", kind, 0, 0, identifier, 1))


def sctp(source: str, sport: int, destination: str, dport: int, chunk: int) -> bytes:
    """Return an IP packet with SCTP."""
    return ip(source, destination, 132, struct.pack(">HHII", sport, dport, 0, 0) + bytes([chunk, 0, 0, 4]))


def ethernet(packet: bytes, *tags: int) -> bytes:
    """Return a frame, with VLAN tags."""
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    tagged = b"".join(struct.pack(">HH", 0x8100, tag) for tag in tags)
    return b"\x02" * 12 + tagged + struct.pack(">H", kind) + packet


def vxlan(inner: bytes, port: int = 4789) -> bytes:
    """Return an IP packet between nodes with a frame in it."""
    return udp("192.0.2.1", 50000, "192.0.2.2", port, b"\x08\0\0\0\0\0\x2a\0" + inner)


def geneve(inner: bytes, options: int = 2) -> bytes:
    """Return an IP packet between nodes with a frame in it, behind options."""
    return udp(
        "192.0.2.1", 50000, "192.0.2.2", 6081, bytes([options]) + b"\0\x65\x58\0\0\x2a\0" + b"\0" * 4 * options + inner
    )


def pcap(packets: Iterable[tuple[float, bytes]], link: int = ETHERNET) -> bytes:
    """Return a file of dpkt's making."""
    stream = io.BytesIO()
    writer = dpkt.pcap.Writer(stream, linktype=link)
    for time, packet in packets:
        writer.writepkt(packet, ts=time)
    return stream.getvalue()


def pcap_of(order: str, magic: int, packets: Iterable[tuple[int, int, bytes]], link: int = ETHERNET) -> bytes:
    """Return a file in any order of bytes and unit of time."""
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    return head + b"".join(
        struct.pack(order + "IIII", seconds, part, len(data), len(data)) + data for seconds, part, data in packets
    )


def block(order: str, kind: int, body: bytes) -> bytes:
    """Return a block of pcapng."""
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str) -> bytes:
    """Return the header of a section."""
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link: int, options: bytes = b"") -> bytes:
    """Return the description of an interface."""
    return block(order, 1, struct.pack(order + "HHI", link, 0, 0) + options)


def enhanced(order: str, number: int, units: int, data: bytes) -> bytes:
    """Return a packet of pcapng."""
    return block(
        order, 6, struct.pack(order + "IIIII", number, units >> 32, units & 0xFFFFFFFF, len(data), len(data)) + data
    )
