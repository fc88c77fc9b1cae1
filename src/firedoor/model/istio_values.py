"""Values of Istio's authorization policies: which texts each field and attribute takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firedoor.algebra.ports import LAST_PORT
from firedoor.model.address_syntax import read_address, read_network
from firedoor.model.untyped import described

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.untyped import Reader

LONGEST_SERVICE_ACCOUNT = 320
TEMPLATES = ("{*}", "{**}")
_LITERAL = re.compile(r"[a-zA-Z0-9\-._~%!$&'()+,;:@=]+")
_WITH_MAP_KEY = re.compile(r"[^\[]+\[.+\]", re.DOTALL)


def check_text(reader: Reader, value: str, path: str) -> None:
    """Refuse an empty text."""
    if not value:
        reader.refuse(path, "found an empty text, expected a value", "remove it")


def check_address(reader: Reader, value: str, path: str) -> None:
    """Refuse what is neither an address nor a CIDR."""
    if read_network(value) is None and read_address(value) is None:
        remedy = "write an address or a block such as 10.1.2.3 or 10.0.0.0/8, without leading zeros"
        reader.refuse(path, f"found {described(value)}, expected an address or a CIDR", remedy)


def check_port(reader: Reader, value: str, path: str) -> None:
    """Refuse what is no port."""
    if read_port(value) is None:
        remedy = 'write the number of the workload\'s port in quotes, such as "8080"'
        reader.refuse(path, f"found {described(value)}, expected a port", remedy)


def check_service_account(reader: Reader, value: str, path: str) -> None:
    """Refuse what is neither ``name`` nor ``namespace/name``; there are no wildcards."""
    parts = value.split("/")
    if "*" in value or len(parts) > 2 or not all(parts) or len(value) > LONGEST_SERVICE_ACCOUNT:  # noqa: PLR2004 - ns/name
        reason = f"found {described(value)}, expected a service account"
        reader.refuse(path, reason, "write the name of one, or its namespace, a slash and its name, without *")


def check_wildcard(reader: Reader, value: str, path: str) -> None:
    """Refuse an empty text, and a ``*`` that is not at one end."""
    check_text(reader, value, path)
    if value.count("*") > 1 or ("*" in value and not value.startswith("*") and not value.endswith("*")):
        reason = f"found {described(value)}, expected at most one * at the beginning or the end"
        reader.refuse(path, reason, "write one entry for each value")


def check_trust_domain(reader: Reader, value: str, path: str) -> None:
    """Refuse what is no trust domain."""
    check_wildcard(reader, value, path)
    if "/" in value:
        reader.refuse(path, f"found {described(value)}, expected a trust domain", "remove what follows the slash")


def check_path(reader: Reader, value: str, path: str) -> None:
    """Refuse an empty path, and braces that are no operator of a path template."""
    check_text(reader, value, path)
    segments = value.strip("/").split("/")
    operators = [each for each in segments if each in TEMPLATES]
    literals = [each for each in segments if each not in TEMPLATES]
    is_template = any(each in value for each in TEMPLATES)
    if "{**}" in operators[:-1]:
        reader.refuse(
            path, f"found {described(value)}, in which {{**}} is not the last operator", "write {*} before it"
        )
    elif any("{" in each or "}" in each for each in literals) or (
        is_template and not all(_LITERAL.fullmatch(each) for each in literals)
    ):
        remedy = "write {*} or {**} as a whole segment, and plain text as the others"
        reader.refuse(path, f"found {described(value)}, which is no path or path template", remedy)


def read_port(value: str) -> int | None:
    """Return the number of a port, 0 included; None where the text is none."""
    digits = value.lstrip("0") or "0"
    is_number = value.isascii() and value.isdigit() and len(digits) <= len(str(LAST_PORT))
    return int(digits) if is_number and int(digits) <= LAST_PORT else None


def attribute_check(key: str) -> Callable[[Reader, str, str], None] | None:
    """Return the check of an attribute's values; None for an attribute that Istio does not have."""
    exact = _ATTRIBUTES.get(key)
    if exact is not None:
        return exact
    is_map = key.startswith(_MAP_ATTRIBUTES) and _WITH_MAP_KEY.fullmatch(key) is not None
    return check_text if is_map else None


_MAP_ATTRIBUTES = ("request.headers", "request.auth.claims", "experimental.envoy.filters.")
_ATTRIBUTES: dict[str, Callable[[Reader, str, str], None]] = {
    "source.ip": check_address,
    "remote.ip": check_address,
    "source.namespace": check_text,
    "source.serviceAccount": check_service_account,
    "source.principal": check_text,
    "source.trustDomain": check_wildcard,
    "request.auth.principal": check_text,
    "request.auth.audiences": check_text,
    "request.auth.presenter": check_text,
    "destination.ip": check_address,
    "destination.port": check_port,
    "connection.sni": check_text,
}
