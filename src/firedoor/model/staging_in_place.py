"""
Policies in a form that decides nothing under their own kind and name, for the APIs that have no kind for that.

Whether such a form really changes nothing depends on the other policies of the cluster: the engine has to say so.
"""

from __future__ import annotations

from typing import Any

from firedoor.model.decoding import api_group
from firedoor.model.istio import DRY_RUN_ANNOTATION
from firedoor.model.rollout import Manifest, PolicyRef

CILIUM = "cilium.io"
_CLUSTER = "policy.networking.k8s.io"
_ISTIO = "security.istio.io"
_PASSING = frozenset({"ClusterNetworkPolicy", "AdminNetworkPolicy"})
_OF_CILIUM = frozenset({"CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"})
_DRY = frozenset({"ALLOW", "DENY"})
_DIRECTIONS = ("ingress", "egress")
_PORT_FIELDS = frozenset({"ports"})
_READY = "Ready-In-Zone-"


def is_staged_in_place(ref: PolicyRef) -> bool:
    """Return whether policies of a kind are staged under their own name."""
    group = api_group(ref.api_version)
    return (
        (group == _CLUSTER and ref.kind in _PASSING)
        or (group == CILIUM and ref.kind in _OF_CILIUM)
        or (group == _ISTIO and ref.kind == "AuthorizationPolicy")
    )


def staged_in_place(manifest: Manifest) -> Manifest | None:
    """
    Return an object with the same kind and name that decides nothing by itself; None where that is impossible.

    - ClusterNetworkPolicy and AdminNetworkPolicy: every ``action`` is ``Pass``. Rules about ``domainNames``, which
      may only accept, are left out.
    - Cilium's two kinds: ``enableDefaultDeny`` is false in both directions (Cilium 1.16), and there is no rule that
      denies, asks anything of requests (``toPorts[].rules`` and the like hold all the same) or of ``authentication``.
      Cilium refuses a policy without rules: ``{}``, which matches nothing, takes their place.
    - AuthorizationPolicy that allows or denies: the annotation ``istio.io/dry-run``, which Istio takes for no other.
    """
    group, kind = api_group(manifest["apiVersion"]), manifest["kind"]
    if group == _CLUSTER and kind in _PASSING:
        return {**manifest, "spec": _passing(manifest.get("spec") or {})}
    if group == CILIUM and kind in _OF_CILIUM:
        found = dict(manifest)
        if manifest.get("spec"):
            found["spec"] = _without_effect(manifest["spec"])
        if manifest.get("specs"):
            found["specs"] = [_without_effect(each) for each in manifest["specs"]]
        return found
    if (
        group == _ISTIO
        and kind == "AuthorizationPolicy"
        and (manifest.get("spec") or {}).get("action", "ALLOW") in _DRY
    ):
        metadata = manifest["metadata"]
        annotations = {**(metadata.get("annotations") or {}), DRY_RUN_ANNOTATION: "true"}
        return {**manifest, "metadata": {**metadata, "annotations": annotations}}
    return None


def left_out(manifest: Manifest) -> tuple[str, ...]:
    """Return which rules of a policy its form in place does not have, in words."""
    if api_group(manifest["apiVersion"]) == _CLUSTER:
        spec = manifest.get("spec") or {}
        return ("rules about domain names",) if any(map(_names_domains, spec.get("egress") or ())) else ()
    specs = _specs(manifest) if api_group(manifest["apiVersion"]) == CILIUM else []
    denies = any(spec.get(f"{each}Deny") for spec in specs for each in _DIRECTIONS)
    return (("deny rules",) if denies else ()) + (
        ("rules that ask more than peers and ports",) if any(map(_demands, specs)) else ()
    )


def asks_of_requests(spec: Any, specs: Any = None) -> bool:
    """Return whether a policy of Cilium asks anything beyond peers and ports of what it allows."""
    return any(_demands(each) for each in (spec, *(specs or ())) if isinstance(each, dict))


def why_not_taken(found: Manifest | None) -> str:
    """
    Return why a network plugin has not taken a policy, by what it tells in ``status.conditions``; empty otherwise.

    Cilium tells ``Valid``, OVN-Kubernetes ``Ready-In-Zone-`` with the name of each zone.
    """
    for each in ((found or {}).get("status") or {}).get("conditions") or ():
        name = str(each.get("type", ""))
        if each.get("status") == "False" and (name == "Valid" or name.startswith(_READY)):
            return f"{name} is False: {each.get('message') or each.get('reason') or 'no reason is told'}"
    return ""


def _passing(spec: Manifest) -> Manifest:
    return spec | {
        each: [{**rule, "action": "Pass"} for rule in spec[each] if not _names_domains(rule)]
        for each in _DIRECTIONS
        if spec.get(each)
    }


def _names_domains(rule: Manifest) -> bool:
    return any("domainNames" in peer for peer in rule.get("to") or ())


def _without_effect(spec: Manifest) -> Manifest:
    own = {each for direction in _DIRECTIONS for each in (direction, f"{direction}Deny")}
    found = {key: each for key, each in spec.items() if key not in own}
    for each in _DIRECTIONS:
        rules = spec.get(each) or []
        if rules or spec.get(f"{each}Deny"):
            found[each] = [rule for rule in rules if not _is_demanding(rule)] or [{}]
    return {**found, "enableDefaultDeny": dict.fromkeys(_DIRECTIONS, False)}


def _specs(manifest: Manifest) -> list[Manifest]:
    return [each for each in (manifest.get("spec"), *(manifest.get("specs") or ())) if each]


def _demands(spec: Manifest) -> bool:
    return any(_is_demanding(rule) for each in _DIRECTIONS for rule in spec.get(each) or ())


def _is_demanding(rule: Manifest) -> bool:
    return bool(rule.get("authentication")) or any(each.keys() - _PORT_FIELDS for each in rule.get("toPorts") or ())
