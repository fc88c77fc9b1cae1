"""Rules of Calico policies (``Rule``, ``EntityRule``), read from untyped objects and checked as the API checks them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import structs

from firedoor.algebra.cidrs import Family
from firedoor.algebra.ports import PROTOCOLS
from firedoor.model.calico import CalicoRule, HTTPMatch, HTTPPath, ICMPMatch
from firedoor.model.calico_ends import read_end
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from firedoor.model.calico_ends import End
    from firedoor.model.calico_fields import CalicoReader

ACTIONS = ("Allow", "Deny", "Log", "Pass")
_FIELDS = (
    "action",
    "ipVersion",
    "protocol",
    "icmp",
    "notProtocol",
    "notICMP",
    "source",
    "destination",
    "http",
    "metadata",
)
_IP_VERSION_OF = {"ICMP": 4, "ICMPv6": 6}
_LAST_ICMP_TYPE = 254
_LAST_ICMP_CODE = 255


class RuleScope(NamedTuple):
    """The policy around a rule, as far as the rule depends on it."""

    namespace: str
    """The policy's namespace; empty for a global policy."""
    direction: Direction


def read_rules(reader: CalicoReader, spec: dict[str, Any], scope: RuleScope) -> tuple[CalicoRule, ...]:
    """Return the rules of one direction; what is refused is recorded, and the rules are then of no use."""
    return tuple(_rule(reader, rule, path, scope) for rule, path in reader.mappings(spec, scope.direction, "spec"))


def _rule(reader: CalicoReader, rule: dict[str, Any], path: str, scope: RuleScope) -> CalicoRule:
    doubts = reader.doubts
    reader.unknown(rule, _FIELDS, path)
    source = read_end(reader, rule, "source", path, scope.namespace)
    destination = read_end(reader, rule, "destination", path, scope.namespace)
    read = CalicoRule(
        action=_action(reader, rule, path),
        protocol=reader.protocol(rule, "protocol", path),
        not_protocol=reader.protocol(rule, "notProtocol", path),
        ip_version=_ip_version(reader, rule, path),
        icmp=_icmp(reader, rule, "icmp", path),
        not_icmp=_icmp(reader, rule, "notICMP", path),
        source=source.rule,
        destination=destination.rule,
        http=_http(reader, rule, path),
        path=path,
    )
    _check_annotations(reader, rule, path)
    _check_protocol(reader, read)
    _check_icmp(reader, read)
    _check_ip_versions(reader, read, (source, destination))
    _check_http(reader, read, scope)
    _check_services(reader, read, scope)
    return read if reader.doubts == doubts else structs.replace(read, unsure=True)


def _action(reader: CalicoReader, rule: dict[str, Any], path: str) -> str:
    if rule.get("action") in (None, ""):
        reader.refuse(f"{path}.action", f"found no action, expected {either(ACTIONS)}", "write what the rule does")
    return reader.word(rule, "action", path, ACTIONS)


def _ip_version(reader: CalicoReader, rule: dict[str, Any], path: str) -> int | None:
    version = rule.get("ipVersion")
    if version is None or version in tuple(Family):
        return None if version is None else int(version)
    reader.refuse(f"{path}.ipVersion", f"found {described(version)}, expected 4 or 6")
    return None


def _icmp(reader: CalicoReader, rule: dict[str, Any], key: str, path: str) -> ICMPMatch | None:
    fields = reader.mapping(rule, key, path)
    if fields is None:
        return None
    where = f"{path}.{key}"
    reader.unknown(fields, ("type", "code"), where)
    message = reader.number(fields, "type", where, 0, _LAST_ICMP_TYPE)
    code = reader.number(fields, "code", where, 0, _LAST_ICMP_CODE)
    if fields.get("code") is not None and fields.get("type") is None:
        reader.refuse(f"{where}.code", "found a code without a type, expected both", "add the type of the message")
    return ICMPMatch(message, code)


def _http(reader: CalicoReader, rule: dict[str, Any], path: str) -> HTTPMatch | None:
    http = reader.mapping(rule, "http", path)
    if http is None:
        return None
    where = f"{path}.http"
    reader.unknown(http, ("methods", "paths"), where)
    methods = tuple(method for method, _ in reader.texts(http, "methods", where))
    if len(set(methods)) != len(methods):
        reader.refuse(f"{where}.methods", "found a method twice, expected each once", "remove one of them")
    paths = tuple(_http_path(reader, fields, place) for fields, place in reader.mappings(http, "paths", where))
    return HTTPMatch(methods, paths)


