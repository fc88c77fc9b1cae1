"""Objects of Calico's API become structures, or a list of what the API refuses in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from firedoor.model.calico import DEFAULT_TIER, CalicoPolicy
from firedoor.model.calico_fields import LABEL_NAME, CalicoReader
from firedoor.model.calico_rules import RuleScope, read_rules
from firedoor.model.calico_selectors import All
from firedoor.model.calico_staging import refuse_remains, staged_action, staged_kubernetes_policy
from firedoor.model.calico_stored import api_metadata, tier_of_stored_name
from firedoor.model.calico_support import host_endpoint, network_set, tier
from firedoor.model.networkpolicy import Direction
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.calico import CalicoObject
    from firedoor.model.faults import Fault
    from firedoor.model.policies import PolicyObject

STORED_GROUP = "crd.projectcalico.org"
"""The group of the objects as Calico stores them in a cluster that has its own API server for ``projectcalico.org``."""

_VERSIONS = {"projectcalico.org": "projectcalico.org/v3", STORED_GROUP: f"{STORED_GROUP}/v1"}
_TYPES = ("Ingress", "Egress")
_HINTS = ("AssumeNeededOnEveryNode",)
_FIELDS = (
    "tier",
    "order",
    "ingress",
    "egress",
    "selector",
    "types",
    "serviceAccountSelector",
    "performanceHints",
)
_GLOBAL_FIELDS = ("doNotTrack", "preDNAT", "applyOnForward", "namespaceSelector")
_GLOBAL_NAME = re.compile(rf"({LABEL_NAME}\.)?{LABEL_NAME}")
_NAME = re.compile(rf"{_GLOBAL_NAME.pattern}|(knp|ossg)\.default\.{LABEL_NAME}(\.{LABEL_NAME})*")


def parse_calico(policy: PolicyObject) -> tuple[CalicoObject | None, tuple[Fault, ...]]:
    """
    Return what an object of Calico's API means, and everything that is wrong with it.

    There is no meaning (None) as soon as some fault rejects the object. Any object
    may be given, whatever its specification holds. What Calico stores
    (``crd.projectcalico.org``) becomes the object of ``projectcalico.org`` that it
    stands for, with that object's name and labels.
    """
    group = policy.api_version.rpartition("/")[0]
    reader = CalicoReader(is_stored=group == STORED_GROUP)
    if policy.api_version not in _VERSIONS.values():
        expected = _VERSIONS.get(group) or either(tuple(_VERSIONS.values()))
        reader.refuse("apiVersion", f"found {described(policy.api_version)}, expected {expected}")
        return None, tuple(reader.faults)
    read = _READERS.get(policy.kind)
    if read is None:
        reader.doubt("kind", f"what the kind {policy.kind} means is not evaluated")
        return None, tuple(reader.faults)
    spec = {} if policy.spec is None else policy.spec
    if not reader.is_mapping(spec, "spec"):
        return None, tuple(reader.faults)
    result = read(reader, policy, spec)
    return None if reader.is_refused else result, tuple(reader.faults)


def asks_for_accounts(policy: PolicyObject) -> bool:
    """Return whether an enforced policy, as it is written, selects by labels of service accounts."""
    is_enforced = policy.group in _VERSIONS and not policy.kind.startswith("Staged")
    return is_enforced and _asks_for_accounts(policy.spec)


def _asks_for_accounts(part: Any) -> bool:
    match part:
        case {"serviceAccountSelector": str(written)} if written:
            return True
        case {"serviceAccounts": {"selector": str(written)}} if written:
            return True
        case dict():
            return any(map(_asks_for_accounts, part.values()))
        case list():
            return any(map(_asks_for_accounts, part))
        case _:
            return isinstance(part, str) and "pcsa." in part


def _policy(reader: CalicoReader, policy: PolicyObject, spec: dict[str, Any]) -> CalicoPolicy:
    metadata = api_metadata(reader, policy.metadata)
    is_global, is_staged = "Global" in policy.kind, policy.kind.startswith("Staged")
    fields = (*_FIELDS, *(_GLOBAL_FIELDS if is_global else ()), *(("stagedAction",) if is_staged else ()))
    reader.unknown(spec, fields, "spec")
    _check_name(reader, metadata.name, is_global=is_global)
    in_tier = _tier_name(reader, spec, metadata.name, policy.metadata.name)
    for key in ("selector", "serviceAccountSelector", *(("namespaceSelector",) if is_global else ())):
        reader.forbid_global(spec, key, "spec")
    for hint, path in reader.texts(spec, "performanceHints", "spec"):
        if hint not in _HINTS:
            reader.refuse(path, f"found {described(hint)}, expected {either(_HINTS)}")
    action = staged_action(reader, spec) if is_staged else ""
    if action == "Delete":
        refuse_remains(reader, spec, ("stagedAction", "tier"))
    is_unsure = reader.doubts > 0
    namespace = "" if is_global else metadata.namespace
    ingress = read_rules(reader, spec, RuleScope(namespace, Direction.INGRESS))
    egress = read_rules(reader, spec, RuleScope(namespace, Direction.EGRESS))
    types = _types(reader, spec, has_ingress=bool(ingress), has_egress=bool(egress))
    read = CalicoPolicy(
        kind=policy.kind,
        metadata=metadata,
        place=policy.place,
        tier=in_tier,
        order=reader.order(spec, "spec"),
        selector=reader.expression(spec, "selector", "spec") or All(),
        namespace_selector=reader.expression(spec, "namespaceSelector", "spec") if is_global else None,
        service_account_selector=reader.expression(spec, "serviceAccountSelector", "spec"),
        decides_ingress="Ingress" in types,
        decides_egress="Egress" in types,
        ingress=ingress,
        egress=egress,
        do_not_track=is_global and reader.flag(spec, "doNotTrack", "spec"),
        pre_dnat=is_global and reader.flag(spec, "preDNAT", "spec"),
        apply_on_forward=is_global and reader.flag(spec, "applyOnForward", "spec"),
        staged=is_staged,
        staged_action=action,
        unsure=is_unsure,
    )
    _check_host_options(reader, read, types)
    return read


def _check_name(reader: CalicoReader, name: str, *, is_global: bool) -> None:
    pattern = _GLOBAL_NAME if is_global else _NAME
    if name and not reader.is_stored and not pattern.fullmatch(name):
        remedy = "use lower-case letters, digits and '-', and at most one '.'"
        reader.refuse("metadata.name", f"found {described(name)}, expected the name of a policy", remedy)


def _tier_name(reader: CalicoReader, spec: dict[str, Any], name: str, stored_name: str) -> str:
    """
    Return the tier: ``spec.tier``, or the default one.

    Older versions of Calico take the tier of a stored policy from its name. A stored
    policy that also keeps its name in the API was written by one that does not.
    """
    written = reader.name(spec, "tier", "spec") or DEFAULT_TIER
    if reader.is_stored and name == stored_name and tier_of_stored_name(name) != written:
        reason = f"the policy is named {name}, which belongs to tier {tier_of_stored_name(name)} in older versions"
        reader.doubt("spec.tier", f"found tier {written}, and {reason}", f"name the policy {written}.something")
    return written


def _types(reader: CalicoReader, spec: dict[str, Any], *, has_ingress: bool, has_egress: bool) -> tuple[str, ...]:
    """Return ``types``; left out, it is what there are rules for, and ingress where there are none."""
    found = reader.texts(spec, "types", "spec")
    for text, path in found:
        if text not in _TYPES:
            reader.refuse(path, f"found {described(text)}, expected {either(_TYPES)}")
    types = tuple(text for text, _ in found)
    if len(set(types)) != len(types):
        reader.refuse("spec.types", "found a type twice, expected each once", "remove one of them")
    if types:
        return types
    return tuple(
        name for name, counts in zip(_TYPES, (has_ingress or not has_egress, has_egress), strict=True) if counts
    )


def _check_host_options(reader: CalicoReader, policy: CalicoPolicy, types: tuple[str, ...]) -> None:
    if policy.do_not_track and policy.pre_dnat:
        reader.refuse("spec.preDNAT", "found preDNAT and doNotTrack, expected one of them", "set one of them to false")
    if policy.pre_dnat and policy.egress:
        reader.refuse("spec.egress", "found egress rules in a preDNAT policy, expected none", "remove them")
    elif policy.pre_dnat and "Egress" in types:
        reader.refuse("spec.types", "found Egress in a preDNAT policy, expected Ingress only", "remove it")
    if policy.hosts_only and not policy.apply_on_forward:
        name = "preDNAT" if policy.pre_dnat else "doNotTrack"
        reader.refuse("spec.applyOnForward", f"found {name} without applyOnForward", "set applyOnForward to true")


_READERS: dict[str, Callable[[CalicoReader, PolicyObject, dict[str, Any]], CalicoObject]] = {
    "NetworkPolicy": _policy,
    "GlobalNetworkPolicy": _policy,
    "StagedNetworkPolicy": _policy,
    "StagedGlobalNetworkPolicy": _policy,
    "StagedKubernetesNetworkPolicy": staged_kubernetes_policy,
    "Tier": tier,
    "NetworkSet": network_set,
    "GlobalNetworkSet": network_set,
    "HostEndpoint": host_endpoint,
}
