"""Policies that are staged under their own names, on a real API server that has their kinds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firedoor.bootstrap import open_journals
from firedoor.model.rollout_contents import content
from tests.applying import Started, written
from tests.cli.test_apply_denied import bring
from tests.lab.api import Api, Manifest
from tests.lab.applying import A, B, apply, clear, populate, run, served
from tests.lab.proxy import Proxy
from tests.lab.test_apply_observed import LATER, SEEN, options

WEB: Manifest = {
    "apiVersion": "cilium.io/v2",
    "kind": "CiliumNetworkPolicy",
    "metadata": {"name": "web", "namespace": A},
    "spec": {
        "endpointSelector": {"matchLabels": {"app": "web"}},
        "ingress": [{"fromEndpoints": [{"matchLabels": {"app": "db"}}]}],
        "ingressDeny": [{"fromEntities": ["world"]}],
    },
}
DENY: Manifest = {
    "apiVersion": "policy.networking.k8s.io/v1alpha2",
    "kind": "ClusterNetworkPolicy",
    "metadata": {"name": "deny"},
    "spec": {
        "tier": "Admin",
        "priority": 5,
        "subject": {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": A}}},
        "ingress": [{"action": "Deny", "from": [{"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": B}}}]}],
    },
}
DRY: Manifest = {
    "apiVersion": "security.istio.io/v1",
    "kind": "AuthorizationPolicy",
    "metadata": {"name": "dry", "namespace": B},
    "spec": {"action": "DENY", "rules": [{"from": [{"source": {"namespaces": ["elsewhere"]}}]}]},
}
PLURALS = ("ciliumnetworkpolicies", "clusternetworkpolicies", "authorizationpolicies")
ALL = (WEB, DENY, DRY)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def kinds(api: Api) -> Iterator[Api]:
    """Make the server have the three kinds."""
    flags = {"type": "object", "properties": {each: {"type": "boolean"} for each in ("ingress", "egress")}}
    with served(api, *zip(ALL, PLURALS, strict=True), known={"enableDefaultDeny": flags}):
        yield api


@pytest.fixture
def cluster(kinds: Api) -> Iterator[Api]:
    populate(kinds)
    yield kinds
    clear(kinds)
    for each in paths():
        assert kinds.send("DELETE", each)[0] == 200


def paths() -> Iterator[str]:
    for each, plural in zip(ALL, PLURALS, strict=True):
        within = f"/namespaces/{each['metadata']['namespace']}" if "namespace" in each["metadata"] else ""
        yield f"/apis/{each['apiVersion']}{within}/{plural}"


def there(api: Api) -> dict[str, Any]:
    """Return what people write of the policies, by name."""
    items = (item for each in paths() for item in api.send("GET", each)[1]["items"])
    return {each["metadata"]["name"]: content(each) for each in items}


def in_force(api: Api) -> dict[str, Any]:
    return {name: each["spec"] for name, each in there(api).items()}


SPECS = {each["metadata"]["name"]: each["spec"] for each in ALL}


def test_the_policies_take_the_place_of_what_was_staged(cluster: Api, kubeconfig: Path, tmp_path: Path) -> None:
    bring(tmp_path, *SEEN, LATER)
    written(tmp_path / "policies", *ALL)
    shown: list[dict[str, Any]] = []
    with Proxy(kubeconfig) as proxy:
        proxy.after_write = lambda number: shown.append(there(cluster)) if number == len(ALL) else None
        through = Path(proxy.kubeconfig(tmp_path / "config"))
        code, document = apply(through, tmp_path, *options(tmp_path))
        assert (code, document["outcome"]) == (0, "applied")
        (staged,) = shown
        assert staged["web"]["spec"] == {
            "endpointSelector": WEB["spec"]["endpointSelector"],
            "ingress": WEB["spec"]["ingress"],
            "enableDefaultDeny": {"ingress": False, "egress": False},
        }
        assert [each["action"] for each in staged["deny"]["spec"]["ingress"]] == ["Pass"]
        assert staged["dry"]["metadata"]["annotations"]["istio.io/dry-run"] == "true"
        assert in_force(cluster) == SPECS
        assert sorted(there(cluster)["dry"]["metadata"]["annotations"]) == ["firedoor.dev/apply"]
        assert run("rollback", through).code == 0
    assert there(cluster) == {}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("number", "after", "verb"), [(2, True, "rollback"), (4, False, "resume")])
def test_a_process_that_is_killed_between_leaves_what_can_be_finished_and_taken_back(
    cluster: Api, kubeconfig: Path, tmp_path: Path, number: int, after: bool, verb: str
) -> None:
    old = {**DENY, "spec": {**DENY["spec"], "priority": 7}}
    assert cluster.send("POST", list(paths())[1], old)[0] == 201
    before = there(cluster)
    bring(tmp_path, *SEEN, LATER)
    folder = written(tmp_path / "policies", *ALL)
    with Proxy(kubeconfig) as proxy:
        through = Path(proxy.kubeconfig(tmp_path / "config"))
        started: list[Started] = []
        kill = lambda count: Started.end(started, after=after) if count == number else None  # noqa: E731
        setattr(proxy, "after_write" if after else "before_write", kill)
        how = ("--kubeconfig", str(through), "--yes", "--force-conflicts", *options(tmp_path))
        started.append(Started("apply", folder, *how))
        assert started[0].wait()[0] == -9
        proxy.before_write = proxy.after_write = lambda _number: None
        if verb == "resume":
            ran = run("apply", through, "--resume", open_journals().records()[-1].begin.id)
            assert ran.code == 0, json.dumps([ran.out, ran.err])
            assert in_force(cluster) == SPECS
        assert run("rollback", through).code == 0
    assert there(cluster) == before
