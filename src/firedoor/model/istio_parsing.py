"""
Objects of ``security.istio.io`` into policies.

What the schemas of the custom resources or Istio's validating webhook refuse is
refused here. Fields that no version known here has make the part around them unsure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.algebra.ports import LAST_PORT
from firedoor.model.istio import Action, AuthorizationPolicy, Mode, PeerAuthentication, TargetRef
from firedoor.model.istio_rule_parsing import read_rules
from firedoor.model.istio_values import read_port
from firedoor.model.untyped import Reader, described, either

if TYPE_CHECKING:
    from enum import StrEnum

    from firedoor.model.faults import Fault
    from firedoor.model.policies import PolicyObject

TARGETS = (
    ("", "Service"),
    ("core", "Service"),
    ("networking.istio.io", "ServiceEntry"),
    ("gateway.networking.k8s.io", "Gateway"),
    ("gateway.networking.k8s.io", "GatewayClass"),
)
"""The groups and kinds that a policy may be for; the core group has two names."""

MOST_TARGETS = 16
LONGEST_LABEL_VALUE = 63
LONGEST_TARGET_NAME = 253
_TARGET_FIELDS = ("selector", "targetRef", "targetRefs")


def parse_istio(policy: PolicyObject) -> tuple[AuthorizationPolicy | PeerAuthentication | None, tuple[Fault, ...]]:
    """Return the policy, or None where it is refused, and what is wrong with it; no specification is an empty one."""
    reader = Reader()
    spec = {} if policy.spec is None else policy.spec
    if not reader.is_mapping(spec, "spec"):
        return None, tuple(reader.faults)
    read = _peer_authentication if policy.kind == "PeerAuthentication" else _authorization
    parsed = read(reader, policy, spec)
    return (None if reader.is_refused else parsed), tuple(reader.faults)


def _authorization(reader: Reader, policy: PolicyObject, spec: dict[str, Any]) -> AuthorizationPolicy:
    reader.unknown(spec, (*_TARGET_FIELDS, "action", "rules", "provider"), "spec")
    selector = _selector(reader, spec)
    targets = _targets(reader, spec)
    action = Action(_one_of(reader, spec, "action", "spec", Action) or Action.ALLOW)
    provider = _provider(reader, spec)
    is_unsure = reader.doubts > 0
    rules = read_rules(reader, spec, action, policy.metadata.namespace)
    if action in {Action.DENY, Action.CUSTOM} and rules is None:
        remedy = "write rules: [{}] to match everything, or remove the policy"
        reader.refuse("spec.rules", f"found no rules, without which {action} never happens", remedy)
    if action is Action.CUSTOM and not provider:
        remedy = "write provider.name, a name of the mesh's extensionProviders"
        reader.refuse("spec.provider", "found no provider, and the action CUSTOM needs one", remedy)
    if action is not Action.CUSTOM and spec.get("provider") is not None:
        reason = f"found a provider with the action {action}, expected CUSTOM"
        reader.refuse("spec.provider", reason, "remove it, or write action: CUSTOM")
    return AuthorizationPolicy(
        policy.metadata, action, selector, targets, rules, provider or "", is_unsure, policy.place
    )


def _peer_authentication(reader: Reader, policy: PolicyObject, spec: dict[str, Any]) -> PeerAuthentication:
    reader.unknown(spec, ("selector", "mtls", "portLevelMtls"), "spec")
    selector = _selector(reader, spec)
    mode = _mode(reader, reader.mapping(spec, "mtls", "spec"), "spec.mtls")
    ports = reader.mapping(spec, "portLevelMtls", "spec")
    modes: dict[int, Mode] = {}
    for port, settings in (ports or {}).items():
        where = f"spec.portLevelMtls[{port}]"
        number = read_port(str(port))
        if not number:
            reason = f"found {described(port)}, expected a port from 1 to {LAST_PORT}"
            reader.refuse(where, reason, "write the number of the workload's port")
        elif settings is not None and reader.is_mapping(settings, where):
            modes[number] = _mode(reader, settings, where)
    if ports is not None and all(each is None for each in ports.values()):
        reader.refuse("spec.portLevelMtls", "found no port, expected at least one", "remove the field")
    if ports is not None and not selector:
        remedy = "write selector.matchLabels, or remove portLevelMtls"
        reader.refuse("spec.portLevelMtls", "found ports in a policy that selects no workloads by labels", remedy)
    return PeerAuthentication(policy.metadata, selector, mode, modes, reader.doubts > 0, policy.place)


def _selector(reader: Reader, spec: dict[str, Any]) -> dict[str, str] | None:
    """Return the labels of ``selector``; None where there is none, which selects the same as no labels."""
    selector, path = reader.mapping(spec, "selector", "spec"), "spec.selector"
    if selector is None:
        return None
    reader.unknown(selector, ("matchLabels",), path)
    labels = reader.mapping(selector, "matchLabels", path) or {}
    for key, value in labels.items():
        where = f"{path}.matchLabels[{key}]"
        if value is None or not reader.is_text(value, where):
            continue
        if not key or "*" in str(key):
            reader.refuse(where, f"found {described(key)}, expected the key of a label without *", "write a whole key")
        if "*" in value or len(value) > LONGEST_LABEL_VALUE:
            reason = f"found {described(value)}, expected the value of a label without *"
            reader.refuse(where, reason, f"write a whole value of at most {LONGEST_LABEL_VALUE} characters")
    return {str(key): value for key, value in labels.items() if isinstance(value, str)}


def _targets(reader: Reader, spec: dict[str, Any]) -> tuple[TargetRef, ...]:
    """Return what ``targetRef`` and ``targetRefs`` name; a policy has one of them or a selector."""
    given = [each for each in _TARGET_FIELDS if spec.get(each) is not None]
    if len(given) > 1:
        reason = f"found {' and '.join(given)}, of which a policy has one"
        reader.refuse("spec", reason, "write one policy for each of them")
    found = reader.mappings(spec, "targetRefs", "spec", (0, MOST_TARGETS))
    single = reader.mapping(spec, "targetRef", "spec")
    if single is not None:
        found.append((single, "spec.targetRef"))
    return tuple(_target(reader, *each) for each in found)


def _target(reader: Reader, target: dict[str, Any], path: str) -> TargetRef:
    reader.unknown(target, ("group", "kind", "name", "namespace"), path)
    for field in ("kind", "name"):
        reader.required(target, field, path, "name what the policy is for, such as a Gateway")
    group, kind, name, namespace = (reader.text(target, each, path) for each in ("group", "kind", "name", "namespace"))
    if namespace:
        reason = f"found {described(namespace)}, and a target is in the policy's own namespace"
        reader.refuse(f"{path}.namespace", reason, "remove it, or write the policy into that namespace")
    if name is not None and not 0 < len(name) <= LONGEST_TARGET_NAME:
        reader.refuse(f"{path}.name", f"found {described(name)}, expected a name", "write the name of the target")
    if kind is not None and (group or "", kind) not in TARGETS:
        wanted = either(
            [f"{each} of {in_group}" if in_group else each for in_group, each in TARGETS if in_group != "core"]
        )
        reader.refuse(path, f"found the kind {kind} of {group or 'the core group'}, expected {wanted}")
    return TargetRef(group or "", kind or "", name or "")


def _provider(reader: Reader, spec: dict[str, Any]) -> str | None:
    provider = reader.mapping(spec, "provider", "spec")
    if provider is None:
        return None
    reader.unknown(provider, ("name",), "spec.provider")
    return reader.text(provider, "name", "spec.provider")


def _mode(reader: Reader, settings: dict[str, Any] | None, path: str) -> Mode:
    if settings is None:
        return Mode.UNSET
    reader.unknown(settings, ("mode",), path)
    return Mode(_one_of(reader, settings, "mode", path, Mode) or Mode.UNSET)


def _one_of(reader: Reader, parent: dict[str, Any], key: str, path: str, words: type[StrEnum]) -> str | None:
    value = reader.text(parent, key, path)
    if value is not None and value not in tuple(words):
        reader.refuse(
            f"{path}.{key}", f"found {described(value)}, expected {either(tuple(words))}", "write one of them"
        )
        return None
    return value
