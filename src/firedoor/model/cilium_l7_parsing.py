"""What the port entries of Cilium policies demand beyond the port: HTTP, DNS, TLS and listeners, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from firedoor.model.cilium_peer_parsing import read_dns
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.cilium import CiliumPort
    from firedoor.model.cilium_reading import CiliumReader, Subject

L7_FIELDS = ("rules", "serverNames", "listener", "terminatingTLS", "originatingTLS")
"""The fields of a ``PortRule`` besides its ports."""

HEADER_ACTIONS = ("LOG", "ADD", "DELETE", "REPLACE")
LISTENER_KINDS = ("CiliumEnvoyConfig", "CiliumClusterwideEnvoyConfig")
LOWEST_PRIORITY = 100
LONGEST_SERVER_NAME = 255
_KINDS = ("http", "dns", "kafka", "l7proto")
_SERVER_NAME = re.compile(r"[-a-zA-Z0-9_*]+(\.[-a-zA-Z0-9_*]+)*\.?")
_HTTP_TEXTS = ("path", "method", "host")


def read_l7(
    reader: CiliumReader,
    entry: dict[str, Any],
    ports: Sequence[CiliumPort],
    direction: Direction,
    path: str,
    subject: Subject,
) -> str:
    """Return what an entry demands beyond its ports, in words; empty for nothing."""
    kind, rules = _rules(reader, entry, path)
    if kind:
        _check_rules(reader, kind, ports, direction, f"{path}.rules", subject)
    names = _server_names(reader, entry, path)
    if names and kind and entry.get("terminatingTLS") is None:
        reason = "found server names and rules, which Cilium combines only where it ends TLS itself"
        reader.refuse(path, reason, "remove one of them, or write terminatingTLS")
    listener = _listener(reader, entry, direction, path)
    if listener and kind:
        reader.refuse(path, "found a listener and rules, which Cilium does not combine", "remove one of them")
    tls = [_tls(reader, entry, key, path) for key in ("terminatingTLS", "originatingTLS")]
    words = [f"TLS to {either(names)}" if names else "TLS" if any(tls) else "", rules, listener]
    return "; ".join(each for each in words if each)


def _rules(reader: CiliumReader, entry: dict[str, Any], path: str) -> tuple[str, str]:
    """Return the kind of the rules (``L7Rules``), empty if there are none, and the rules in words."""
    rules, where = reader.mapping(entry, "rules", path), f"{path}.rules"
    if rules is None:
        return "", ""
    reader.unknown(rules, (*_KINDS, "l7"), where)
    kinds = [each for each in _KINDS if rules.get(each) is not None]
    if len(kinds) != 1:
        reason = f"found {' and '.join(kinds) or 'none of them'}, expected exactly one of http and dns"
        reader.refuse(where, reason, "remove rules, or write one entry of toPorts for each of them")
        return "", ""
    match kinds[0]:
        case "http":
            found = [_http(reader, *each) for each in reader.mappings(rules, "http", where)]
            return ("http", f"HTTP {either(found)}") if found else ("", "")
        case "dns":
            names = [read_dns(reader, *each) for each in reader.mappings(rules, "dns", where)]
            words = [each.match_name or each.match_pattern for each in names if each is not None]
            return ("dns", f"DNS queries for {either(words)}") if words else ("", "")
        case "kafka":
            _note_removed(reader, f"{where}.kafka")
            return ("kafka", "Kafka requests") if reader.mappings(rules, "kafka", where) else ("", "")
        case _:
            _note_removed(reader, f"{where}.l7proto")
            protocol = reader.text(rules, "l7proto", where) or ""
            return (protocol, f"{protocol} requests") if reader.mappings(rules, "l7", where) else ("", "")


def _note_removed(reader: CiliumReader, path: str) -> None:
    reader.note(path, "found rules of a protocol that Cilium 1.20 refuses and earlier versions enforce", "remove them")


def _check_rules(
    reader: CiliumReader, kind: str, ports: Sequence[CiliumPort], direction: Direction, path: str, subject: Subject
) -> None:
    """Refuse rules where Cilium does not take them."""
    if subject.is_host and not (kind == "dns" and direction is Direction.EGRESS):
        reader.refuse(path, f"found rules for {kind} in a policy for nodes, which has none", "remove the rules")
    if kind == "dns" and direction is Direction.INGRESS:
        reader.refuse(path, "found rules for dns at ingress, where Cilium has none", "remove the rules")
    if kind == "dns" and not ports:
        reader.refuse(path, "found rules for dns in an entry without ports", 'write the port "53"')
    for port in ports:
        if kind != "dns" and port.protocol != "TCP":
            reason = f"found rules for {kind} with the protocol {port.protocol}, expected TCP"
            reader.refuse(path, reason, "write protocol: TCP at each port of the entry")
        if kind == "dns" and port.end_port is not None:
            reader.refuse(path, "found rules for dns and a range of ports, which Cilium does not combine")
        if port.port is None:
            reader.refuse(path, "found rules and the port 0, which Cilium does not combine", "name the ports")


def _http(reader: CiliumReader, rule: dict[str, Any], path: str) -> str:
    """Return a ``PortRuleHTTP`` in words."""
    reader.unknown(rule, (*_HTTP_TEXTS, "headers", "headerMatches"), path)
    found = {key: reader.text(rule, key, path) or "" for key in _HTTP_TEXTS}
    headers = [text for text, _ in reader.texts(rule, "headers", path)]
    for header, where in reader.mappings(rule, "headerMatches", path):
        reader.unknown(header, ("name", "value", "secret", "mismatch"), where)
        reader.one_of(header, "mismatch", where, HEADER_ACTIONS)
        reader.text(header, "value", where)
        _secret(reader, header, where)
        headers.append(_name(reader, header, where))
    words = [found["method"] or "any method", f"{found['host']}{found['path']}" or "any path"]
    return " ".join(words) + (f" with {', '.join(headers)}" if headers else "")


def _server_names(reader: CiliumReader, entry: dict[str, Any], path: str) -> list[str]:
    """Return the names of ``serverNames``, of which TLS must indicate one."""
    names = reader.texts(entry, "serverNames", path)
    if isinstance(entry.get("serverNames"), list | tuple) and not entry["serverNames"]:
        reader.refuse(f"{path}.serverNames", "found an empty list, expected at least one name", "remove the field")
    for name, where in names:
        if len(name) > LONGEST_SERVER_NAME or _SERVER_NAME.fullmatch(name) is None:
            reason = f"found {described(name)}, which cannot be a server name"
            reader.refuse(where, reason, "write letters, digits, '-', '_', '*' and single dots")
    found = [name for name, _ in names]
    if len(set(found)) < len(found):
        reader.refuse(f"{path}.serverNames", "found a name twice", "remove one of them")
    return found


def _listener(reader: CiliumReader, entry: dict[str, Any], direction: Direction, path: str) -> str:
    """Return the Envoy listener that the traffic goes through, in words."""
    listener, where = reader.mapping(entry, "listener", path), f"{path}.listener"
    if listener is None:
        return ""
    reader.unknown(listener, ("envoyConfig", "name", "priority"), where)
    reader.number(listener, "priority", where, 1, LOWEST_PRIORITY)
    reader.required(listener, "envoyConfig", where, "name the CiliumEnvoyConfig that has the listener")
    config = reader.mapping(listener, "envoyConfig", where)
    if config is not None:
        reader.unknown(config, ("kind", "name"), f"{where}.envoyConfig")
        reader.one_of(config, "kind", f"{where}.envoyConfig", LISTENER_KINDS)
        _name(reader, config, f"{where}.envoyConfig")
    if direction is Direction.INGRESS:
        reader.refuse(where, "found a listener at ingress, where Cilium has none", "remove it")
    return f"Envoy listener {_name(reader, listener, where)}"


def _tls(reader: CiliumReader, entry: dict[str, Any], key: str, path: str) -> bool:
    """Return whether Cilium ends or begins TLS (``TLSContext``)."""
    context, where = reader.mapping(entry, key, path), f"{path}.{key}"
    if context is None:
        return False
    reader.unknown(context, ("secret", "trustedCA", "certificate", "privateKey"), where)
    for field in ("trustedCA", "certificate", "privateKey"):
        reader.text(context, field, where)
    reader.required(context, "secret", where, "name the Secret with the certificates")
    _secret(reader, context, where)
    return True


def _secret(reader: CiliumReader, parent: dict[str, Any], path: str) -> None:
    secret = reader.mapping(parent, "secret", path)
    if secret is not None:
        reader.unknown(secret, ("namespace", "name"), f"{path}.secret")
        reader.text(secret, "namespace", f"{path}.secret")
        _name(reader, secret, f"{path}.secret")


def _name(reader: CiliumReader, parent: dict[str, Any], path: str) -> str:
    """Return the name in a field that must have one."""
    reader.required(parent, "name", path, "write a name")
    name = reader.text(parent, "name", path)
    if name == "":
        reader.refuse(f"{path}.name", "found an empty name", "write a name")
    return name or ""
