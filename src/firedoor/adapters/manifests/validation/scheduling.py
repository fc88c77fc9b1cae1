"""The rules on where the pods of a workload may run: affinity, tolerations, and how they spread."""

from typing import Any

from firedoor.adapters.manifests.validation.affinity import validate_label_keys
from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.labels import label_key, label_value, validate_selector
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    duplicate,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.releases import SPREAD_SELECTORS_SINCE
from firedoor.adapters.manifests.validation.shapes import number, objects, text

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
OPERATORS = ("Equal", "Exists")
COMPARING = ("Lt", "Gt")
ACTIONS = ("DoNotSchedule", "ScheduleAnyway")
INCLUSIONS = ("Honor", "Ignore")
POSITIVE = "must be greater than zero"


def validate_tolerations(value: Any, path: str) -> list[Problem]:
    """Return the problems of tolerations: which taints they match, and for how long."""
    problems = []
    for toleration, place in objects(value, path):
        key, operator = text(toleration.get("key")), text(toleration.get("operator"))
        value_of, effect = text(toleration.get("value")), text(toleration.get("effect"))
        remedy = "write the key of the taint"
        problems += [invalid(child(place, "key"), key, error, remedy=remedy) for error in label_key(key) if key]
        where = child(place, "operator")
        if not key and operator != "Exists":
            detail = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            problems.append(invalid(where, operator, detail, remedy="write the key, or operator: Exists"))
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
            remedy = "write effect: NoExecute, or remove tolerationSeconds"
            problems.append(invalid(child(place, "effect"), effect, detail, remedy=remedy))
        if operator in {"", "Equal"}:
            errors = label_value(value_of)
            problems += [invalid(where, value_of, ";".join(errors), remedy="write the value of the taint")] * bool(
                errors
            )
        elif operator == "Exists" and value_of:
            detail = "value must be empty when `operator` is 'Exists'"
            problems.append(invalid(where, value_of, detail, remedy="remove the value, or write operator: Equal"))
        elif operator not in OPERATORS:
            known = OPERATORS + COMPARING if operator in COMPARING else OPERATORS
            problems.append(unsupported(where, operator, known, remedy="use Equal or Exists"))
        problems += validate_choice(effect, child(place, "effect"), EFFECTS)
    return problems


def validate_spread(value: Any, path: str, minor: int) -> list[Problem]:
    """Return the problems of ``topologySpreadConstraints``."""
    problems = []
    pairs = [(text(each.get("topologyKey")), text(each.get("whenUnsatisfiable"))) for each, _ in objects(value, "")]
    for index, (constraint, place) in enumerate(objects(value, path)):
        key, action = pairs[index]
        skew, where = number(constraint.get("maxSkew")), child(place, "maxSkew")
        problems += [invalid(where, skew, POSITIVE, remedy="use 1 or more")] if skew <= 0 else []
        if not key:
            remedy = "name a label of the nodes, such as topology.kubernetes.io/zone"
            problems.append(missing(child(place, "topologyKey"), "can not be empty", remedy=remedy))
        problems += validate_choice(action, child(place, "whenUnsatisfiable"), ACTIONS, may_be_empty=False)
        if pairs[index] in pairs[index + 1 :]:
            where = child(place, "{topologyKey, whenUnsatisfiable}")
            remedy = "write one constraint for each pair of key and action"
            problems.append(duplicate(where, f"{{{key}, {action}}}", remedy=remedy))
        problems += _validate_domains(constraint, place, action)
        for field in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            problems += validate_choice(constraint.get(field), child(place, field), INCLUSIONS, may_be_empty=False)
        if minor >= SPREAD_SELECTORS_SINCE:
            problems += validate_selector(constraint.get("labelSelector"), child(place, "labelSelector"), minor)
            problems += validate_label_keys(constraint, place, ("matchLabelKeys",))
    return problems


def _validate_domains(constraint: dict[str, Any], path: str, action: str) -> list[Problem]:
    """Return the problems of the least number of domains."""
    domains, where = constraint.get("minDomains"), child(path, "minDomains")
    if domains is None:
        return []
    problems = [invalid(where, number(domains), POSITIVE, remedy="use 1 or more")] if number(domains) <= 0 else []
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        problems.append(invalid(where, number(domains), detail, remedy="write whenUnsatisfiable: DoNotSchedule"))
    return problems
