"""The rules on the security settings of pods and of containers (``securityContext``)."""

import re
from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_between, validate_choice
from firedoor.adapters.manifests.validation.dropped import kept
from firedoor.adapters.manifests.validation.paths import validate_descending
from firedoor.adapters.manifests.validation.problems import Problem, child, duplicate, invalid, item, missing
from firedoor.adapters.manifests.validation.shapes import elements, mapping, objects, part, text

LARGEST_ID = 2**31 - 1
LONGEST_PROFILE = 4095
PROFILES = ("Localhost", "RuntimeDefault", "Unconfined")
PROC_MOUNTS = ("Default", "Unmasked")
OWNER_CHANGES = ("Always", "OnRootMismatch")
GROUP_POLICIES = ("Merge", "Strict")
LABEL_CHANGES = ("MountOption", "Recursive")
SYSCTL_SEGMENT = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
SYSCTL = rf"({SYSCTL_SEGMENT}[\./])*{SYSCTL_SEGMENT}"
SYSCTL_LENGTH = 253
OF_IPC = ("kernel.shm", "kernel.msg", "fs.mqueue.")


def validate_pod_security(spec: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the security settings of a whole pod."""
    context, where = kept(part(spec, "securityContext"), minor), child(path, "securityContext")
    problems = _validate_ids(context, where, ("fsGroup", "runAsUser", "runAsGroup"))
    groups = child(where, "supplementalGroups")
    for index, group in enumerate(elements(context.get("supplementalGroups"))):
        problems += validate_between(group, item(groups, index), 0, LARGEST_ID)
    if spec.get("shareProcessNamespace") is True and spec.get("hostPID") is True:
        detail = "ShareProcessNamespace and HostPID cannot both be enabled"
        remedy = "keep one of the two"
        problems.append(invalid(child(where, "shareProcessNamespace"), value=True, detail=detail, remedy=remedy))
    problems += _validate_sysctls(context.get("sysctls"), child(where, "sysctls"), spec)
    for field, choices in (
        ("fsGroupChangePolicy", OWNER_CHANGES),
        ("supplementalGroupsPolicy", GROUP_POLICIES),
        ("seLinuxChangePolicy", LABEL_CHANGES),
    ):
        problems += validate_choice(context.get(field), child(where, field), choices, may_be_empty=False)
    return problems + _validate_profiles(context, where)


def validate_container_security(context: dict[str, Any], path: str, spec: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of the security settings of a container; the spec of its pod is given."""
    context = kept(context, minor)
    problems = _validate_ids(context, path, ("runAsUser", "runAsGroup")) + _validate_profiles(context, path)
    mount, where = context.get("procMount"), child(path, "procMount")
    problems += validate_choice(mount, where, PROC_MOUNTS, may_be_empty=False)
    if mount == "Unmasked" and spec.get("hostUsers") is not False:
        detail = "`hostUsers` must be false to use `Unmasked`"
        problems.append(invalid(where, mount, detail, remedy="write hostUsers: false in the spec of the pod"))
    if context.get("allowPrivilegeEscalation") is False:
        added = elements(part(context, "capabilities").get("add"))
        details = ["`privileged` to true"] if context.get("privileged") is True else []
        details += ["`capabilities.Add` CAP_SYS_ADMIN" for capability in added if capability == "CAP_SYS_ADMIN"]
        remedy = "remove allowPrivilegeEscalation: false, or the privilege"
        problems += [
            invalid(path, context, f"cannot set `allowPrivilegeEscalation` to false and {detail}", remedy=remedy)
            for detail in details
        ]
    return problems


def _validate_ids(context: dict[str, Any], path: str, fields: tuple[str, ...]) -> list[Problem]:
    """Return the problems of the numbers of users and groups."""
    return [
        problem
        for field in fields
        for problem in validate_between(context.get(field), child(path, field), 0, LARGEST_ID)
    ]


def _validate_profiles(context: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the profiles of seccomp and AppArmor."""
    problems = []
    for field, name in (("seccompProfile", "seccomp"), ("appArmorProfile", "AppArmor")):
        if context.get(field) is None:
            continue
        profile, where = mapping(context[field]), child(path, field)
        kind = text(profile.get("type"))
        if not kind:
            detail = f"type is required when {field} is set"
            problems.append(missing(child(where, "type"), detail, remedy=f"use one of {', '.join(PROFILES)}"))
        problems += validate_choice(kind, child(where, "type"), PROFILES)
        problems += _validate_localhost(profile, child(where, "localhostProfile"), name)
    return problems


def _validate_localhost(profile: dict[str, Any], path: str, name: str) -> list[Problem]:
    """Return the problems of the name of a profile on the node, which only the type Localhost has."""
    value, kind = profile.get("localhostProfile"), text(profile.get("type"))
    is_app_armor = name == "AppArmor"
    if kind != "Localhost":
        # The server says nothing of it where the type of an AppArmor profile is wrong as well.
        if value is None or (is_app_armor and kind not in PROFILES):
            return []
        detail = f"can only be set when {name} type is Localhost"
        return [invalid(path, value, detail, remedy="remove it, or write type: Localhost")]
    if value is None or (is_app_armor and value == ""):
        remedy = "name the profile on the node"
        return [missing(path, f"must be set when {name} type is Localhost", remedy=remedy)]
    if not is_app_armor:
        return validate_descending(text(value), path)
    if text(value) != text(value).strip():
        detail = "must not be padded with whitespace"
        return [invalid(path, value, detail, remedy="remove the spaces around the name")]
    if len(text(value).encode(errors="surrogatepass")) > LONGEST_PROFILE:
        return [invalid(path, "", f"must have at most {LONGEST_PROFILE} bytes", remedy="shorten the name")]
    return []


def _validate_sysctls(value: Any, path: str, spec: dict[str, Any]) -> list[Problem]:
    """Return the problems of settings of the kernel: each once, and none of a namespace that is the node's."""
    problems, seen = [], set()
    for setting, place in objects(value, path):
        name, where = text(setting.get("name")), child(place, "name")
        if not name:
            problems.append(missing(where, remedy="name the setting, such as net.core.somaxconn"))
        elif len(name) > SYSCTL_LENGTH or not re.fullmatch(SYSCTL, name, re.ASCII):
            detail = f"must have at most {SYSCTL_LENGTH} characters and match regex ^{SYSCTL}$"
            problems.append(invalid(where, name, detail, remedy="name a setting such as net.core.somaxconn"))
        elif name in seen:
            problems.append(duplicate(where, name, remedy="set each name once"))
        dotted = name.replace("/", ".")
        for field, prefixes in (("hostNetwork", ("net.",)), ("hostIPC", OF_IPC)):
            if spec.get(field) is True and dotted.startswith(prefixes):
                detail = f"may not be specified when '{field}' is true"
                problems.append(invalid(where, name, detail, remedy=f"remove the setting, or {field}"))
        seen.add(name)
    return problems
