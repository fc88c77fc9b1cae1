"""The rules on probes and on what runs when a container starts and stops."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice, validate_counts
from firedoor.adapters.manifests.validation.names import header_name, port_name, port_number
from firedoor.adapters.manifests.validation.problems import Problem, child, forbidden, invalid, missing
from firedoor.adapters.manifests.validation.releases import SLEEP_OF_ZERO_SINCE
from firedoor.adapters.manifests.validation.shapes import elements, is_number, mapping, number, objects, text

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HANDLERS_OF_PROBES = ("exec", "httpGet", "tcpSocket", "grpc")
HANDLERS_OF_LIFECYCLE = ("exec", "httpGet", "tcpSocket", "sleep")
SCHEMES = ("HTTP", "HTTPS")
COUNTS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
GRACE = "terminationGracePeriodSeconds"
PORT_REMEDY = "use a number from 1 to 65535, or the name of a port of the container"


def validate_probes(container: dict[str, Any], path: str, grace: int, minor: int) -> list[Problem]:
    """Return the problems of the probes of a container."""
    problems = []
    for field in PROBES:
        if container.get(field) is not None:
            problems += _validate_probe(mapping(container[field]), child(path, field), grace, minor)
    return problems


def _validate_probe(probe: dict[str, Any], path: str, grace: int, minor: int) -> list[Problem]:
    """Return the problems of one probe."""
    problems = _validate_handler(probe, path, HANDLERS_OF_PROBES, grace, minor)
    problems += validate_counts(probe, path, COUNTS)
    seconds, where = probe.get(GRACE), child(path, GRACE)
    is_readiness = path.endswith("readinessProbe")
    if seconds is not None and number(seconds) <= 0:
        problems.append(invalid(where, number(seconds), "must be greater than 0", remedy="use 1 or more"))
    if seconds is not None and is_readiness:
        detail = "must not be set for readinessProbes"
        problems.append(invalid(where, number(seconds), detail, remedy=f"remove {GRACE}"))
    successes = number(probe.get("successThreshold"))
    if not is_readiness and successes not in {0, 1}:
        problems.append(invalid(child(path, "successThreshold"), successes, "must be 1", remedy="write 1"))
    return problems


def validate_lifecycle(lifecycle: dict[str, Any], path: str, grace: int, minor: int) -> list[Problem]:
    """Return the problems of what runs after the start and before the end of a container."""
    problems = []
    for field in ("postStart", "preStop"):
        if lifecycle.get(field) is not None:
            handler = mapping(lifecycle[field])
            problems += _validate_handler(handler, child(path, field), HANDLERS_OF_LIFECYCLE, grace, minor)
    return problems


def _validate_handler(
    handler: dict[str, Any], path: str, kinds: tuple[str, ...], grace: int, minor: int
) -> list[Problem]:
    """Return the problems of a handler, which is of exactly one kind."""
    found = [kind for kind in kinds if handler.get(kind) is not None]
    if not found:
        remedy = f"write one of {', '.join(kinds)}"
        return [missing(path, "must specify a handler type", remedy=remedy)]
    remedy = f"keep one of {', '.join(found)}"
    detail = "may not specify more than 1 handler type"
    problems = [forbidden(child(path, kind), detail, remedy=remedy) for kind in found[1:]]
    action, where = mapping(handler[found[0]]), child(path, found[0])
    match found[0]:
        case "exec" if not elements(action.get("command")):
            problems.append(missing(child(where, "command"), remedy="list the program and its arguments"))
        case "httpGet":
            problems += validate_port_reference(action.get("port"), child(where, "port"))
            problems += validate_choice(action.get("scheme"), child(where, "scheme"), SCHEMES)
            problems += _validate_headers(action.get("httpHeaders"), child(where, "httpHeaders"))
        case "tcpSocket" | "grpc":
            problems += validate_port_reference(action.get("port"), child(where, "port"))
        case "sleep":
            problems += _validate_sleep(number(action.get("seconds")), where, grace, minor)
    return problems


def validate_port_reference(value: Any, path: str) -> list[Problem]:
    """Return the problems of a port that is given by its number or its name; left out it is zero."""
    if isinstance(value, str):
        return [invalid(path, value, error, remedy=PORT_REMEDY) for error in port_name(value)]
    if value is None or is_number(value):
        return [invalid(path, number(value), error, remedy=PORT_REMEDY) for error in port_number(number(value))]
    return []


def _validate_headers(value: Any, path: str) -> list[Problem]:
    """Return the problems of the names of headers."""
    remedy = "write a name such as X-Header-Name"
    names = [text(header.get("name")) for header, _ in objects(value, path)]
    return [invalid(path, name, error, remedy=remedy) for name in names for error in header_name(name)]


def _validate_sleep(seconds: int, path: str, grace: int, minor: int) -> list[Problem]:
    """Return the problem of a sleep that is longer than the pod has to end."""
    least = 0 if minor >= SLEEP_OF_ZERO_SINCE else 1
    if least <= seconds <= grace:
        return []
    bound = "must be non-negative" if least == 0 else "must be greater than 0"
    detail = f"{bound} and less than terminationGracePeriodSeconds ({grace})"
    return [invalid(path, seconds, detail, remedy=f"sleep at most {grace} seconds, or raise {GRACE} of the pod")]
