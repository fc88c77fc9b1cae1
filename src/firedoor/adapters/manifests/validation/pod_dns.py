"""The rules on how a pod resolves names, and on the names that it has itself."""

from typing import Any

from firedoor.adapters.manifests.validation.addresses import validate_address
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import LABEL, SUBDOMAIN, dns_label, dns_subdomain, matches
from firedoor.adapters.manifests.validation.problems import Problem, child, forbidden, invalid, item, missing
from firedoor.adapters.manifests.validation.releases import RELAXED_SEARCHES_SINCE
from firedoor.adapters.manifests.validation.shapes import objects, part, text, texts

MOST_NAMESERVERS = 3
MOST_SEARCHES = 32
LONGEST_SEARCH_LIST = 2048
LONGEST_HOSTNAME = 64


def validate_pod_dns(spec: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the settings of the resolver, and of names in the hosts file."""
    config, where = part(spec, "dnsConfig"), child(path, "dnsConfig")
    servers = list(texts(config.get("nameservers"), child(where, "nameservers")))
    problems = []
    if spec.get("dnsPolicy") == "None" and not servers:
        detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        at = child(where, "nameservers")
        if spec.get("dnsConfig") is None:
            detail, at = "must provide `dnsConfig` when `dnsPolicy` is None", where
        return [missing(at, detail, remedy="list the addresses of nameservers under dnsConfig")]
    if len(servers) > MOST_NAMESERVERS:
        detail = f"must not have more than {MOST_NAMESERVERS} nameservers"
        addresses = [address for address, _ in servers]
        problems.append(invalid(child(where, "nameservers"), addresses, detail, remedy="keep the first three"))
    for address, place in servers:
        problems += validate_address(address, place, minor)
    problems += _validate_searches(config.get("searches"), child(where, "searches"), minor)
    for option, place in objects(config.get("options"), child(where, "options")):
        if not text(option.get("name")):
            problems.append(missing(place, "must not be empty", remedy="name the option, such as ndots"))
    for alias, place in objects(spec.get("hostAliases"), child(path, "hostAliases")):
        problems += validate_address(text(alias.get("ip")), child(place, "ip"), minor)
        for name, at in texts(alias.get("hostnames"), child(place, "hostnames")):
            problems += validate_name(name, at, dns_subdomain)
    return problems


def _validate_searches(value: Any, path: str, minor: int) -> list[Problem]:
    """Return the problems of the domains in which names are looked for."""
    problems = []
    searches = [search for search, _ in texts(value, path)]
    if len(searches) > MOST_SEARCHES:
        detail = f"must not have more than {MOST_SEARCHES} search paths"
        problems.append(invalid(path, searches, detail, remedy="remove some"))
    if len(" ".join(searches)) > LONGEST_SEARCH_LIST:
        detail = f"must not have more than {LONGEST_SEARCH_LIST} characters (including spaces) in the search list"
        problems.append(invalid(path, searches, detail, remedy="remove some"))
    for index, search in enumerate(searches):
        name = search.removesuffix(".")
        relaxed = minor >= RELAXED_SEARCHES_SINCE
        if relaxed and (search == "." or _is_underscored(name)):
            continue
        problems += validate_name(name, item(path, index), dns_subdomain)
    return problems


def _is_underscored(name: str) -> bool:
    """Return whether a name is a domain whose labels may have underscores."""
    label = LABEL.replace("[a-z0-9]([-a-z0-9]*", "[a-z0-9_]([-a-z0-9_]*")
    return len(name) <= 253 and matches(SUBDOMAIN.replace(LABEL, label), name)  # noqa: PLR2004 - as any domain


def validate_hostname(spec: dict[str, Any], path: str, *, is_set_by_workload: bool) -> list[Problem]:
    """Return the problems of the name of the host that a pod is; a StatefulSet sets most of it itself."""
    problems = []
    for field in () if is_set_by_workload else ("hostname", "subdomain"):
        if text(spec.get(field)):
            problems += validate_name(text(spec.get(field)), child(path, field), dns_label)
    name, where = spec.get("hostnameOverride"), child(path, "hostnameOverride")
    if name is None:
        return problems
    for field in ("setHostnameAsFQDN", "hostNetwork"):
        if spec.get(field) is True:
            detail = f"may not be specified when {field} is true"
            problems.append(forbidden(where, detail, remedy=f"remove hostnameOverride, or {field}"))
    if len(text(name)) > LONGEST_HOSTNAME:
        detail = f"may not be more than {LONGEST_HOSTNAME} bytes"
        problems.append(invalid(where, name, detail, remedy="shorten the name"))
    return problems + validate_name(text(name), where, dns_subdomain)
