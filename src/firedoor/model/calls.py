"""
Hosts and ports that containers are told to connect to, by their variables and arguments.

Of a text only what names a host is kept: no user, no password, no path.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.model.volumes import Variable


class Call(Struct, frozen=True, gc=False, omit_defaults=True):
    """A host that a container is told of, at `path` below it (``env[3]``); `port` 0 is one that is not said."""

    host: str
    port: int = 0
    path: str = ""


_LONGEST = 4096
"""Characters of a text that are looked at."""

_SCHEME_PORTS = {
    "amqp": 5672,
    "amqps": 5671,
    "http": 80,
    "https": 443,
    "kafka": 9092,
    "mongodb": 27017,
    "mysql": 3306,
    "nats": 4222,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "ws": 80,
    "wss": 443,
}
"""The port that a URL means which names none."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{0,10}}"
_URL = re.compile(
    rf"\b([a-z][a-z0-9+.-]{{0,20}})://(?:[^\s/@?#]{{0,200}}@)?({_HOST})(?::(\d{{1,5}}))?(?![\w.:-])", re.IGNORECASE
)
_PAIR = re.compile(rf"(?<![\w./:@-])({_HOST}):(\d{{1,5}})(?![\w.:-])")
_INSIDE = re.compile(rf"(?<![\w./:@-])({_LABEL}(?:\.{_LABEL}){{1,3}}\.svc(?:\.{_LABEL}){{0,4}})(?![\w:-])")
_BARE = re.compile(rf"{_HOST}").fullmatch
_SERVICE_VARIABLE = re.compile(r"\$[({]?([A-Z][A-Z0-9_]{0,62})_SERVICE_HOST\b")
# The same names stand in many objects.
_NAMES_A_HOST = lru_cache(4096)(
    re.compile(
        r"(?:^|[_.-])(?:addr|address|backend|brokers?|db|endpoints?|hosts?|hostname|master|servers?|service|upstream"
        r"|ur[il])$",
        re.IGNORECASE,
    ).search
)
_HOST_PART = re.compile(r"[_.-]?(?:addr|address|hosts?|hostname|servers?|service)$", re.IGNORECASE)
_IS_SECRET = lru_cache(4096)(re.compile(r"passw|secret|token|key|credential", re.IGNORECASE).search)
_NOT_HOSTS = re.compile(r"localhost|\d[\d.]*|true|false|none|null|yes|no|on|off", re.IGNORECASE).fullmatch
_HAS_PORT = re.compile(r":\d").search


def calls_of(variables: Sequence[Variable], command: Sequence[str], args: Sequence[str]) -> tuple[Call, ...]:
    """Return the hosts that variables and arguments name, each host and port once."""
    found: dict[tuple[str, int], Call] = {}
    for call in _all(variables, command, args):
        if not is_no_host(call.host):
            found.setdefault((call.host, call.port), call)
    return tuple(found.values())


def _all(variables: Sequence[Variable], command: Sequence[str], args: Sequence[str]) -> Iterator[Call]:
    ports = {each.name.lower(): each.value for each in variables if each.value.isdecimal()}
    for number, each in enumerate(variables):
        name, value = each.name, each.value
        if value and (_may_name_hosts(value) or _NAMES_A_HOST(name)):
            yield from _in_value(name, value, f"env[{number}]", ports)
    for field, words in (("command", command), ("args", args)):
        for number, (word, following) in enumerate(pairwise((*words, ""))):
            path, (flag, equals, value) = f"{field}[{number}]", word.partition("=")
            if flag.startswith("-") and equals:
                yield from _in_value(flag.lstrip("-"), value, path, {})
            elif flag.startswith("-"):
                yield from _in_value(flag.lstrip("-"), following, path, {}) if not following.startswith("-") else ()
            else:
                yield from hosts_in_text(word, path)


def _in_value(name: str, value: str, path: str, ports: dict[str, str]) -> Iterator[Call]:
    """Yield the hosts in the value of a variable or flag; a value that is a name alone counts if `name` says so."""
    if is_secret_name(name) and "://" not in value:
        return
    found = list(hosts_in_text(value, path))
    yield from found
    if found or not _NAMES_A_HOST(name):
        return
    for part in re.split(r"[\s,;]+", value[:_LONGEST].strip()):
        if _BARE(part):
            said = ports.get(_HOST_PART.sub("_port", name.lower()), "")
            yield Call(part, int(said) if said and is_port(said) else 0, path)


def _may_name_hosts(text: str) -> bool:
    """Return whether there is what no text is without that `hosts_in_text` finds anything in; most have none of it."""
    return ".svc" in text or "_SERVICE_HOST" in text or (":" in text and ("://" in text or bool(_HAS_PORT(text))))


def hosts_in_text(text: str, path: str) -> Iterator[Call]:
    """Yield the hosts that a text names together with a scheme, a port or the domain of the cluster."""
    text = text[:_LONGEST]
    # What none can be without is found many times faster than a host.
    for scheme, host, port in _URL.findall(text) if "://" in text else ():
        word = scheme.lower().rpartition("+")[0] or scheme.lower()
        number = int(port) if port and is_port(port) else _SCHEME_PORTS.get(word, 0)
        yield Call(host.lower(), number, path)
    for host, port in _PAIR.findall(text) if _HAS_PORT(text) else ():
        if is_port(port):
            yield Call(host, int(port), path)
    for host in _INSIDE.findall(text) if ".svc" in text else ():
        yield Call(host, 0, path)
    for name in _SERVICE_VARIABLE.findall(text) if "_SERVICE_HOST" in text else ():
        yield Call(name.lower().replace("_", "-"), 0, path)


def is_port(text: str) -> bool:
    """Return whether a number, in decimal digits, is that of a port."""
    return 1 <= int(text) <= 65535  # noqa: PLR2004 - what ports are


def is_no_host(text: str) -> bool:
    """Return whether what looks like a host is a number, a word as ``true``, or the own address."""
    return _NOT_HOSTS(text) is not None


def is_secret_name(name: str) -> bool:
    """Return whether what is called so may be a secret."""
    return _IS_SECRET(name) is not None
