"""The least rules for a set of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import rule_allows
from firedoor.engine.rbac_least.merging import Permission, merged
from firedoor.engine.rbac_least.permitting import resource_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.access import AccessRequest
    from firedoor.model.rbac import PolicyRule

CLUSTER = ""
"""Stands for the whole cluster where a namespace is asked for."""

_MADE_NAMES = frozenset(
    {
        ("", "events"),
        ("", "nodes"),
        ("", "pods"),
        ("apps", "controllerrevisions"),
        ("apps", "replicasets"),
        ("batch", "jobs"),
        ("certificates.k8s.io", "certificatesigningrequests"),
        ("discovery.k8s.io", "endpointslices"),
        ("events.k8s.io", "events"),
        ("storage.k8s.io", "volumeattachments"),
    }
)
"""Resources whose objects mostly have names that a controller makes up: the next one has another name."""


def least_rules(requests: Iterable[AccessRequest], most_names: int) -> dict[str, tuple[PolicyRule, ...]]:
    """
    Return the rules that permit the requests, by namespace, those of the whole cluster first.

    A request in a namespace is permitted there, all others in the whole cluster. What the
    rules for the cluster permit is in no namespace again. A verb on a resource is for the
    names asked for where all requests had one, there are at most `most_names`, and the
    objects keep their names.
    """
    scopes: dict[str, list[AccessRequest]] = {}
    for each in requests:
        scopes.setdefault(each.namespace if each.is_for_resource else CLUSTER, []).append(each)
    found: dict[str, tuple[PolicyRule, ...]] = {}
    everywhere = merged(_permissions(scopes.pop(CLUSTER, []), (), most_names))
    if everywhere:
        found[CLUSTER] = everywhere
    for namespace in sorted(scopes):
        rules = merged(_permissions(scopes[namespace], everywhere, most_names))
        if rules:
            found[namespace] = rules
    return found


def _permissions(
    requests: list[AccessRequest], everywhere: tuple[PolicyRule, ...], most_names: int
) -> Iterator[Permission]:
    units: dict[tuple[str, str, str], list[AccessRequest]] = {}
    for each in requests:
        if each.is_for_resource:
            units.setdefault((each.verb, each.group, resource_of(each)), []).append(each)
        else:
            yield Permission(each.verb, url=each.path)
    for (verb, group, resource), same in units.items():
        # Names are counted before any is left out: those seen may stand for more that were not kept.
        names = {each.name for each in same}
        is_limited = "" not in names and len(names) <= most_names and _keeps_names(group, resource)
        for each in same:
            if not any(rule_allows(rule, each) for rule in everywhere):
                yield Permission(verb, group, resource, each.name if is_limited else None)


def _keeps_names(group: str, resource: str) -> bool:
    return (group, resource.partition("/")[0]) not in _MADE_NAMES
