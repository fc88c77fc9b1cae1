"""Rules of Istio's authorization policies, from untyped objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.istio import Action, AuthorizationRule, Condition, Operation, Source, api_name
from firedoor.model.istio_values import (
    attribute_check,
    check_address,
    check_path,
    check_port,
    check_service_account,
    check_text,
    check_trust_domain,
    read_port,
)
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from firedoor.model.untyped import Reader

MOST_RULES = 512
"""How many rules a policy, and how many sources a rule may have."""

MOST_SERVICE_ACCOUNTS = 16
CUSTOM_CONDITIONS = ("source.namespace", "source.serviceAccount", "source.trustDomain", "source.principal")
"""Attributes that rules of CUSTOM policies cannot have, besides those that begin with ``request.auth.``."""

_SOURCE_CHECKS = {
    "principals": check_text,
    "requestPrincipals": check_text,
    "namespaces": check_text,
    "serviceAccounts": check_service_account,
    "ipBlocks": check_address,
    "remoteIpBlocks": check_address,
    "trustDomains": check_trust_domain,
}
_OPERATION_CHECKS = {"ports": check_port, "hosts": check_text, "methods": check_text, "paths": check_path}
_CUSTOM_SOURCES = ("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks")
_OTHER_IDENTITIES = ("principals", "notPrincipals", "namespaces", "notNamespaces")


def read_rules(
    reader: Reader, spec: dict[str, Any], action: Action, namespace: str
) -> tuple[AuthorizationRule, ...] | None:
    """Return the rules of a policy in `namespace`; None where there are none, an empty list included."""
    found = reader.mappings(spec, "rules", "spec", (0, MOST_RULES))
    if not found:
        return None
    return tuple(_rule(reader, rule, path, action, namespace) for rule, path in found)


def _rule(reader: Reader, rule: dict[str, Any], path: str, action: Action, namespace: str) -> AuthorizationRule:
    doubts = reader.doubts
    reader.unknown(rule, ("from", "to", "when"), path)
    sources = [
        _source(reader, source, where, action, namespace)
        for source, where in _wrapped(reader, rule, "from", "source", path)
    ]
    operations = [_operation(reader, *each) for each in _wrapped(reader, rule, "to", "operation", path)]
    conditions = [
        _condition(reader, condition, where, action, namespace)
        for condition, where in reader.mappings(rule, "when", path)
    ]
    return AuthorizationRule(
        tuple(sources),
        tuple(operations),
        tuple(each for each in conditions if each is not None),
        reader.doubts > doubts,
        path,
    )


def _wrapped(
    reader: Reader, rule: dict[str, Any], field: str, inner: str, path: str
) -> list[tuple[dict[str, Any], str]]:
    """Return the objects that stand in the field `inner` of the elements of `field`, with their paths."""
    found = []
    for entry, where in reader.mappings(rule, field, path, (0, MOST_RULES) if field == "from" else None):
        reader.unknown(entry, (inner,), where)
        reader.required(entry, inner, where, f"write the fields of the {inner} under {inner}")
        part = reader.mapping(entry, inner, where)
        if part is not None:
            found.append((part, f"{where}.{inner}"))
    return found


def _source(reader: Reader, source: dict[str, Any], path: str, action: Action, namespace: str) -> Source:
    lists = _lists(reader, source, path, _SOURCE_CHECKS)
    accounts = [each for each in ("serviceAccounts", "notServiceAccounts") if source.get(each) is not None]
    others = [each for each in _OTHER_IDENTITIES if source.get(each) is not None]
    if accounts and others:
        reason = f"found {' and '.join((*accounts, *others))}, which the API does not combine in one source"
        reader.refuse(path, reason, "write the service accounts as principals, or one source for each")
    for each in accounts:
        if len(lists[each]) > MOST_SERVICE_ACCOUNTS:
            reason = f"found {len(lists[each])} service accounts, expected at most {MOST_SERVICE_ACCOUNTS}"
            reader.refuse(f"{path}.{each}", reason, "divide them among several sources")
        lists[each] = [_qualified(account, namespace) for account in lists[each]]
    if action is Action.CUSTOM:
        for field in (each for each, values in lists.items() if values and each not in _CUSTOM_SOURCES):
            _refuse_custom(reader, f"{path}.{field}", field)
    return Source(**_fields(Source, lists))


def _operation(reader: Reader, operation: dict[str, Any], path: str) -> Operation:
    lists = _lists(reader, operation, path, _OPERATION_CHECKS)
    fields: dict[str, Any] = _fields(Operation, lists)
    for field in ("ports", "not_ports"):
        fields[field] = tuple(port for port in map(read_port, fields[field]) if port is not None)
    return Operation(**fields)


def _condition(
    reader: Reader, condition: dict[str, Any], path: str, action: Action, namespace: str
) -> Condition | None:
    reader.unknown(condition, ("key", "values", "notValues"), path)
    reader.required(condition, "key", path, "name an attribute, such as source.ip")
    key = reader.text(condition, "key", path)
    if key is None:
        return None
    check = attribute_check(key)
    if check is None:
        reason = f"found {described(key)}, which is no attribute that a condition can be about"
        remedy = "write an attribute of Istio's list of conditions, such as source.ip or request.headers[name]"
        reader.refuse(f"{path}.key", reason, remedy)
        return None
    if action is Action.CUSTOM and (key in CUSTOM_CONDITIONS or key.startswith("request.auth.")):
        _refuse_custom(reader, f"{path}.key", key)
    lists = {field: reader.texts(condition, field, path) for field in ("values", "notValues")}
    if not any(lists.values()):
        reader.refuse(path, "found no values, expected values or notValues", "list the values")
    for value, where in (*lists["values"], *lists["notValues"]):
        check(reader, value, where)
    is_account = key == "source.serviceAccount"
    values, not_values = (
        tuple(_qualified(value, namespace) if is_account else value for value, _ in found) for found in lists.values()
    )
    return Condition(key, values, not_values)


def _lists(
    reader: Reader, part: dict[str, Any], path: str, checks: Mapping[str, Callable[[Reader, str, str], None]]
) -> dict[str, list[str]]:
    """Return the lists of a source or operation by field, checked; one of them must have an element."""
    negative = {f"not{field[0].upper()}{field[1:]}": check for field, check in checks.items()}
    known = {**checks, **negative}
    reader.unknown(part, tuple(known), path)
    found = {field: reader.texts(part, field, path) for field in known}
    for field, texts in found.items():
        for text, where in texts:
            known[field](reader, text, where)
    if all(each in (None, [], ()) for each in part.values()) and all(each in known for each in part):
        reason = f"found nothing, expected at least one element of {either(tuple(known))}"
        reader.refuse(path, reason, "leave the whole entry out to match everything")
    return {field: [text for text, _ in texts] for field, texts in found.items()}


def _fields(kind: type[Source | Operation], lists: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {field: tuple(lists[api_name(field)]) for field in kind.__struct_fields__}


def _qualified(account: str, namespace: str) -> str:
    return account if "/" in account else f"{namespace}/{account}"


def _refuse_custom(reader: Reader, path: str, what: str) -> None:
    reason = f"found {what}, which rules of policies with the action CUSTOM cannot have"
    reader.refuse(path, reason, "remove it, or write a policy with another action")
