"""Traffic, ends of connections and address ranges in the words that people read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from firedoor.algebra.cidrs import Family, format_address, parse_address
from firedoor.algebra.intervals import canonical, covers
from firedoor.algebra.ports import ALL_TRAFFIC, FIRST_PORT, LAST_PORT, Traffic
from firedoor.model.connections import PeerEnd, PodDetail

_MOST_PODS = 4
# Control characters can drive a terminal, the others reorder or hide text; lone surrogates cannot be written.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    r"""Return `text` with characters that drive a terminal or hide text as escapes such as ``\x1b``."""
    return _UNSAFE.sub(lambda match: _escape(match.group()), text)


def _escape(character: str) -> str:
    number = ord(character)
    return _SHORT.get(character) or (f"\\x{number:02x}" if number <= 0xFF else f"\\u{number:04x}")  # noqa: PLR2004


def count_text(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, as in ``1 pod`` and ``2 pods``."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


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


def cover_everyone(ranges: Iterable[str]) -> bool:
    """Return whether ranges ``first-last`` together hold every address of a family."""
    intervals: dict[Family, list[tuple[int, int]]] = {}
    for ips in ranges:
        parsed = _parsed(ips)
        if parsed is not None:
            intervals.setdefault(parsed[0], []).append(parsed[1:])
    return any(covers(canonical(found), family.everything) for family, found in intervals.items())


def range_text(ips: str) -> str:
    """Return ``first-last`` as all of a family, as one CIDR or address where it is one, or as it is."""
    parsed = _parsed(ips)
    if parsed is None:
        return ips
    family, first, last = parsed
    size = last - first + 1
    if size & (size - 1) or first % size:
        return ips
    if (first, last) == family.everything[0]:
        return f"outside (any IPv{family.value})"
    address = format_address(family, first)
    return address if size == 1 else f"{address}/{family.last.bit_length() - size.bit_length() + 1}"


def _parsed(ips: str) -> tuple[Family, int, int] | None:
    first_text, _, last_text = ips.partition("-")
    try:
        family, first = parse_address(first_text)
        last_family, last = parse_address(last_text or first_text)
    except ValueError:
        return None
    return (family, first, last) if family is last_family and first <= last else None


def end_text(end: PeerEnd) -> str:
    """Return ``namespace/name`` of a workload or pod, or its address range in words, without its kind."""
    return visible(range_text(end.ips) if end.ips else str(end))


def end_namespace(end: PeerEnd) -> str:
    """Return the namespace of an end, empty for addresses."""
    return visible(end.workload.namespace) if end.workload is not None else ""


def end_names(ends: Iterable[PeerEnd]) -> dict[PeerEnd, str]:
    """Return each end once, by namespace and name, with a name that has the kind where names are shared."""
    ordered = sorted(set(ends), key=_end_key)
    uses = Counter(end_text(end) for end in ordered)
    return {end: _with_kind(end) if uses[end_text(end)] > 1 else end_text(end) for end in ordered}


def _end_key(end: PeerEnd) -> tuple[str, str, str, str, str]:
    ref = end.workload
    return (end_namespace(end), end_text(end), ref.kind if ref else "", ref.name if ref else "", end.ips)


def _with_kind(end: PeerEnd) -> str:
    return f"{end_text(end)} ({visible(end.workload.kind)})" if end.workload is not None else end_text(end)


def detail_sides(details: Iterable[PodDetail]) -> list[tuple[str, str]]:
    """Return which pods each detail is about at its source and destination; a side that never varies is empty."""
    found = list(details)
    sides = [[each.src_pods for each in found], [each.dst_pods for each in found]]
    named = [len(set(pods)) > 1 or len(found) == 1 for pods in sides]
    texts = [[_only(names) if shown else "" for names in pods] for shown, pods in zip(named, sides, strict=True)]
    return list(zip(*texts, strict=True))


def _only(pods: tuple[str, ...]) -> str:
    names = [visible(name) for name in pods if name]
    rest = len(names) - _MOST_PODS
    if rest > 0:
        return f"only {', '.join(names[:_MOST_PODS])} and {rest} more"
    return f"only {', '.join(names)}" if names else ""
