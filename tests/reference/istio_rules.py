"""
Whether a rule of an Istio AuthorizationPolicy matches a connection (``spec.rules[]``).

A connection may carry any number of requests. What a rule asks of a request is
therefore taken for granted where it lets something through, and does not touch
the connection as a whole where it forbids: other requests still pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.reference.addresses import WHOLE_IPV4, Address, parse_address, parse_block
from tests.reference.istio_pods import Identity, same_principals
from tests.reference.manifests import Manifest, items, section, strings
from tests.reference.matches import Match, all_of, any_of, certainly

HTTP_FIELDS = ("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths")


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    What the proxy of the destination sees of a connection.

    ``address`` is none where the manifests do not tell the address of the source
    pod; ``identity`` is none where the source presents no certificate.
    """

    address: Address | None
    identity: Identity | None
    port: int


Test = Callable[[str], Match]
"""Whether one value in a list of a policy describes the connection."""


def rule_matches(rule: Manifest, attempt: Attempt, namespace: str, *, http: Match) -> Match:
    """
    Match one rule of a policy in a namespace: a source, an operation and all conditions.

    ``http`` is what counts for every field that asks something of a request.
    """
    sources = [_source_matches(section(f, "source"), attempt, namespace, http) for f in items(rule, "from")]
    operations = [_operation_matches(section(to, "operation"), attempt, http) for to in items(rule, "to")]
    conditions = [_condition_matches(when, attempt, namespace, http) for when in items(rule, "when")]
    anyone = anything = Match.YES
    return all_of([any_of(sources or [anyone]), any_of(operations or [anything]), *conditions])


def _source_matches(source: Manifest, attempt: Attempt, namespace: str, http: Match) -> Match:
    """Match one ``Source``; its fields must all match."""
    tests = _identity_tests(attempt.identity, namespace)
    return all_of(
        [
            _field_matches(source, "principals", "notPrincipals", tests["principal"]),
            _field_matches(source, "namespaces", "notNamespaces", tests["namespace"]),
            _field_matches(source, "serviceAccounts", "notServiceAccounts", tests["serviceAccount"]),
            _field_matches(source, "trustDomains", "notTrustDomains", tests["trustDomain"]),
            _field_matches(source, "ipBlocks", "notIpBlocks", lambda block: _address_inside(attempt.address, block)),
            # The original client is named by a header, or by the proxy protocol, that anyone may have written.
            _unless_unset(source, ("remoteIpBlocks", "notRemoteIpBlocks"), Match.MAYBE),
            _unless_unset(source, ("requestPrincipals", "notRequestPrincipals"), http),
        ]
    )


def _operation_matches(operation: Manifest, attempt: Attempt, http: Match) -> Match:
    """Match one ``Operation``; its fields must all match, and only ``ports`` is no matter of requests."""
    ports = _field_matches(operation, "ports", "notPorts", lambda port: certainly(int(port) == attempt.port))
    return all_of([ports, _unless_unset(operation, HTTP_FIELDS, http)])


def _condition_matches(condition: Manifest, attempt: Attempt, namespace: str, http: Match) -> Match:
    """Match one ``Condition``, whose key may name what other fields of a rule name as well."""
    key = condition["key"]
    if key.startswith("request."):
        return http
    tests: dict[str, Test] = {
        "source.ip": lambda block: _address_inside(attempt.address, block),
        "destination.port": lambda port: certainly(int(port) == attempt.port),
    }
    for name, test in _identity_tests(attempt.identity, namespace).items():
        tests[f"source.{name}"] = test
    test = tests.get(key, lambda _value: Match.MAYBE)
    return _field_matches(condition, "values", "notValues", test)


def _identity_tests(identity: Identity | None, namespace: str) -> dict[str, Test]:
    """
    Return how the values of identity fields are compared.

    Without a certificate there is nothing that a value could describe. A service
    account without a namespace is one of the policy's own.
    """
    if identity is None:
        return dict.fromkeys(("principal", "namespace", "serviceAccount", "trustDomain"), lambda _value: Match.NO)
    domains = identity.trust_domains
    account = f"{identity.namespace}/{identity.service_account}"
    return {
        "principal": lambda value: certainly(
            any(_text_matches(each, identity.principal) for each in same_principals(value, domains))
        ),
        "namespace": lambda value: certainly(_text_matches(value, identity.namespace)),
        "serviceAccount": lambda value: certainly((value if "/" in value else f"{namespace}/{value}") == account),
        "trustDomain": lambda value: certainly(
            any(_text_matches(each, domains[0]) for each in (domains if value in domains else (value,)))
        ),
    }


def _field_matches(holder: Manifest, field: str, negative_field: str, test: Test) -> Match:
    """One of the values must match if there are any, and none of the negative ones may."""
    values, negatives = strings(holder, field), strings(holder, negative_field)
    wanted = any_of(map(test, values)) if values else Match.YES
    return all_of([wanted, _opposite(any_of(map(test, negatives)))])


def _unless_unset(holder: Manifest, fields: Iterable[str], otherwise: Match) -> Match:
    """Return what counts for fields that cannot be judged here, if one of them is set."""
    return otherwise if any(strings(holder, field) for field in fields) else Match.YES


def _text_matches(pattern: str, text: str) -> bool:
    """Compare exactly, by prefix (``abc*``), by suffix (``*abc``), or for presence (``*``)."""
    if pattern == "*":
        return text != ""
    if pattern.startswith("*"):
        return text.endswith(pattern.removeprefix("*"))
    if pattern.endswith("*"):
        return text.startswith(pattern.removesuffix("*"))
    return text == pattern


def _address_inside(address: Address | None, block: str) -> Match:
    """Match an address or a CIDR; an unknown address is sure to be inside only when all of IPv4 is."""
    length = "" if "/" in block else f"/{parse_address(block).max_prefixlen}"
    inside = parse_block(block + length)
    if address is None:
        return Match.YES if inside == WHOLE_IPV4 else Match.MAYBE
    return certainly(address in inside)


def _opposite(match: Match) -> Match:
    return {Match.NO: Match.YES, Match.MAYBE: Match.MAYBE, Match.YES: Match.NO}[match]
