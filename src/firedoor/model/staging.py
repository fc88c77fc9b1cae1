"""Policies in the form in which they are only observed, where their API has one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firedoor.model.decoding import api_group
from firedoor.model.policies import SUPPORTING_KINDS
from firedoor.model.rollout import Manifest, PolicyRef
from firedoor.model.rollout_contents import ref_of
from firedoor.model.staging_in_place import staged_in_place

STAGED = "Staged"
CALICO = "projectcalico.org"
CALICO_VERSION = "projectcalico.org/v3"
_KUBERNETES = ("networking.k8s.io", "NetworkPolicy")
_IN_CALICO = frozenset({"NetworkPolicy", "GlobalNetworkPolicy"})
_REASONS = {
    "policy.networking.k8s.io": (
        "a BaselineAdminNetworkPolicy has no action Pass, without which each of its rules accepts or denies"
    ),
    "security.istio.io": "Istio runs AuthorizationPolicies that allow or deny dry (istio.io/dry-run), and nothing else",
    "crd.projectcalico.org": "crd.projectcalico.org is how Calico stores its policies, not how they are staged",
}
_ELSEWHERE = "leave --observe out; `firedoor preview` replays what was seen against the policies without a change"
_REMEDIES = {
    "policy.networking.k8s.io": (
        "leave --observe out; or write a ClusterNetworkPolicy of v1alpha2 with tier Baseline, which has Pass"
    ),
    "crd.projectcalico.org": f"write the policies as {CALICO_VERSION}",
}


def staged_form(manifest: Manifest) -> Manifest | None:
    """
    Return the object that stands for a policy and enforces nothing; None for one that has no such form.

    Calico has kinds for that (``stagedAction: Set``): StagedNetworkPolicy, StagedGlobalNetworkPolicy, and for a
    NetworkPolicy of Kubernetes StagedKubernetesNetworkPolicy. Others keep their kind and name (`staged_in_place`);
    None for one of them that is in such a form already.
    """
    kind, group = manifest["kind"], api_group(manifest["apiVersion"])
    if (group, kind) == _KUBERNETES:
        staged = "StagedKubernetesNetworkPolicy"
    elif group == CALICO and kind in _IN_CALICO:
        staged = f"{STAGED}{kind}"
    else:
        form = staged_in_place(manifest)
        return None if form == manifest else form
    metadata = {key: each for key, each in manifest["metadata"].items() if key in {"name", "namespace"}}
    spec = {**(manifest.get("spec") or {}), "stagedAction": "Set"}
    return {"apiVersion": CALICO_VERSION, "kind": staged, "metadata": metadata, "spec": spec}


def decides_nothing(ref: PolicyRef) -> bool:
    """Return whether an object has no say in any connection by itself: what policies refer to, or what is staged."""
    return (api_group(ref.api_version), ref.kind) in SUPPORTING_KINDS


def unobservable(manifests: Iterable[Manifest]) -> Iterator[tuple[PolicyRef, str, str]]:
    """Yield the policies that no API can show before they are enforced, each with the reason and what to do."""
    for each in manifests:
        ref, group = ref_of(each), api_group(each["apiVersion"])
        if group in _REASONS and not decides_nothing(ref) and staged_in_place(each) is None:
            yield ref, _REASONS[group], _REMEDIES.get(group, _ELSEWHERE)
