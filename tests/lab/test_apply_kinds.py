"""The policy APIs besides NetworkPolicy on a real API server, and the permissions that apply needs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from lab.control_plane import ControlPlane

from firedoor.model.rollout_contents import content
from tests.applying import from_app, policy, written
from tests.lab.api import Api, Manifest, as_token_of
from tests.lab.applying import A, B, apply, clear, populate, run, served, state

PAGES = [Path(__file__).parents[2] / "docs/howto" / name for name in ("apply.md", "live-cluster.md")]
ADMIN: Manifest = {
    "apiVersion": "policy.networking.k8s.io/v1alpha1",
    "kind": "AdminNetworkPolicy",
    "metadata": {"name": "quiet"},
    "spec": {
        "priority": 7,
        "subject": {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": A}}},
        "ingress": [{"name": "none", "action": "Deny", "from": [{"namespaces": {}}]}],
    },
}
CILIUM: Manifest = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "web", "namespace": B},
    "spec": {"endpointSelector": {"matchLabels": {"app": "web"}}, "ingress": [{"fromEndpoints": [{}]}]},
}


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def cluster(api: Api) -> Iterator[Api]:
    populate(api)
    yield api
    clear(api)


@pytest.fixture
def custom(cluster: Api) -> Iterator[Api]:
    """Return the server with the kinds of two more policy APIs, and remove them afterwards."""
    with served(cluster, (ADMIN, "adminnetworkpolicies"), (CILIUM, "ciliumnetworkpolicies")):
        yield cluster


def test_other_policy_apis_are_written_and_what_is_cluster_wide_comes_last(
    custom: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    admins, ciliums = "/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies", "/apis/cilium.io/v2"
    before = {**CILIUM, "spec": {"endpointSelector": {}, "ingress": [{"fromEndpoints": [{"matchLabels": {"a": "b"}}]}]}}
    path = f"{ciliums}/namespaces/{B}/ciliumnetworkpolicies"
    assert custom.send("POST", f"{path}?fieldManager=kubectl", before)[0] == 201
    old = custom.send("GET", f"{path}/web")[1]
    written(tmp_path / "policies", ADMIN, CILIUM, policy(A, "deny"))
    code, document = apply(kubeconfig, tmp_path, "--force-conflicts")
    assert (code, document["outcome"]) == (0, "applied")
    assert [each["namespace"] for each in document["waves"]] == [A, B, ""]
    assert custom.send("GET", f"{admins}/quiet")[1]["spec"] == ADMIN["spec"]
    assert apply(kubeconfig, tmp_path)[1]["outcome"] == "unchanged"
    assert run("rollback", kubeconfig).code == 0
    new = custom.send("GET", f"{path}/web")[1]
    assert json.dumps(content(new)) == json.dumps(content(old))
    assert new["metadata"]["managedFields"] == old["metadata"]["managedFields"]
    assert custom.send("GET", f"{admins}/quiet")[0] == 404


def test_the_permissions_of_the_pages_are_enough(
    cluster: Api, plane: ControlPlane, kubeconfig: Path, tmp_path: Path
) -> None:
    roles = [yaml.safe_load(re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)[0]) for page in PAGES]
    account = {"kind": "ServiceAccount", "name": "applying", "namespace": A}
    cluster.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    for role in roles:
        name = {"name": f"apply-{role['metadata']['name']}"}
        cluster.create({**role, "metadata": name})
        binding = {"apiVersion": role["apiVersion"], "kind": "ClusterRoleBinding", "metadata": name}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", **name}
        cluster.create({**binding, "subjects": [account], "roleRef": reference})
    own = as_token_of(plane.kubeconfig, cluster.token(A, "applying"), tmp_path / "own")
    cluster.create(policy(A, "web", "web", from_app("db"), team="x"))
    before = state(cluster)
    bridged = [policy(B, "one", "web", from_app("db")), policy(B, "two", "web", from_app("x"))]
    written(tmp_path / "policies", policy(A, "web", "web", from_app("x")), *bridged)
    code, document = apply(own, tmp_path, "--force-conflicts")
    assert (code, document["outcome"]) == (0, "applied")
    written(tmp_path / "policies", *bridged)
    assert apply(own, tmp_path, "--prune")[1]["outcome"] == "applied"
    assert run("rollback", own).code == run("rollback", own).code == 0
    assert state(cluster) == before
    for kind in ("clusterrolebindings", "clusterroles"):
        for role in roles:
            cluster.delete(f"/apis/{role['apiVersion']}/{kind}/apply-{role['metadata']['name']}")
