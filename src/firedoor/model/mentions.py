"""
Hosts that the data of ConfigMaps names, with the key and the line that do.

Of the data nothing else is kept. A name alone, without scheme, port or the domain of the cluster, counts only under
a key that says that it is a host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from firedoor.model.calls import hosts_in_text, is_no_host, is_port, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from firedoor.model.calls import Call


class Mention(Struct, frozen=True, gc=False, omit_defaults=True):
    """
    A host that a ConfigMap names under `key`, in a value of many lines on `line`; `port` 0 is one that is not said.

    `is_weak` says that the text has only the form ``word:number``, as much that is no host has.
    """

    host: str
    port: int = 0
    key: str = ""
    line: int = 0
    is_weak: bool = False

    @property
    def where(self) -> str:
        """The key, and the line where there are several."""
        return f"key {self.key}, line {self.line}" if self.line else f"key {self.key}"


MOST_MENTIONS = 200
_MOST_LINES = 10_000
_MOST_NEAR = 4
"""Lines between a host and its port that stand in two fields."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# Repetitions have bounds, so that no text, however long it is, takes long.
_PAIR = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]{0,99})[\"']?[ \t]{0,20}[:=][ \t]{0,20}[\"']?"
    rf"({_LABEL}(?:\.{_LABEL}){{0,10}})[\"']?(?=[ \t\r]{{0,20}}(?:[,;}}\])#]|$))"
)
_NAMES_A_HOST = re.compile(
    r"(?:^|[_.-])(?i:addr|address|brokers?|endpoints?|hosts?|hostname|servers?|upstream|ur[il])$"
    r"|[a-z0-9](?:Addr|Address|Brokers?|Endpoints?|Hosts?|Hostname|Servers?|Upstream|Ur[il]|UR[IL])$"
).search
_HOST_PART = re.compile(r"(?i:addr|address|brokers?|endpoints?|hosts?|hostname|servers?|upstream|ur[il])$")
_COMMENT = ("#", ";", "//", "*", "<!--")

_KEY = re.compile(r"\s{0,100}(?:-\s{1,20}|export\s{1,10})?[\"'{]{0,2}([\w.-]{1,100})[\"']?\s{0,20}[:=]").match
_LONGEST = 4096
_BARE = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{0,10}}").fullmatch


class _Pair(NamedTuple):
    name: str
    value: str
    line: int = 0
    indentation: int = 0


def mentions_in(data: Mapping[str, str]) -> tuple[Mention, ...]:
    """Return the hosts that values name, each host and port once under each key."""
    found: dict[tuple[str, int, str], Mention] = {}
    texts = {key: value.strip("\r\n") for key, value in data.items()}
    siblings = [_Pair(key, value.strip()) for key, value in texts.items()]
    for key, text in texts.items():
        lines = text.splitlines()[:_MOST_LINES]
        for each in _in_file(key, lines) if len(lines) > 1 else _in_value(_Pair(key, text.strip()), siblings):
            if not is_no_host(each.host):
                found.setdefault((each.host, each.port, key), each)
            if len(found) == MOST_MENTIONS:
                return tuple(found.values())
    return tuple(found.values())


def _in_file(key: str, lines: list[str]) -> Iterator[Mention]:
    written = [(number, line) for number, line in enumerate(lines, 1) if not line.lstrip().startswith(_COMMENT)]
    pairs = [pair for number, line in written for pair in _pairs(number, line)]
    beside = {id(pair): list(_beside(pairs, position, lines)) for position, pair in enumerate(pairs)}
    by_line: dict[int, list[_Pair]] = {}
    for pair in pairs:
        by_line.setdefault(pair.line, []).append(pair)
    for number, line in written:
        called = _KEY(line)
        if called is not None and is_secret_name(called[1]) and "://" not in line:
            continue
        yield from _in_text(key, number, line)
        for pair in by_line.get(number, ()):
            yield from _named(key, pair, beside[id(pair)])


def _in_value(pair: _Pair, siblings: list[_Pair]) -> Iterator[Mention]:
    """Yield the hosts of a value of one line, which a variable may be filled with."""
    key, value = pair.name, pair.value
    if is_secret_name(key) and "://" not in value:
        return
    found = list(_in_text(key, 0, value))
    yield from found
    if found:
        return
    yield from _named(key, pair, siblings)
    inside = _pairs(0, value)
    for position, each in enumerate(inside):
        yield from _named(key, each, _beside(inside, position, []))


def _beside(pairs: list[_Pair], position: int, lines: list[str]) -> Iterator[_Pair]:
    """Yield the fields next to one, nearest first, as far as they are in the same block of a file."""
    pair = pairs[position]
    for step in (1, -1, 2, -2):
        if not 0 <= position + step < len(pairs):
            continue
        other = pairs[position + step]
        first, last = sorted((pair.line, other.line))
        between = (_indentation(line) for line in lines[first - 1 : last] if line.strip())
        if last - first <= _MOST_NEAR and min(between, default=0) >= pair.indentation:
            yield other


def _in_text(key: str, number: int, text: str) -> Iterator[Mention]:
    for call in hosts_in_text(text, ""):
        yield Mention(call.host, call.port, key, number, _is_weak(call, text))


def _is_weak(call: Call, text: str) -> bool:
    with_scheme = re.search(rf"[/@]{re.escape(call.host)}\b", text, re.IGNORECASE)
    return "." not in call.host and call.port > 0 and with_scheme is None


def _named(key: str, pair: _Pair, beside: Iterable[_Pair]) -> Iterator[Mention]:
    """Yield the hosts that stand alone in a field whose name says that they are such, with the port next to it."""
    if not _NAMES_A_HOST(pair.name) or is_secret_name(pair.name):
        return
    plain = _plain(pair.name)
    wanted = {_plain(_HOST_PART.sub("port", pair.name)), f"{plain}port", f"{plain}_port"}
    ports = (each.value for each in beside if _plain(each.name) in wanted)
    port = next((int(text) for text in ports if text.isdecimal() and is_port(text)), 0)
    for part in re.split(r"[\s,;]+", pair.value[:_LONGEST]):
        if _BARE(part):
            yield Mention(part, port, key, pair.line)


def _pairs(number: int, line: str) -> list[_Pair]:
    found = _PAIR.findall(line[:_LONGEST])
    return [_Pair(name, value, number, _indentation(line)) for name, value in found]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" \t-"))


def _plain(name: str) -> str:
    return name.lower().replace(".", "_").replace("-", "_")