def _http_path(reader: CalicoReader, fields: dict[str, Any], path: str) -> HTTPPath:
    reader.unknown(fields, ("exact", "prefix"), path)
    exact, prefix = reader.text(fields, "exact", path) or "", reader.text(fields, "prefix", path) or ""
    written = exact or prefix
    if bool(exact) == bool(prefix):
        found = "found both exact and prefix" if exact else "found neither exact nor prefix"
        reader.refuse(path, f"{found}, expected one of them")
    elif not written.startswith("/") or any(mark in written for mark in "? #"):
        reason = f"found {described(written)}, expected a path that begins with / and holds no '?', ' ' or '#'"
        reader.refuse(path, reason)
    return HTTPPath(exact, prefix)


def _check_annotations(reader: CalicoReader, rule: dict[str, Any], path: str) -> None:
    metadata = reader.mapping(rule, "metadata", path)
    if metadata is not None:
        where = f"{path}.metadata"
        reader.unknown(metadata, ("annotations",), where)
        annotations = reader.mapping(metadata, "annotations", where) or {}
        for key in annotations:
            reader.text(annotations, key, f"{where}.annotations")


def _check_protocol(reader: CalicoReader, rule: CalicoRule) -> None:
    for key, end in (("source", rule.source), ("destination", rule.destination)):
        for field, ports in (("ports", end.ports), ("notPorts", end.not_ports)):
            # A named port brings its protocol along, so that it needs none beside it.
            if rule.protocol is None:
                is_refused = any(not port.name for port in ports)
            else:
                is_refused = bool(ports) and rule.protocol not in PROTOCOLS
            if is_refused:
                found = f"protocol {rule.protocol}, which has no ports" if rule.protocol else "no protocol"
                remedy = f"set protocol to {either(PROTOCOLS)}"
                reader.refuse(f"{rule.path}.{key}.{field}", f"found ports and {found}", remedy)


def _check_icmp(reader: CalicoReader, rule: CalicoRule) -> None:
    if rule.icmp is not None and rule.protocol not in _IP_VERSION_OF:
        reason = f"found icmp and protocol {rule.protocol or 'left out'}, expected ICMP or ICMPv6"
        reader.refuse(f"{rule.path}.icmp", reason, "set protocol to ICMP or ICMPv6")
    if rule.not_icmp is not None and rule.protocol not in _IP_VERSION_OF:
        reason = f"what notICMP means with protocol {rule.protocol or 'left out'} is not known"
        reader.doubt(f"{rule.path}.notICMP", reason, "set protocol to ICMP or ICMPv6")
    for protocol in (rule.protocol, rule.not_protocol):
        version = _IP_VERSION_OF.get(protocol or "")
        if None not in (version, rule.ip_version) and version != rule.ip_version:
            reason = f"found {rule.ip_version} and protocol {protocol}, expected {version}"
            reader.refuse(f"{rule.path}.ipVersion", reason)


def _check_ip_versions(reader: CalicoReader, rule: CalicoRule, ends: tuple[End, End]) -> None:
    found = [each for end in ends for each in end.versions]
    for version, path in found:
        if rule.ip_version is not None and version != rule.ip_version:
            reason = f"found a network of IPv{version} in a rule of ipVersion {rule.ip_version}"
            reader.refuse(path, reason, "write one rule for each IP version")
        elif version is not found[0][0] and not reader.is_stored:
            reason = f"found a network of IPv{version} in a rule that has networks of IPv{found[0][0]}"
            reader.refuse(path, reason, "write one rule for each IP version")


def _check_http(reader: CalicoReader, rule: CalicoRule, scope: RuleScope) -> None:
    if rule.http is None:
        return
    where = f"{rule.path}.http"
    if rule.protocol not in (None, "TCP"):
        reader.refuse(where, f"found http and protocol {rule.protocol}, expected TCP", "set protocol to TCP")
    if rule.action != "Allow":
        reader.refuse(
            where, f"found http and action {rule.action}, expected Allow", "match requests in Allow rules only"
        )
    if scope.direction is Direction.EGRESS:
        reader.refuse(where, "found http in an egress rule, expected it in ingress rules only")


def _check_services(reader: CalicoReader, rule: CalicoRule, scope: RuleScope) -> None:
    is_ingress = scope.direction is Direction.INGRESS
    key, end = ("destination", rule.destination) if is_ingress else ("source", rule.source)
    if end.services is not None:
        reason = f"found services in the {key} of an {scope.direction} rule"
        reader.refuse(f"{rule.path}.{key}.services", reason, "name services at the other end only")
    for field, ports in (("ports", rule.destination.ports), ("notPorts", rule.destination.not_ports)):
        if rule.destination.services is not None and ports:
            reason = f"found services and {field}, expected the ports that the service serves"
            reader.refuse(f"{rule.path}.destination.{field}", reason, f"remove {field}")
