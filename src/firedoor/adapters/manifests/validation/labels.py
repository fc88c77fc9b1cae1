"""Labels and label selectors: the syntax of keys and values, and the rules of ``matchExpressions``."""

from typing import Any

from firedoor.adapters.manifests.validation.names import dns_subdomain, matches, regex_error, too_long
from firedoor.adapters.manifests.validation.problems import Problem, forbidden, invalid, missing
from firedoor.adapters.manifests.validation.releases import SELECTOR_VALUES_SINCE
from firedoor.adapters.manifests.validation.shapes import elements, mapping, objects, text, text_map, texts

KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
VALUE = f"({KEY})?"
NAME_LENGTH = 63

KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)
VALUE_REMEDY = (
    "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or a digit; "
    "longer or freer text belongs into annotations"
)
WITH_VALUES = ("In", "NotIn")
WITHOUT_VALUES = ("Exists", "DoesNotExist")


def label_key(key: str) -> list[str]:
    """Return what is wrong with a label key: a name, or a DNS subdomain, a slash and a name."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        example = " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {regex_error(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc')}{example}"]
    errors = []
    if slash and not prefix:
        errors.append("prefix part must be non-empty")
    elif slash:
        errors += [f"prefix part {error}" for error in dns_subdomain(prefix)]
    if not name:
        errors.append("name part must be non-empty")
    errors += [f"name part {error}" for error in too_long(name, NAME_LENGTH)]
    if not matches(KEY, name):
        errors.append(f"name part {regex_error(KEY_RULE, KEY, 'MyName', 'my.name', '123-abc')}")
    return errors


def label_value(value: str) -> list[str]:
    """Return what is wrong with a label value, which may be empty."""
    errors = too_long(value, NAME_LENGTH)
    return (
        errors if matches(VALUE, value) else [*errors, regex_error(VALUE_RULE, VALUE, "MyValue", "my_value", "12345")]
    )


def _bad_key(key: str, path: str) -> list[Problem]:
    """Return the problems of a label key."""
    remedy = "write a key like app.kubernetes.io/name: an optional DNS name and a slash, then at most 63 letters, "
    remedy += "digits, '-', '_' and '.'"
    return [invalid(path, key, error, remedy=remedy) for error in label_key(key)]


def validate_labels(value: Any, path: str) -> list[Problem]:
    """Return the problems of a map of labels, which the server reports at the map and not at the key."""
    problems = []
    for key, entry in sorted(text_map(value).items()):
        problems += _bad_key(key, path)
        problems += [
            invalid(path, entry, error, remedy=f"change the value of {key}: {VALUE_REMEDY}")
            for error in label_value(entry)
        ]
    return problems


def validate_selector(value: Any, path: str, minor: int) -> list[Problem]:
    """Return the problems of a label selector: its labels, then each of its expressions."""
    selector = mapping(value)
    problems = validate_labels(selector.get("matchLabels"), f"{path}.matchLabels")
    for expression, place in objects(selector.get("matchExpressions"), f"{path}.matchExpressions"):
        problems += _validate_expression(expression, place, minor)
    return problems


def _validate_expression(expression: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of one expression: ``In`` and ``NotIn`` need values, the others have none."""
    operator, values = text(expression.get("operator")), elements(expression.get("values"))
    problems = []
    if operator in WITH_VALUES and not values:
        detail = "must be specified when `operator` is 'In' or 'NotIn'"
        problems.append(missing(f"{path}.values", detail, remedy="list the values, or use Exists or DoesNotExist"))
    elif operator in WITHOUT_VALUES and values:
        detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        problems.append(forbidden(f"{path}.values", detail, remedy="remove the values, or use In or NotIn"))
    elif operator not in WITH_VALUES + WITHOUT_VALUES:
        remedy = f"use one of {', '.join(WITH_VALUES + WITHOUT_VALUES)}, written exactly so"
        problems.append(invalid(f"{path}.operator", operator, "not a valid selector operator", remedy=remedy))
    problems += _bad_key(text(expression.get("key")), f"{path}.key")
    if minor >= SELECTOR_VALUES_SINCE:
        for entry, place in texts(values, f"{path}.values"):
            problems += [invalid(place, entry, error, remedy=VALUE_REMEDY) for error in label_value(entry)]
    return problems


def selects(value: Any, labels: dict[str, str]) -> bool | None:
    """Return whether a selector matches labels; None when the selector itself is not valid."""
    selector = mapping(value)
    if not all(labels.get(key) == entry for key, entry in text_map(selector.get("matchLabels")).items()):
        return False
    verdicts = [_selects(mapping(entry), labels) for entry in elements(selector.get("matchExpressions"))]
    return None if None in verdicts else all(verdicts)


def _selects(expression: dict[str, Any], labels: dict[str, str]) -> bool | None:
    """Return whether one expression matches labels: a negative one also matches where the key is absent."""
    key, values = text(expression.get("key")), elements(expression.get("values"))
    match text(expression.get("operator")):
        case "In" if values:
            return labels.get(key) in values
        case "NotIn" if values:
            return labels.get(key) not in values
        case "Exists" if not values:
            return key in labels
        case "DoesNotExist" if not values:
            return key not in labels
        case _:
            return None
