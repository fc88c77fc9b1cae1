"""Requests, subjects and what gives them rights, in the words that people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firedoor.model.access import AccessRequest, Grant
from firedoor.model.places import Gap, ObjectRef
from firedoor.model.rbac import PolicyRule, Subject


def request_text(request: AccessRequest, *, is_everywhere: bool) -> str:
    """Return a request as in ``get pods/log web-0 in namespace shop``."""
    if not request.is_for_resource:
        return f"{request.verb} {request.path}"
    name = f" {request.name}" if request.name else ""
    where = " in all namespaces" if is_everywhere else ""
    where = f" in namespace {request.namespace}" if request.namespace else where
    resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    return f"{request.verb} {dotted(resource, request.group)}{name}{where}"


def dotted(resource: str, group: str) -> str:
    """Return a resource, with its subresource, and its group as in ``deployments.apps/scale``."""
    name, slash, sub = resource.partition("/")
    return f"{name}.{group}{slash}{sub}" if group else resource


def subject_text(subject: Subject) -> str:
    """Return a subject as in ``ServiceAccount shop/web`` or ``Group developers``."""
    return (
        f"{subject.kind} {subject.namespace}/{subject.name}" if subject.namespace else f"{subject.kind} {subject.name}"
    )


def target_text(target: Subject | ObjectRef) -> str:
    """Return a subject or an object by its kind and name."""
    return subject_text(target) if isinstance(target, Subject) else str(target)


def rule_place(grant: Grant) -> str:
    """Return ``file:line`` of the rule itself, in the role that it is written in."""
    return grant.role_place.at(grant.path)


def rule_name(grant: Grant) -> str:
    """Return the path of the rule, after the role that it is written in where that is another than the one bound."""
    return f"from {grant.source} {grant.path}" if grant.source is not None else grant.path


def rule_text(rule: PolicyRule) -> str:
    """Return what a rule permits as in ``get, list on secrets named db``."""
    if rule.non_resource_urls and not rule.resources:
        return f"{', '.join(rule.verbs)} on {', '.join(rule.non_resource_urls)}"
    named = f" named {', '.join(rule.resource_names)}" if rule.resource_names else ""
    resources = ", ".join(rule.resources)
    if len(rule.api_groups) == 1:
        resources = ", ".join(dotted(each, rule.api_groups[0]) for each in rule.resources)
    else:
        resources += f" of the groups {', '.join(each or 'core' for each in rule.api_groups)}"
    return f"{', '.join(rule.verbs)} on {resources}{named}"


def through(grants: Iterable[Grant]) -> Iterator[tuple[str, str]]:
    """
    Yield for each binding where it holds and what it is, with its role, the rules and their places.

    Rules of one binding stand together.
    """
    found: dict[tuple[ObjectRef, ObjectRef], list[Grant]] = {}
    for each in grants:
        found.setdefault((each.binding, each.role), []).append(each)
    for (binding, role), gives in found.items():
        rules = ", ".join(dict.fromkeys(f"{rule_name(each)} ({rule_place(each)})" for each in gives))
        yield gives[0].namespace, f"{binding} -> {role} {rules}"


def gap_text(gap: Gap) -> str:
    """Return why something is not known, where, and what to do."""
    remedy = f"; {gap.remedy}" if gap.remedy else ""
    return f"{gap.reason} ({gap.source}){remedy}"


def count_text(number: int, one: str) -> str:
    """Return a number with its noun, as in ``2 gaps``."""
    return f"{number} {one}{'' if number == 1 else 's'}"
