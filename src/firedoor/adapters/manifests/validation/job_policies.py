"""The rules on what a Job makes of pods that fail, and on when enough of them have succeeded."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice, validate_counts
from firedoor.adapters.manifests.validation.containers import EXIT_OPERATORS
from firedoor.adapters.manifests.validation.labels import label_key
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    duplicate,
    invalid,
    item,
    missing,
    quoted,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import elements, mapping, number, objects, part, text

ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
STATUSES = ("False", "True", "Unknown")
REPLACEMENTS = ("Failed", "TerminatingOrFailed")


def validate_failure_policy(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of ``podFailurePolicy`` and ``podReplacementPolicy``."""
    replacement, where = spec.get("podReplacementPolicy"), child(path, "podReplacementPolicy")
    known = ("Failed",) if spec.get("podFailurePolicy") is not None else REPLACEMENTS
    problems = validate_choice(replacement, where, known, may_be_empty=False)
    pod = part(spec, "template", "spec")
    names = {
        text(each.get("name")) for field in ("containers", "initContainers") for each, _ in objects(pod.get(field), "")
    }
    rules = part(spec, "podFailurePolicy").get("rules")
    for rule, place in objects(rules, child(path, "podFailurePolicy.rules")):
        action, where = text(rule.get("action")), child(place, "action")
        if action == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            detail = "requires the backoffLimitPerIndex to be set"
            problems.append(invalid(where, action, detail, remedy="write backoffLimitPerIndex"))
        problems += _validate_word(action, where, ACTIONS)
        codes, conditions = rule.get("onExitCodes"), elements(rule.get("onPodConditions"))
        if codes is not None:
            problems += _validate_codes(mapping(codes), child(place, "onExitCodes"), names)
        for pattern, at in objects(conditions, child(place, "onPodConditions")):
            kind = text(pattern.get("type"))
            remedy = "write the type of a condition, such as DisruptionTarget"
            problems += [invalid(child(at, "type"), kind, error, remedy=remedy) for error in label_key(kind)]
            # Left out, the server fills in the status True.
            status = "True" if pattern.get("status") is None else text(pattern["status"])
            problems += _validate_word(status or "True", child(at, "status"), STATUSES)
        if (codes is not None) == bool(conditions):
            detail = "both OnExitCodes and OnPodConditions is not supported"
            detail = detail if conditions else "one of OnExitCodes and OnPodConditions is required"
            remedy = "write onExitCodes or onPodConditions"
            problems.append(invalid(place, "", f"specifying {detail}", remedy=remedy))
    return problems


def _validate_word(value: str, path: str, known: tuple[str, ...]) -> list[Problem]:
    """Return the problem of a word that must be set, and one of a few."""
    if value:
        return [] if value in known else [unsupported(path, value, known)]
    choices = " ".join(map(quoted, known))
    return [missing(path, f"valid values: [{choices}]", remedy=f"use one of {', '.join(known)}")]


def _validate_codes(codes: dict[str, Any], path: str, names: set[str]) -> list[Problem]:
    """Return the problems of a rule about exit codes, which are in order and written once."""
    operator = text(codes.get("operator"))
    problems = _validate_word(operator, child(path, "operator"), EXIT_OPERATORS)
    name = codes.get("containerName")
    if isinstance(name, str) and name not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        problems.append(invalid(child(path, "containerName"), name, detail, remedy="name a container of the template"))
    where = child(path, "values")
    values = [number(value) for value in elements(codes.get("values"))]
    if not values:
        problems.append(invalid(where, values, "at least one value is required", remedy="list the exit codes"))
    for index, value in enumerate(values):
        if value == 0 and operator == "In":
            detail = "must not be 0 for the In operator"
            problems.append(invalid(item(where, index), value, detail, remedy="remove 0: it is no failure"))
        if value in values[:index]:
            problems.append(duplicate(item(where, index), value, remedy="write each code once"))
    if values != sorted(values):
        problems.append(invalid(where, values, "must be ordered", remedy=f"write {sorted(values)}"))
    return problems


def validate_success_policy(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of ``successPolicy``; the syntax of its lists of indexes is not looked at."""
    policy, path = spec.get("successPolicy"), child(path, "successPolicy")
    if policy is None:
        return []
    if spec.get("completionMode") != "Indexed":
        detail = "requires indexed completion mode"
        return [invalid(path, policy, detail, remedy="write completionMode: Indexed")]
    rules, where = mapping(policy).get("rules"), child(path, "rules")
    if not elements(rules):
        detail = "at least one rules must be specified when the successPolicy is specified"
        return [missing(where, detail, remedy="write a rule, or remove successPolicy")]
    problems = []
    for rule, place in objects(rules, where):
        count, most = rule.get("succeededCount"), number(spec.get("completions"))
        if count is None and rule.get("succeededIndexes") is None:
            detail = "at least one of succeededCount or succeededIndexes must be specified"
            problems.append(missing(place, detail, remedy="write succeededCount"))
        problems += validate_counts(rule, place, ("succeededCount",))
        if number(count) > most and spec.get("completions") is not None:
            detail = f"must be less than or equal to {most} (the number of specified completions)"
            at = child(place, "succeededCount")
            problems.append(invalid(at, number(count), detail, remedy="lower it, or raise completions"))
    return problems
