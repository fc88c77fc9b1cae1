"""The rules on ``resources``: which there are, how much of each, and that requests stay within limits."""

from collections.abc import Set as AbstractSet
from typing import Any

from firedoor.adapters.manifests.validation.labels import label_key
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    duplicate,
    forbidden,
    invalid,
    item,
    missing,
    not_found,
)
from firedoor.adapters.manifests.validation.quantities import printed, read_quantity, validate_quantity, written
from firedoor.adapters.manifests.validation.shapes import mapping, objects, text

FOR_CONTAINERS = frozenset({"cpu", "memory", "ephemeral-storage"})
STANDARD = FOR_CONTAINERS | {
    *(f"{kind}.{name}" for kind in ("requests", "limits") for name in FOR_CONTAINERS),
    *("pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "storage"),
    *("persistentvolumeclaims", "requests.storage", "services.nodeports", "services.loadbalancers"),
}
HUGE_PAGES = "hugepages-"
NAME_REMEDY = "name cpu, memory, ephemeral-storage, or a resource with a domain such as example.com/gpu"


def validate_resources(value: Any, path: str, claims: AbstractSet[str] | None) -> list[Problem]:
    """Return the problems of the resources of a container; the claims of its pod are given, if there can be any."""
    resources = mapping(value)
    if not resources:
        return []
    problems = validate_amounts(resources.get("limits"), child(path, "limits"))
    problems += validate_amounts(resources.get("requests"), child(path, "requests"))
    problems += _validate_requests(mapping(resources.get("requests")), mapping(resources.get("limits")), path)
    names = {*mapping(resources.get("requests")), *mapping(resources.get("limits"))}
    if any(name.startswith(HUGE_PAGES) for name in names) and not names & {"cpu", "memory"}:
        remedy = "add a request or a limit for cpu or memory"
        problems.append(forbidden(path, "HugePages require cpu or memory", remedy=remedy))
    if claims is None:
        return problems
    return problems + _validate_claims(resources.get("claims"), child(path, "claims"), claims)


def validate_amounts(value: Any, path: str) -> list[Problem]:
    """Return the problems of a map from resources to amounts, such as limits or overhead."""
    problems = []
    for name, amount in sorted(mapping(value).items()):
        quantity = read_quantity(amount)
        if quantity is None and written(amount) is not None:
            problems += validate_quantity(amount, child(path, name))
            continue
        if name in FOR_CONTAINERS and quantity is not None and quantity >= 0:
            continue
        where = f"{path}[{name}]"
        problems += _validate_resource_name(name, where) + validate_quantity(amount, where)
        if _is_extended(name) and (quantity or 0) % 1 != 0:
            problems.append(invalid(where, printed(amount), "must be an integer", remedy="use a whole number"))
        problems += _validate_huge_pages(name, amount, where)
    return problems


def _validate_resource_name(name: str, path: str) -> list[Problem]:
    """Return the problems of the name of a resource of a container."""
    problems = [invalid(path, name, error, remedy=NAME_REMEDY) for error in label_key(name)]
    if "/" not in name:
        if name in FOR_CONTAINERS or name.startswith(HUGE_PAGES):
            return problems
        if not problems and name not in STANDARD:
            detail = "must be a standard resource type or fully qualified"
            problems.append(invalid(path, name, detail, remedy=NAME_REMEDY))
        return [*problems, invalid(path, name, "must be a standard resource for containers", remedy=NAME_REMEDY)]
    if "kubernetes.io/" not in name and not _is_extended(name):
        detail = "doesn't follow extended resource name standard"
        problems.append(invalid(path, name, detail, remedy=NAME_REMEDY))
    return problems


def _is_extended(name: str) -> bool:
    """Return whether a resource is one that a device plugin or an administrator adds to nodes."""
    native = "/" not in name or "kubernetes.io/" in name
    return not native and not name.startswith("requests.") and not label_key(f"requests.{name}")


def _validate_huge_pages(name: str, amount: Any, path: str) -> list[Problem]:
    """Return the problem of huge pages that are no multiple of their size."""
    size = read_quantity(name.removeprefix(HUGE_PAGES)) if name.startswith(HUGE_PAGES) else None
    wanted = read_quantity(amount)
    if size is None or size <= 0 or wanted is None or wanted % size == 0:
        return []
    detail = f"{printed(amount)} is not positive integer multiple of {name}"
    return [invalid(path, printed(amount), detail, remedy="ask for whole pages")]


def _validate_requests(requests: dict[str, Any], limits: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of requests next to limits: at most as much, and just as much of what is not shared."""
    problems = []
    # The server reads null as zero.
    requests, limits = (
        {name: 0 if amount is None else amount for name, amount in each.items()} for each in (requests, limits)
    )
    where = child(path, "requests")
    for name, amount in sorted(requests.items()):
        wanted, most = read_quantity(amount), read_quantity(limits.get(name))
        shared = ("/" not in name or "kubernetes.io/" in name) and not name.startswith(HUGE_PAGES)
        if wanted is None:
            continue
        if most is None:
            if not shared and name not in limits:
                detail = "Limit must be set for non overcommitable resources"
                problems.append(missing(child(path, "limits"), detail, remedy=f"set the limit of {name} as well"))
        elif wanted != most and not shared:
            detail = f"must be equal to {name} limit of {printed(limits[name])}"
            problems.append(invalid(where, printed(amount), detail, remedy="ask for as much as the limit"))
        elif wanted > most:
            detail = f"must be less than or equal to {name} limit of {printed(limits[name])}"
            problems.append(invalid(where, printed(amount), detail, remedy="lower the request or raise the limit"))
    return problems


def _validate_claims(value: Any, path: str, known: AbstractSet[str]) -> list[Problem]:
    """Return the problems of the claims of a container, each of which the pod lists."""
    problems = []
    seen: set[str] = set()
    for index, (claim, place) in enumerate(objects(value, path)):
        name, request = text(claim.get("name")), text(claim.get("request"))
        if not name:
            problems.append(missing(item(path, index), remedy="name a claim of spec.resourceClaims"))
            continue
        if request:
            problems += validate_name(request, child(place, "request"), dns_label)
        key = f"{name}/{request}" if request else name
        overlaps = not request and any(other.startswith(f"{name}/") for other in seen)
        if key in seen or name in seen or overlaps:
            problems.append(duplicate(place, key, remedy="refer to each claim once"))
        seen.add(key)
        if name not in known:
            problems.append(not_found(place, name, remedy=f"add {name} to spec.resourceClaims of the pod"))
    return problems
