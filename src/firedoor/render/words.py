"""Traffic, ends of connections and address ranges in the words that people read."""

from __future__ import annotations

from firedoor.algebra.cidrs import format_address, parse_address
from firedoor.algebra.ports import ALL_TRAFFIC, FIRST_PORT, LAST_PORT, Traffic
from firedoor.model.connections import PeerEnd


def traffic_text(traffic: Traffic) -> str:
    """Return ``all``, ``none``, or ports per protocol as in ``TCP 80,443; UDP 53``."""
    if traffic == ALL_TRAFFIC:
        return "all"
    ranges: dict[str, list[str]] = {}
    for protocol, first, last in traffic:
        ranges.setdefault(protocol, []).append(_ports(first, last))
    return "; ".join(f"{protocol} {','.join(ports)}" for protocol, ports in ranges.items()) or "none"


def _ports(first: int, last: int) -> str:
    if (first, last) == (FIRST_PORT, LAST_PORT):
        return "all"
    return str(first) if first == last else f"{first}-{last}"


def is_everyone(ips: str) -> bool:
    """Return whether ``first-last`` is every address of a family."""
    return range_text(ips).startswith("outside (")


def range_text(ips: str) -> str:
    """Return ``first-last`` as all of a family, as one CIDR or address where it is one, or as it is."""
    first_text, _, last_text = ips.partition("-")
    try:
        family, first = parse_address(first_text)
        last_family, last = parse_address(last_text or first_text)
    except ValueError:
        return ips
    size = last - first + 1
    if family is not last_family or size < 1 or size & (size - 1) or first % size:
        return ips
    if (first, last) == family.everything[0]:
        return f"outside (any IPv{family.value})"
    address = format_address(family, first)
    return address if size == 1 else f"{address}/{family.last.bit_length() - size.bit_length() + 1}"


def end_text(end: PeerEnd) -> str:
    """Return ``namespace/name`` of a workload or pod, or its address range in words."""
    return range_text(end.ips) if end.workload is None else str(end)


def end_namespace(end: PeerEnd) -> str:
    """Return the namespace of an end, empty for addresses."""
    return end.workload.namespace if end.workload is not None else ""
