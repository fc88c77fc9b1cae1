"""Policies in the form in which they are only observed, where their API has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firedoor.model.decoding import api_group
from firedoor.model.policies import SUPPORTING_KINDS
from firedoor.model.rollout import Manifest, PolicyRef

STAGED = "Staged"
CALICO = "projectcalico.org"
CALICO_VERSION = "projectcalico.org/v3"
_KUBERNETES = ("networking.k8s.io", "NetworkPolicy")
_IN_CALICO = frozenset({"NetworkPolicy", "GlobalNetworkPolicy"})
_REASONS = {
    "policy.networking.k8s.io": (
        "this API has no form that is only observed: a tier comes before or after others and decides all the same, "
        "and action Pass tells nobody what Deny would have done"
    ),
    "cilium.io": (
        "Cilium has no policy that is only observed: its audit mode (policy-audit-mode) is a setting of its agent, "
        "or of one endpoint, and lets through what every other policy there denies too; firedoor does not touch it"
    ),
    "security.istio.io": (
        "what the annotation istio.io/dry-run would do is told in the logs of the proxies alone, which are no flows"
    ),
    "crd.projectcalico.org": ("crd.projectcalico.org is how Calico stores its policies, not how they are staged"),
}
_ELSEWHERE = "leave --observe out; `firedoor preview` replays what was seen against the policies without a change"
_REMEDIES = {
    "cilium.io": (
        "leave --observe out; or turn audit mode on yourself where that may be, apply, import what Hubble tells, "
        "and see what was audited with `firedoor flows query --verdict audited`"
    ),
    "crd.projectcalico.org": f"write the policies as {CALICO_VERSION}",
}


def staged_form(manifest: Manifest) -> Manifest | None:
    """
    Return the object that shows what a policy would do and enforces nothing (``stagedAction: Set``).

    It is of Calico: StagedNetworkPolicy, StagedGlobalNetworkPolicy, and for a NetworkPolicy of Kubernetes
    StagedKubernetesNetworkPolicy. None for a kind that has no such form.
    """
    kind, group = manifest["kind"], api_group(manifest["apiVersion"])
    if (group, kind) == _KUBERNETES:
        staged = "StagedKubernetesNetworkPolicy"
    elif group == CALICO and kind in _IN_CALICO:
        staged = f"{STAGED}{kind}"
    else:
        return None
    metadata = {key: each for key, each in manifest["metadata"].items() if key in {"name", "namespace"}}
    spec = {**(manifest.get("spec") or {}), "stagedAction": "Set"}
    return {"apiVersion": CALICO_VERSION, "kind": staged, "metadata": metadata, "spec": spec}


def decides_nothing(ref: PolicyRef) -> bool:
    """Return whether an object has no say in any connection by itself: what policies refer to, or what is staged."""
    return (api_group(ref.api_version), ref.kind) in SUPPORTING_KINDS


def unobservable(refs: Iterable[PolicyRef]) -> Iterator[tuple[PolicyRef, str, str]]:
    """Yield the policies that no API can show before they are enforced, each with the reason and what to do."""
    for ref in refs:
        group = api_group(ref.api_version)
        if group in _REASONS and not decides_nothing(ref):
            yield ref, _REASONS[group], _REMEDIES.get(group, _ELSEWHERE)
