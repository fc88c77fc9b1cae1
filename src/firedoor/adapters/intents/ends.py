"""Ends of intents and ports, as people write them."""

from __future__ import annotations

import difflib
import re

from firedoor.algebra.cidrs import is_address, parse_cidr
from firedoor.algebra.ports import LAST_PORT, PROTOCOLS, Traffic, merge
from firedoor.model.icmp import ECHO_REQUESTS, LAST_TYPE, IcmpMessage
from firedoor.model.intents import EndTerm, Word
from firedoor.model.label_text import parse_selector
from firedoor.model.labels import LabelSelector
from firedoor.model.placed import Part, described

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_WORKLOAD = re.compile(r"[^/\s]+/([^/\s]+/)?[^/\s]+")
_PORTS = re.compile(r"(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?(?:/(?P<protocol>[A-Za-z]+))?")
_MESSAGE = re.compile(r"icmp(?P<six>v6)?(?:/(?P<type>\d{1,3})(?:/(?P<code>\d{1,3}))?)?", re.IGNORECASE)
_KEYS = ("namespace", "namespace-labels", "labels", "workload")
_DOMAIN = "domain"
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?"
_DOMAIN_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+\.?")
_LONGEST_DOMAIN = 255
_EXAMPLES = f"write {', '.join(Word)}, an address or CIDR, namespace/workload, or a mapping of {', '.join(_KEYS)}"


def read_end(part: Part) -> tuple[EndTerm, ...]:
    """Return the terms of an end, which is one or a list of them."""
    return tuple(_term(each) for each in part.items())


def read_ports(part: Part) -> tuple[Traffic, tuple[IcmpMessage, ...]]:
    """Return the traffic and the messages of a list such as ``8080``, ``53/UDP``, ``8000-8100/TCP`` and ``icmp/8``."""
    items = part.items()
    if not items:
        part.fail("no port is listed", "leave ports out to mean all of them")
    read = [(each, _message(each)) for each in items]
    ports = merge(_port(each) for each, message in read if message is None)
    return ports, tuple(dict.fromkeys(message for _, message in read if message is not None))


def _message(part: Part) -> IcmpMessage | None:
    """Return the message of ``icmp``, ``icmp/TYPE`` or ``icmp/TYPE/CODE``; None for anything else."""
    match = _MESSAGE.fullmatch(part.value) if isinstance(part.value, str) else None
    if match is None:
        return None
    version = 6 if match["six"] else 4
    kind = ECHO_REQUESTS[version] if match["type"] is None else int(match["type"])
    code = int(match["code"] or 0)
    if max(kind, code) > LAST_TYPE:
        part.fail(f"{part.value} is no message of ICMP", f"types and codes are numbers from 0 to {LAST_TYPE}")
    return IcmpMessage(version, kind, code)


def _port(part: Part) -> Traffic:
    match = _PORTS.fullmatch(str(part.value)) if isinstance(part.value, (int, str)) else None
    remedy = "write it as in 8080, 53/UDP or 8000-8100/TCP"
    if match is None or isinstance(part.value, bool):
        part.fail(f"expected a port, found {described(part.value)}", remedy)
    first, last = int(match["first"]), int(match["last"] or match["first"])
    protocol = (match["protocol"] or PROTOCOLS[0]).upper()
    if protocol not in PROTOCOLS:
        part.fail(f"{protocol} is no protocol that policies know", f"use one of {', '.join(PROTOCOLS)}")
    if not 1 <= first <= last <= LAST_PORT:
        part.fail(f"{part.value} is no port or range of ports", "ports are numbers from 1 to 65535, lowest first")
    return ((protocol, first, last),)


def _term(part: Part) -> EndTerm:
    if isinstance(part.value, dict):
        return _pods(part)
    text = part.text("namespace/workload").strip()
    if text in set(Word):
        return EndTerm(text, Word(text))
    if is_address(text) or _is_cidr(text):
        return EndTerm(text, addresses=text)
    if _WORKLOAD.fullmatch(text):
        namespace, _, workload = text.partition("/")
        return EndTerm(text, namespace=namespace, workload=workload)
    near = difflib.get_close_matches(text, list(Word), 1)
    return part.fail(f"{text!r} is no end", f"did you mean {near[0]}?" if near else _EXAMPLES)


def _pods(part: Part) -> EndTerm:
    keys = part.keys((*_KEYS, _DOMAIN))
    if _DOMAIN in keys:
        return _domain(part, keys)
    if not keys:
        part.fail("the mapping is empty", "write pods to mean every pod")
    namespace = keys["namespace"].text("shop") if "namespace" in keys else ""
    if namespace and not _NAME.fullmatch(namespace):
        keys["namespace"].fail(f"{namespace!r} is no name of a namespace", "select by labels with namespace-labels")
    workload = keys["workload"].text("api, or shop/api") if "workload" in keys else ""
    if "/" in workload:
        where, _, workload = workload.partition("/")
        if namespace and namespace != where:
            keys["workload"].fail(f"{where} is not the namespace {namespace} given beside it", "name one of them")
        namespace = where
    return EndTerm(
        ", ".join(f"{key} {_inline(each.value)}" for key, each in keys.items()),
        namespace=namespace,
        namespace_labels=_labels(keys["namespace-labels"]) if "namespace-labels" in keys else None,
        labels=_labels(keys["labels"]) if "labels" in keys else None,
        workload=workload,
    )


def _domain(part: Part, keys: dict[str, Part]) -> EndTerm:
    """Return a domain name, which leads outside: the rest of the keys is about pods."""
    if len(keys) > 1:
        part.fail("a domain name stands beside keys for pods", "write one end for each of them")
    name = keys[_DOMAIN].text("api.example.com").strip()
    if "*" in name:
        keys[_DOMAIN].fail(f"{name!r} is a pattern, and no name", "name one domain: a pattern stands for many")
    if len(name) > _LONGEST_DOMAIN or not _DOMAIN_NAME.fullmatch(name) or is_address(name):
        keys[_DOMAIN].fail(f"{name!r} is no domain name", "write it as in api.example.com; an address stands alone")
    return EndTerm(f"{_DOMAIN} {name}", domain=name.lower().removesuffix("."))


def _labels(part: Part) -> LabelSelector:
    if isinstance(part.value, dict):
        for key, value in part.value.items():
            if not isinstance(value, str):
                part.at(key).fail(f"expected text, found {described(value)}", "values of labels are text: quote it")
        if not part.value:
            part.fail("no label is named", "leave it out to mean all")
        return LabelSelector(dict(part.value))
    text = part.text("app=web,tier in (front,back)")
    try:
        return parse_selector(text)
    except ValueError as error:
        return part.fail(str(error), "write it as kubectl does: app=web,env!=dev,tier in (front,back)")


def _inline(value: object) -> str:
    if isinstance(value, dict):
        return ",".join(f"{key}={each}" for key, each in value.items())
    return str(value)


def _is_cidr(text: str) -> bool:
    try:
        parse_cidr(text)
    except ValueError:
        return False
    return True
