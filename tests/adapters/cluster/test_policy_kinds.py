"""Every kind that a policy API may hold is listed, kept in saved snapshots, and missed where it cannot be listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.adapters.store import load, save
from firedoor.model.places import GapKind, Scope
from tests.adapters.cluster.worlds import gaps_of, read, small_cluster
from tests.fake_api_server import CLUSTER_SCOPED, FakeAPIServer, Fault, Manifest

CALICO = (
    "NetworkPolicy",
    "GlobalNetworkPolicy",
    "Tier",
    "NetworkSet",
    "GlobalNetworkSet",
    "HostEndpoint",
    "StagedNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
)
SERVED = {
    "projectcalico.org/v3": (*CALICO, "Profile"),
    "cilium.io/v2": ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"),
    "cilium.io/v2alpha1": ("CiliumCIDRGroup",),
    "security.istio.io/v1": ("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication"),
    "policy.networking.k8s.io/v1alpha2": ("ClusterNetworkPolicy",),
    "policy.networking.k8s.io/v1alpha1": ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy"),
    "k8s.cni.cncf.io/v1beta1": ("MultiNetworkPolicy",),
    "k8s.cni.cncf.io/v1": ("NetworkAttachmentDefinition",),
}
STORED = {"crd.projectcalico.org/v1": CALICO}


def _objects(served: dict[str, tuple[str, ...]]) -> list[Manifest]:
    return [
        {
            "apiVersion": version,
            "kind": kind,
            "metadata": {"name": "one"} if kind in CLUSTER_SCOPED else {"name": "one", "namespace": "shop"},
            "spec": {"kept": [1, "two"]},
        }
        for version, kinds in served.items()
        for kind in kinds
    ]


@pytest.mark.parametrize("served", [SERVED, STORED], ids=["served", "stored"])
def test_all_kinds_are_read_with_their_specifications_and_saved(
    served: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    with FakeAPIServer([*small_cluster(), *_objects(served)]) as server:
        snapshot = read(server, tmp_path)
    found = {(each.api_version, each.kind): each.spec for each in snapshot.policy_objects}
    assert found == {(version, kind): {"kept": [1, "two"]} for version, kinds in served.items() for kind in kinds}
    save(snapshot, tmp_path / "saved")
    assert load(tmp_path / "saved") == snapshot


@pytest.mark.parametrize(
    ("version", "kind", "plural"),
    [
        ("projectcalico.org/v3", "GlobalNetworkSet", "globalnetworksets"),
        ("projectcalico.org/v3", "NetworkSet", "networksets"),
        ("projectcalico.org/v3", "HostEndpoint", "hostendpoints"),
        ("crd.projectcalico.org/v1", "GlobalNetworkSet", "globalnetworksets"),
        ("cilium.io/v2", "CiliumCIDRGroup", "ciliumcidrgroups"),
    ],
)
def test_addresses_that_policies_select_and_that_cannot_be_listed_leave_all_pods_unknown(
    version: str, kind: str, plural: str, tmp_path: Path
) -> None:
    with FakeAPIServer([*small_cluster(), *_objects({version: (kind,)})]) as server:
        server.fail(f"/{plural}", Fault(status=403))
        (gap,) = gaps_of(read(server, tmp_path), GapKind.FORBIDDEN)
    assert gap.scope == Scope()
    assert "policies may select the addresses" in gap.reason
    assert f'resources: ["{plural}"], verbs: ["get", "list"]' in gap.remedy


@pytest.mark.parametrize(("kind", "plural"), [("Tier", "tiers"), ("StagedNetworkPolicy", "stagednetworkpolicies")])
def test_tiers_and_staged_policies_that_cannot_be_listed_are_gaps_that_reach_no_pod(
    kind: str, plural: str, tmp_path: Path
) -> None:
    with FakeAPIServer([*small_cluster(), *_objects({"projectcalico.org/v3": (kind,)})]) as server:
        server.fail(f"/{plural}", Fault(status=403))
        (gap,) = gaps_of(read(server, tmp_path), GapKind.FORBIDDEN)
    assert gap.scope is None


def test_a_set_of_addresses_that_cannot_be_read_leaves_all_pods_unknown(tmp_path: Path) -> None:
    broken = {"apiVersion": "projectcalico.org/v3", "kind": "NetworkSet", "metadata": {"name": 7, "namespace": "shop"}}
    with FakeAPIServer([*small_cluster(), broken]) as server:
        gaps = read(server, tmp_path).gaps
    assert [(each.scope, "policies may select the addresses" in each.reason) for each in gaps] == [(Scope(), True)]
