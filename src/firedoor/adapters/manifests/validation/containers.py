"""The rules on containers: what each is made of, and what only some kinds of them may have."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.container_ports import validate_ports
from firedoor.adapters.manifests.validation.dropped import KEPT_SINCE
from firedoor.adapters.manifests.validation.environment import validate_env, validate_env_from
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.mounts import Volumes, validate_devices, validate_mounts
from firedoor.adapters.manifests.validation.names import dns_label
from firedoor.adapters.manifests.validation.probes import PROBES, validate_lifecycle, validate_probes
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    duplicate,
    forbidden,
    invalid,
    missing,
    quoted,
)
from firedoor.adapters.manifests.validation.releases import CONTAINER_RESTARTS_SINCE, SIDECARS_SINCE
from firedoor.adapters.manifests.validation.resources import validate_resources
from firedoor.adapters.manifests.validation.security import validate_container_security
from firedoor.adapters.manifests.validation.shapes import mapping, number, objects, part, text

CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
RESTART_POLICIES = ("Always", "Never", "OnFailure")
RESTART_ACTIONS = ("Restart", "RestartAllContainers")
EXIT_OPERATORS = ("In", "NotIn")
DEFAULT_GRACE = 30


@dataclass(frozen=True, slots=True)
class Around:
    """What the rules on a container must know of its pod."""

    spec: dict[str, Any]
    volumes: Volumes
    minor: int
    is_pod: bool

    @property
    def grace(self) -> int:
        """Return how many seconds the pod has to end."""
        seconds = self.spec.get("terminationGracePeriodSeconds")
        return DEFAULT_GRACE if seconds is None else number(seconds)

    @property
    def claims(self) -> frozenset[str] | None:
        """Return the names of the claims of devices of the pod; None where the release drops them."""
        if self.minor < KEPT_SINCE["resourceClaims"]:
            return None
        return frozenset(text(claim.get("name")) for claim, _ in objects(self.spec.get("resourceClaims"), ""))


def all_containers(spec: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every container of a pod spec with its path."""
    for field in CONTAINER_LISTS:
        yield from objects(spec.get(field), child(path, field))


def validate_containers(around: Around, path: str) -> list[Problem]:
    """Return the problems of all containers of a pod."""
    spec, problems = around.spec, _validate_names(around.spec, path)
    for container, place in all_containers(spec, path):
        problems += _validate_container(container, place, around)
    for container, place in objects(spec.get("containers"), child(path, "containers")):
        problems += _validate_running(container, place, around)
        problems += _validate_restart(container, place, around.minor, is_init=False)
    for container, place in objects(spec.get("initContainers"), child(path, "initContainers")):
        if container.get("restartPolicy") == "Always":
            problems += _validate_running(container, place, around)
        else:
            detail = "may not be set for init containers without restartPolicy=Always"
            problems += [
                forbidden(child(place, field), detail, remedy=f"remove {field}, or write restartPolicy: Always")
                for field in ("lifecycle", *PROBES)
                if container.get(field) is not None
            ]
        problems += _validate_restart(container, place, around.minor, is_init=True)
    return problems


def _validate_names(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the names of containers, unique over all lists of a pod."""
    problems, seen = [], set()
    for container, place in all_containers(spec, path):
        name, where = text(container.get("name")), child(place, "name")
        if not name:
            problems.append(missing(where, remedy="give the container a name"))
        elif name in seen:
            problems.append(duplicate(where, name, remedy="give each container of the pod its own name"))
        else:
            problems += validate_name(name, where, dns_label)
        seen.add(name)
    return problems


def _validate_container(container: dict[str, Any], path: str, around: Around) -> list[Problem]:
    """Return the problems of a container other than its name."""
    problems = []
    image, where = text(container.get("image")), child(path, "image")
    if not image:
        problems.append(missing(where, remedy="say which image to run, such as registry.example/app:1.2"))
    elif image != image.strip() and around.is_pod:
        detail = "must not have leading or trailing whitespace"
        problems.append(invalid(where, image, detail, remedy=f"write {quoted(image.strip())}"))
    for field, choices in (("imagePullPolicy", PULL_POLICIES), ("terminationMessagePolicy", MESSAGE_POLICIES)):
        problems += validate_choice(container.get(field), child(path, field), choices)
    problems += validate_ports(container.get("ports"), child(path, "ports"))
    if "env" in container:
        problems += validate_env(container["env"], child(path, "env"), around.minor)
    if "envFrom" in container:
        problems += validate_env_from(container["envFrom"], child(path, "envFrom"), around.minor)
    problems += validate_resources(container.get("resources"), child(path, "resources"), around.claims)
    problems += validate_mounts(container, path, around.volumes)
    if "volumeDevices" in container:
        problems += validate_devices(container, path, around.volumes)
    context, where = part(container, "securityContext"), child(path, "securityContext")
    return problems + (validate_container_security(context, where, around.spec, around.minor) if context else [])


def _validate_running(container: dict[str, Any], path: str, around: Around) -> list[Problem]:
    """Return the problems of what only containers have that keep running."""
    problems = validate_probes(container, path, around.grace, around.minor)
    if container.get("lifecycle") is None:
        return problems
    lifecycle = mapping(container["lifecycle"])
    return problems + validate_lifecycle(lifecycle, child(path, "lifecycle"), around.grace, around.minor)


def _validate_restart(container: dict[str, Any], path: str, minor: int, *, is_init: bool) -> list[Problem]:
    """Return the problems of how a container by itself is started again."""
    if "restartPolicy" not in container and "restartPolicyRules" not in container:
        return []
    policy, where = container.get("restartPolicy"), child(path, "restartPolicy")
    rules = list(objects(container.get("restartPolicyRules"), child(path, "restartPolicyRules")))
    if minor < CONTAINER_RESTARTS_SINCE:
        known = minor >= SIDECARS_SINCE and is_init
        return validate_choice(policy, where, ("Always",), may_be_empty=False) if known else []
    problems = validate_choice(policy, where, RESTART_POLICIES, may_be_empty=False)
    if policy is None and rules:
        detail = "must specify restartPolicy when restart rules are used"
        problems.append(missing(where, detail, remedy="write restartPolicy: Never, or another"))
    for rule, place in rules:
        action = text(rule.get("action"))
        problems += validate_choice(action, child(place, "action"), RESTART_ACTIONS, may_be_empty=False)
        codes, where = rule.get("exitCodes"), child(place, "exitCodes")
        if codes is None:
            problems.append(missing(where, "must be specified", remedy="say for which exit codes the rule is"))
            continue
        operator = text(mapping(codes).get("operator"))
        problems += validate_choice(operator, child(where, "operator"), EXIT_OPERATORS, may_be_empty=False)
    return problems
