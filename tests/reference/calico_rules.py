"""
Which connections one rule of a Calico policy matches, its action apart.

Every field that is set must match, as in the data plane: criteria about labels
become sets of addresses, criteria about nets hold for one IP version only. A
match on HTTP (``http``) is none at this layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.reference.calico_candidates import (
    SERVICE_ACCOUNT,
    Candidate,
    candidates,
    pod_candidate,
)
from tests.reference.calico_matches import (
    all_of,
    any_of,
    blocks_of,
    certainly,
    family_of,
    holds,
    opposite,
)
from tests.reference.calico_selectors import selects, selects_place
from tests.reference.calico_services import service_matches
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, section, strings
from tests.reference.networkpolicy import Connection, Endpoint, Match

PROTOCOL_NUMBERS = {"ICMP": 1, "TCP": 6, "UDP": 17, "ICMPV6": 58, "SCTP": 132, "UDPLITE": 136}
PORT_RANGE = re.compile(r"(\d+)(?::(\d+))?")
FIRST_PORT, LAST_PORT = 1, 65535


@dataclass(frozen=True, slots=True)
class Case:
    """A connection, and the namespace of the policy that judges it; a GlobalNetworkPolicy has none."""

    cluster: list[Manifest]
    connection: Connection
    namespace: str | None


def rule_matches(case: Case, rule: Manifest) -> Match:
    """Return whether a ``Rule`` matches: its IP version, its protocol, its source and its destination."""
    version = rule.get("ipVersion")
    return all_of(
        [
            certainly(version is None or version == family_of(case.connection)),
            certainly(_protocol_matches(rule, case.connection)),
            _entity_matches(case, section(rule, "source"), destination=False),
            _entity_matches(case, section(rule, "destination"), destination=True),
        ]
    )


def _protocol_matches(rule: Manifest, connection: Connection) -> bool:
    """
    A type of ICMP, also where it is the wrong one (``notICMP``), is a match on ICMP.

    No port of a service is one of ICMP.
    """
    wanted_type, unwanted_type = (
        section(rule, field) if section(rule, field).get("type") is not None else None for field in ("icmp", "notICMP")
    )
    if connection.is_icmp and section(section(rule, "destination"), "services"):
        return False
    if wanted_type and not _message_matches(wanted_type, connection):
        return False
    if unwanted_type and (not connection.is_icmp or _message_matches(unwanted_type, connection)):
        return False
    actual = PROTOCOL_NUMBERS[connection.protocol.upper()]
    wanted, unwanted = rule.get("protocol"), rule.get("notProtocol")
    return (wanted is None or _number(wanted) == actual) and (unwanted is None or _number(unwanted) != actual)


def _message_matches(fields: Manifest, connection: Connection) -> bool:
    """Match ``ICMPFields`` with a type; without a code they are about all codes of it."""
    is_type = connection.is_icmp and fields["type"] == connection.port
    return is_type and fields.get("code") in (None, connection.code)


def _number(protocol: Any) -> int:
    """A protocol has a name or a number, and TCP is 6 either way."""
    text = str(protocol)
    return int(text) if text.isdigit() else PROTOCOL_NUMBERS[text.upper()]


def _entity_matches(case: Case, entity: Manifest, *, destination: bool) -> Match:
    """Match one ``EntityRule``; one that sets nothing is anybody."""
    end = case.connection.dst if destination else case.connection.src
    return all_of(
        [
            _nets_match(case, entity, end),
            _labels_match(case, entity, end),
            _service_matches(case, entity, destination=destination),
            _ports_match(case, entity, destination=destination),
        ]
    )


def _nets_match(case: Case, entity: Manifest, end: Endpoint) -> Match:
    """
    Match ``nets`` and ``notNets``, which apply to pods and nodes as to anyone.

    A list without a net of the connection's IP version, be it the negated one,
    keeps the rule from that IP version altogether.
    """
    matches = []
    for field in ("nets", "notNets"):
        nets = strings(entity, field)
        if not nets:
            continue
        blocks = blocks_of(nets, family_of(case.connection))
        if not blocks:
            return Match.NO
        inside = holds(blocks, end)
        matches.append(inside if field == "nets" else opposite(inside))
    return all_of(matches)


def _labels_match(case: Case, entity: Manifest, end: Endpoint) -> Match:
    """
    Match ``selector``, ``namespaceSelector``, ``serviceAccounts`` and ``notSelector``.

    One candidate that stands for the end must satisfy them all, so nobody
    matches whom Calico does not know. A set has no labels of a service account,
    and satisfies what asks for the lack of one. Only a ``notSelector`` without
    any other is a match on everyone else, strangers included.
    """
    standing = candidates(case.cluster, end, family_of(case.connection))
    if _is_positive(case, entity):
        return any_of(held for candidate, held in standing if _fits(case, entity, candidate))
    unwanted = entity.get("notSelector")
    if unwanted:
        return opposite(any_of(held for candidate, held in standing if selects(unwanted, candidate.labels)))
    return Match.YES


def _is_positive(case: Case, entity: Manifest) -> bool:
    """
    Whether only known candidates can match.

    In a namespaced policy every selector means those of some namespace, the
    policy's own if no other is given, and ``notSelector`` is one of them.
    """
    accounts = section(entity, "serviceAccounts")
    fields = [entity.get("selector"), entity.get("namespaceSelector"), accounts.get("names"), accounts.get("selector")]
    return any(fields) or bool(case.namespace is not None and entity.get("notSelector"))


def _fits(case: Case, entity: Manifest, candidate: Candidate) -> bool:
    accounts = section(entity, "serviceAccounts")
    names = strings(accounts, "names")
    return (
        _is_in_scope(case, entity, candidate)
        and (not names or candidate.labels.get(SERVICE_ACCOUNT) in names)
        and selects(accounts.get("selector") or "", candidate.account_labels)
        and selects(entity.get("selector") or "", candidate.labels)
        and not (entity.get("notSelector") and selects(entity["notSelector"], candidate.labels))
    )


def _is_in_scope(case: Case, entity: Manifest, candidate: Candidate) -> bool:
    """Without ``namespaceSelector`` a policy looks in its own namespace, and a global one everywhere."""
    place = entity.get("namespaceSelector")
    if place:
        return selects_place(place, candidate.namespace_labels)
    return case.namespace is None or candidate.namespace == case.namespace


def _service_matches(case: Case, entity: Manifest, *, destination: bool) -> Match:
    """Match ``services``; without a namespace it is one in the policy's."""
    match = section(entity, "services")
    if not match:
        return Match.YES
    namespace = match.get("namespace") or case.namespace or ""
    return service_matches(case.cluster, namespace, match["name"], case.connection, destination=destination)


