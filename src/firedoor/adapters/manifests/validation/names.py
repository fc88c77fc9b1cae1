"""
The syntax of names: each function returns what is wrong with one, in the words of the API server.

Lengths are in bytes of UTF-8, as the server counts them.
"""

import re
from collections.abc import Callable
from functools import lru_cache

LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
SUBDOMAIN = rf"{LABEL}(\.{LABEL})*"
LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
WILDCARD = rf"\*\.{SUBDOMAIN}"
VARIABLE = "[-._a-zA-Z][-._a-zA-Z0-9]*"
PRINTABLE = "[ -<>-~]*"
CONFIG_KEY = "[-._a-zA-Z0-9]+"
HEADER = "[-A-Za-z0-9]+"
HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"

LABEL_LENGTH = 63
SUBDOMAIN_LENGTH = 253
PORT_NAME_LENGTH = 15
LARGEST_PORT = 65535

REMEMBERED = 8192
"""How many names are remembered: manifests repeat the same few labels over and over."""

LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
LABEL_1035_RULE = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character"
)
WILDCARD_RULE = (
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
    "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
)

VARIABLE_RULE = (
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', "
    "and must not start with a digit"
)
RELAXED_VARIABLE_RULE = (
    "a valid environment variable name must consist only of printable ASCII characters other than '='"
)
CONFIG_KEY_RULE = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
HEADER_RULE = "a valid HTTP header must consist of alphanumeric characters or '-'"

NameRule = Callable[[str], list[str]]
"""A function from a name to what is wrong with it."""


def regex_error(rule: str, pattern: str, *examples: str) -> str:
    """Return the wording of a name that does not match: the rule, examples, and the pattern."""
    shown = "".join(f"{'' if index == 0 else ' or '}'{example}', " for index, example in enumerate(examples))
    return (
        f"{rule} (e.g. {shown}regex used for validation is '{pattern}')"
        if examples
        else (f"{rule} (regex used for validation is '{pattern}')")
    )


def too_long(name: str, limit: int) -> list[str]:
    """Return the wording of a name that is longer than its limit."""
    size = len(name.encode(errors="surrogatepass"))
    return [f"must be no more than {limit} bytes"] if size > limit else []


@lru_cache(maxsize=REMEMBERED)
def matches(pattern: str, name: str) -> bool:
    """Return whether a whole name matches a pattern."""
    return re.fullmatch(pattern, name, re.ASCII) is not None


def dns_label(name: str) -> list[str]:
    """Return what keeps a name from being a DNS label of RFC 1123, such as the name of a container."""
    errors = too_long(name, LABEL_LENGTH)
    if matches(LABEL, name):
        return errors
    if matches(SUBDOMAIN, name):
        return [*errors, "must not contain dots"]
    return [*errors, regex_error(LABEL_RULE, LABEL, "my-name", "123-abc")]


def dns_subdomain(name: str) -> list[str]:
    """Return what keeps a name from being a DNS subdomain of RFC 1123, as the names of most objects are."""
    errors = too_long(name, SUBDOMAIN_LENGTH)
    return errors if matches(SUBDOMAIN, name) else [*errors, regex_error(SUBDOMAIN_RULE, SUBDOMAIN, "example.com")]


def dns_1035_label(name: str) -> list[str]:
    """Return what keeps a name from being a DNS label of RFC 1035, as the name of a Service is."""
    errors = too_long(name, LABEL_LENGTH)
    if matches(LABEL_1035, name):
        return errors
    return [*errors, regex_error(LABEL_1035_RULE, LABEL_1035, "my-name", "abc-123")]


def wildcard_subdomain(name: str) -> list[str]:
    """Return what keeps a host from being a wildcard such as ``*.example.com``."""
    errors = too_long(name, SUBDOMAIN_LENGTH)
    return errors if matches(WILDCARD, name) else [*errors, regex_error(WILDCARD_RULE, WILDCARD, "*.example.com")]


def path_segment(name: str) -> list[str]:
    """Return what keeps a name from standing in a URL, the only rule for the names of RBAC objects."""
    if name in {".", ".."}:
        return [f"may not be '{name}'"]
    return [f"may not contain '{letter}'" for letter in "/%" if letter in name]


def port_name(name: str) -> list[str]:
    """Return what keeps a name from being a port name of RFC 6335, such as ``http``."""
    errors = too_long(name, PORT_NAME_LENGTH)
    if not matches("[-a-z0-9]+", name):
        errors.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if re.search("[a-z]", name) is None:
        errors.append("must contain at least one letter (a-z)")
    if "--" in name:
        errors.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        errors.append("must not begin or end with a hyphen")
    return errors


def port_number(value: int) -> list[str]:
    """Return what keeps a number from being a port."""
    return [] if 1 <= value <= LARGEST_PORT else [f"must be between 1 and {LARGEST_PORT}, inclusive"]


def _upward(name: str) -> list[str]:
    """Return what is wrong with a name that could lead out of a folder."""
    if name in {".", ".."}:
        return [f"must not be '{name}'"]
    return ["must not start with '..'"] if name.startswith("..") else []


def variable_name(name: str) -> list[str]:
    """Return what keeps a name from being that of a variable of the environment, before 1.32."""
    errors = [] if matches(VARIABLE, name) else [regex_error(VARIABLE_RULE, VARIABLE, "my.env-name", "MY_ENV.NAME")]
    return errors + _upward(name)


def relaxed_variable_name(name: str) -> list[str]:
    """Return what keeps a name from being that of a variable of the environment: printable ASCII without ``=``."""
    return [] if matches(PRINTABLE, name) else [RELAXED_VARIABLE_RULE]


def config_key(name: str) -> list[str]:
    """Return what keeps a name from being the key of an entry of a ConfigMap or a Secret."""
    errors = too_long(name, SUBDOMAIN_LENGTH)
    if not matches(CONFIG_KEY, name):
        errors.append(regex_error(CONFIG_KEY_RULE, CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    return errors + _upward(name)


def header_name(name: str) -> list[str]:
    """Return what keeps a name from being that of an HTTP header."""
    return [] if matches(HEADER, name) else [regex_error(HEADER_RULE, HEADER, "X-Header-Name")]


def as_prefix(rule: NameRule) -> NameRule:
    """Return the rule for ``generateName``, which may end in a dash because a suffix follows."""
    return lambda name: rule(name[:-1] + "a" if name.endswith("-") and len(name) > 1 else name)
