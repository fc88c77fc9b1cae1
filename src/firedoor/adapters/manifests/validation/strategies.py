"""The rules on how a workload replaces its pods by new ones."""

import re
from typing import Any

from firedoor.adapters.manifests.validation.choices import NOT_NEGATIVE, validate_counts
from firedoor.adapters.manifests.validation.names import regex_error
from firedoor.adapters.manifests.validation.problems import Problem, child, forbidden, invalid, missing, unsupported
from firedoor.adapters.manifests.validation.shapes import is_number, mapping, number, part, text

PERCENT = "[0-9]+%"
PERCENT_RULE = "a valid percent string must be a numeric string followed by an ending '%'"
OF_DEPLOYMENTS = ("Recreate", "RollingUpdate")
OF_DAEMONSETS = ("RollingUpdate", "OnDelete")
TOO_MUCH = "must not be greater than 100%"
ALL = 100


def validate_strategy(kind: str, spec: dict[str, Any]) -> list[Problem]:
    """Return the problems of the strategy of a Deployment, a DaemonSet or a StatefulSet."""
    match kind:
        case "Deployment":
            return _of_deployment(part(spec, "strategy"), "spec.strategy")
        case "DaemonSet":
            return _of_daemon_set(part(spec, "updateStrategy"), "spec.updateStrategy")
        case "StatefulSet":
            return _of_stateful_set(part(spec, "updateStrategy"), "spec.updateStrategy")
        case _:
            return []


def _of_deployment(strategy: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the strategy of a Deployment."""
    kind = text(strategy.get("type")) or "RollingUpdate"
    rolling, where = strategy.get("rollingUpdate"), child(path, "rollingUpdate")
    if kind == "Recreate" and rolling is not None:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden(where, detail, remedy="remove rollingUpdate, or the type Recreate")]
    if kind not in OF_DEPLOYMENTS:
        return [unsupported(path, strategy, OF_DEPLOYMENTS, remedy="write type: RollingUpdate, or Recreate")]
    unavailable, surge = _both(mapping(rolling), "25%", "25%")
    problems = _validate_share(unavailable, child(where, "maxUnavailable"))
    problems += _validate_share(surge, child(where, "maxSurge"), has_limit=False)
    if kind == "RollingUpdate" and _amount(unavailable) == 0 and _amount(surge) == 0:
        detail = "may not be 0 when `maxSurge` is 0"
        remedy = "let maxUnavailable or maxSurge be more than zero"
        problems.append(invalid(child(where, "maxUnavailable"), unavailable, detail, remedy=remedy))
    return problems


def _of_daemon_set(strategy: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the strategy of a DaemonSet, which gives way on one side only."""
    kind = text(strategy.get("type")) or "RollingUpdate"
    if kind not in OF_DAEMONSETS:
        return [unsupported(path, strategy, OF_DAEMONSETS, remedy="write type: RollingUpdate, or OnDelete")]
    if kind == "OnDelete":
        return []
    where = child(path, "rollingUpdate")
    unavailable, surge = _both(part(strategy, "rollingUpdate"), 1, 0)
    problems = _validate_share(unavailable, child(where, "maxUnavailable"))
    problems += _validate_share(surge, child(where, "maxSurge"))
    if _amount(unavailable) and _amount(surge):
        detail = "may not be set when maxUnavailable is non-zero"
        problems.append(invalid(child(where, "maxSurge"), surge, detail, remedy="write maxUnavailable: 0"))
    if not _amount(unavailable) and not _amount(surge):
        detail = "cannot be 0 when maxSurge is 0"
        problems.append(missing(child(where, "maxUnavailable"), detail, remedy="let one of the two be more than zero"))
    return problems


def _of_stateful_set(strategy: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the strategy of a StatefulSet."""
    kind, rolling = text(strategy.get("type")) or "RollingUpdate", strategy.get("rollingUpdate")
    where = child(path, "rollingUpdate")
    if kind not in OF_DAEMONSETS:
        detail = "must be 'RollingUpdate' or 'OnDelete'"
        return [invalid(path, strategy, detail, remedy="write type: RollingUpdate, or OnDelete")]
    if kind == "OnDelete":
        detail = "only allowed for updateStrategy 'RollingUpdate'"
        return [] if rolling is None else [invalid(where, rolling, detail, remedy="remove rollingUpdate")]
    return validate_counts(mapping(rolling), where, ("partition",))


def _both(rolling: dict[str, Any], unavailable: int | str, surge: int | str) -> tuple[Any, Any]:
    """Return how many pods may be missing and how many may be too many, or what they are left out."""
    found = [rolling.get(field) for field in ("maxUnavailable", "maxSurge")]
    return unavailable if found[0] is None else found[0], surge if found[1] is None else found[1]


def _percent(value: Any) -> int | None:
    """Return the number of a percentage; None for anything else."""
    return int(value[:-1]) if isinstance(value, str) and re.fullmatch(PERCENT, value, re.ASCII) else None


def _amount(value: Any) -> int:
    """Return a number or the number of a percentage; a text that is neither counts as the number in it, or zero."""
    percent = _percent(value)
    if percent is not None:
        return percent
    digits = re.fullmatch("[+-]?[0-9]+", text(value), re.ASCII)
    return int(digits[0]) if digits else number(value)


def _validate_share(value: Any, path: str, *, has_limit: bool = True) -> list[Problem]:
    """Return the problems of a number of pods or a share of them."""
    percent = _percent(value)
    remedy = "write a number of pods, or a share such as 25%"
    if percent is not None:
        is_over = percent > ALL and has_limit
        return [invalid(path, value, TOO_MUCH, remedy=remedy)] if is_over else []
    if isinstance(value, str):
        return [invalid(path, value, regex_error(PERCENT_RULE, PERCENT, "1%", "93%"), remedy=remedy)]
    if is_number(value) and number(value) < 0:
        return [invalid(path, number(value), NOT_NEGATIVE, remedy=remedy)]
    return []