def _ports_match(case: Case, entity: Manifest, *, destination: bool) -> Match:
    """Match ``ports`` and ``notPorts``."""
    matches = []
    for field in ("ports", "notPorts"):
        ports = entity.get(field)
        if ports:
            listed = _is_listed(case, entity, ports, destination=destination)
            matches.append(listed if field == "ports" else opposite(listed))
    return all_of(matches)


def _is_listed(case: Case, entity: Manifest, ports: list[Any], *, destination: bool) -> Match:
    """
    Match an end's port; nobody knows which one a source uses.

    A name stands for what the pod at that end declares under it, and only for
    pods whose own labels the other criteria select.
    """
    numbers = [each for port in ports if (each := _range(port)) is not None]
    named = set(_declared(case, entity, ports, destination=destination))
    if destination:
        port = case.connection.port
        return certainly(port in named or any(first <= port <= last for first, last in numbers))
    spans = sorted([*numbers, *((port, port) for port in named)])
    reached, touched = FIRST_PORT - 1, False
    for first, last in spans:
        touched = touched or (first <= LAST_PORT and last >= FIRST_PORT)
        if first <= reached + 1:
            reached = max(reached, last)
    if reached >= LAST_PORT:
        return Match.YES
    return Match.MAYBE if touched else Match.NO


def _range(port: int | str) -> tuple[int, int] | None:
    """Return the first and last number of ``80``, ``"80"`` or ``"80:90"``, nothing for a name."""
    found = PORT_RANGE.fullmatch(str(port))
    if found is None:
        return None
    first, last = found.groups()
    return int(first), int(first if last is None else last)


def _declared(case: Case, entity: Manifest, ports: list[Any], *, destination: bool) -> Iterator[int]:
    end = case.connection.dst if destination else case.connection.src
    if not isinstance(end, RefPod) or end.host_network:
        return
    if _is_positive(case, entity) and not _fits(case, entity, pod_candidate(case.cluster, end)):
        return
    for declared in end.named_ports:
        if declared.name in ports and declared.protocol == case.connection.protocol:
            yield declared.number
