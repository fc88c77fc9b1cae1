"""Policies in the form in which they are only observed."""

from __future__ import annotations

import pytest

from firedoor.model.rollout import Manifest, PolicyRef
from firedoor.model.rollout_contents import ref_of
from firedoor.model.staging import decides_nothing, staged_form, unobservable
from tests.applying import from_app, policy


def of(version: str, kind: str, **spec: object) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "labels": {"x": "y"}}, "spec": spec}


def test_a_network_policy_is_staged_by_calico_under_its_name() -> None:
    manifest = policy("shop", "web", "web", from_app("db"), team="x")
    assert staged_form(manifest) == {
        "apiVersion": "projectcalico.org/v3",
        "kind": "StagedKubernetesNetworkPolicy",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {**manifest["spec"], "stagedAction": "Set"},
    }


@pytest.mark.parametrize("kind", ["NetworkPolicy", "GlobalNetworkPolicy"])
def test_a_policy_of_calico_is_staged_with_what_it_says(kind: str) -> None:
    found = staged_form(of("projectcalico.org/v3", kind, selector="all()", tier="default", order=7))
    assert found is not None
    assert (found["kind"], found["metadata"]) == (f"Staged{kind}", {"name": "a"})
    assert found["spec"] == {"selector": "all()", "tier": "default", "order": 7, "stagedAction": "Set"}
    assert staged_form({**of("projectcalico.org/v3", kind), "spec": None}) == {
        **found, "spec": {"stagedAction": "Set"}
    }  # fmt: skip


def test_what_policies_refer_to_decides_nothing_and_may_come_with_them() -> None:
    manifests = [
        of("cilium.io/v2alpha1", "CiliumCIDRGroup"),
        of("projectcalico.org/v3", "GlobalNetworkSet"),
        of("projectcalico.org/v3", "StagedNetworkPolicy"),
        of("security.istio.io/v1", "RequestAuthentication"),
    ]
    assert list(unobservable(manifests)) == []
    assert all(decides_nothing(ref_of(each)) for each in manifests)
    assert not decides_nothing(PolicyRef("projectcalico.org/v3", "NetworkPolicy", "shop", "a"))
    assert staged_form(of("projectcalico.org/v3", "GlobalNetworkSet")) is None
